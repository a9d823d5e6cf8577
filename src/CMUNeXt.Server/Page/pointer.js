// @ts-check
// What a mouse, a pen and fingers do on the image.

import { listen } from "./gestures.js";
import { cancel, drag, hand, holdOther, isWorking, press, release, resizeBrush, shownTool } from "./hand.js";
import { draw, session } from "./session.js";
import { drawStroke, stage } from "./stage.js";
import { TOOLS } from "./tools.js";

// A finger works the tool until there is a pen; from then on fingers only pan and pinch.
let hasPen = false;

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
    release,
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
      const factor = event.deltaY < 0 ? 1.15 : 1 / 1.15;
      if (event.altKey && TOOLS[shownTool()].hasSize) {
        resizeBrush(factor);
      } else {
        view.zoomAt(factor, x, y);
        draw();
      }
    },
  });
  stage.addEventListener("contextmenu", (event) => event.preventDefault());
}
