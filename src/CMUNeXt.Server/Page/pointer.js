// @ts-check
// What a mouse, a pen and fingers do on the image.

import { listen } from "./gestures.js";
import { cancel, drag, hand, holdOther, isWorking, press, release, resizeBrush, shownTool } from "./hand.js";
import { draw, session } from "./session.js";
import { drawStroke, stage } from "./stage.js";
import { TOOLS } from "./tools.js";

// A finger works the tool until there is a pen; from then on fingers only pan and pinch.
let hasPen = false;

// A touchpad sends many small turns for a notch of a wheel. Some browsers count lines.
/** @param {WheelEvent} event */
function notchesOf({ deltaMode, deltaY }) {
  return deltaY / (deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 100 : 3);
}

export function startPointer() {
  const { view } = session;
  listen(stage, {
    usesTool(event) {
      hasPen ||= event.pointerType === "pen";
      return event.button !== 1 && !(hasPen && event.pointerType === "touch") && shownTool() !== "pan" && session.segmented !== null;
    },
    press(x, y, event) {
      holdOther(event.ctrlKey || event.altKey || event.metaKey || event.button === 2);
      press(view.toImage(x, y));
      drawStroke();
    },
    drag(x, y) {
      drag(view.toImage(x, y));
      drawStroke();
    },
    release(event) {
      release();
      // The right button stands for the other tool only while it is down.
      holdOther(event.ctrlKey || event.altKey);
    },
    cancel,
    hover(x, y) {
      hand.cursor = view.toImage(x, y);
      hand.isKeyboard = false;
      draw();
    },
    leave() {
      hand.cursor = isWorking() ? hand.cursor : null;
      draw();
    },
    pan(dx, dy) {
      view.pan(dx, dy);
      draw();
    },
    zoom(factor, x, y) {
      view.zoomAt(factor, x, y);
      draw();
    },
    wheel(event, x, y) {
      const factor = 1.15 ** -notchesOf(event);
      if (event.altKey && TOOLS[shownTool()].hasSize) {
        // Alt is held for the wheel, not for the other tool.
        holdOther(false);
        resizeBrush(factor);
      } else {
        view.zoomAt(factor, x, y);
        draw();
      }
    },
  });
  stage.addEventListener("contextmenu", (event) => event.preventDefault());
}
