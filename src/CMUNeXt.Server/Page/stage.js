// @ts-check
// The canvas with the image on it, and where in the image the view is.

import { find } from "./elements.js";
import { hand, shownTool, radius } from "./hand.js";
import { Painter } from "./painter.js";
import { draw, on, session } from "./session.js";
import { TOOLS } from "./tools.js";

export const stage = find("stage");
/** What the view was last fitted to. @type {{ entry: import("./entry.js").Entry | null, width: number, height: number }} */
let fitted = { entry: null, width: 0, height: 0 };
const painter = new Painter(/** @type {HTMLCanvasElement} */ (find("canvas")));

export function fit() {
  const entry = session.segmented;
  if (entry) {
    session.view.fit(entry.width, entry.height, stage.clientWidth, stage.clientHeight);
    draw();
  }
}

// The frames of a loop, and what other weights find, are looked at as closely as before.
function fitAnother() {
  const { segmented: entry } = session;
  const { width, height } = entry ?? { width: 0, height: 0 };
  if (entry !== fitted.entry || width !== fitted.width || height !== fitted.height) {
    fitted = { entry, width, height };
    fit();
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
  on("show", fitAnother);
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
    if (session.view.isFitted) {
      fit();
    }
    draw();
  }).observe(stage);
}
