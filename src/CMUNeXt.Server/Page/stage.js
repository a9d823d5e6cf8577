// @ts-check
// The canvas with the image on it, and where in the image the view is.

import { find } from "./elements.js";
import { hand, shownTool, radius } from "./hand.js";
import { Painter } from "./painter.js";
import { draw, on, session } from "./session.js";
import { TOOLS } from "./tools.js";

export const stage = find("stage");
const painter = new Painter(/** @type {HTMLCanvasElement} */ (find("canvas")));

export function fit() {
  const entry = session.segmented;
  if (entry) {
    session.view.fit(entry.width, entry.height, stage.clientWidth, stage.clientHeight);
    draw();
  }
}

/** @param {number} factor */
export function zoomBy(factor) {
  session.view.zoomAt(factor, stage.clientWidth / 2, stage.clientHeight / 2);
  draw();
}

/** @param {boolean} isHidden */
export function hide(isHidden) {
  session.display.hidden = isHidden;
  draw();
}

/** While a stroke is under way only the image follows; lists and numbers come with its end. */
export function drawStroke() {
  if (session.segmented) {
    painter.refresh(session.segmented);
  }
  draw();
}

export function startStage() {
  on("show", fit);
  on("refresh", () => {
    if (session.segmented) {
      painter.refresh(session.segmented);
    }
    const welcome = find("welcome");
    // The button that was pressed there goes with it.
    if (session.entries.length > 0 && welcome.contains(document.activeElement)) {
      stage.focus({ preventScroll: true });
    }
    welcome.hidden = session.entries.length > 0;
  });
  on("draw", () => {
    const name = shownTool();
    const tool = TOOLS[name];
    const cursor = hand.cursor === null || !session.segmented || name === "pan" ? {}
      : { cursor: hand.cursor, radius: tool.hasSize ? radius(name) : undefined };
    stage.style.cursor = !session.segmented ? "default" : name === "pan" ? "grab" : "none";
    painter.draw(session.current, session.view, session.display, { ...tool.preview(), ...cursor });
  });
  new ResizeObserver(() => {
    painter.resize();
    fit();
    draw();
  }).observe(stage);
}
