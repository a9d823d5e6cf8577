// @ts-check
// The tool in the hand, and the stroke that it is doing.

import { say } from "./elements.js";
import { calibrate } from "./measuring.js";
import { draw, refresh, save, session } from "./session.js";
import { TOOLS } from "./tools.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./measure.js").Point} Point */

export const hand = {
  /** The tool that was chosen. */
  tool: "pan",
  /** The tool that a held key stands in for. @type {string | null} */
  held: null,
  isSpaceHeld: false,
  /** Where the tool is, in image coordinates. @type {Point | null} */
  cursor: null,
  /** Whether arrow keys, not a pointer, brought the cursor there. */
  isKeyboard: false,
  /** The length in mm of the calibration line that is to be drawn. @type {number | null} */
  calibrating: null,
};

/** Brush and eraser have a size each, in pixels of the screen. @type {Record<string, number>} */
const sizes = { brush: 12, eraser: 16 };
/** @typedef {{ entry: Entry, mask: Uint8Array, before: import("./history.js").State, tool: string }} Stroke mask: what it paints on */
/** @type {Stroke | null} */
let stroke = null;

export function isWorking() {
  return current() !== null;
}

// A stroke is of the mask that it was begun on: it is dropped where another finding, or another threshold, brings one of its own, or
// another image is shown.
function current() {
  if (stroke !== null && (stroke.entry !== session.current || stroke.mask !== stroke.entry.mask)) {
    drop(stroke);
  }
  return stroke;
}

/** @param {Stroke} dropped */
function drop({ mask, before, tool }) {
  mask.set(before.mask);
  TOOLS[tool].cancel();
  stroke = null;
}

/** The tool of the stroke under way; else the one that a held key stands for, or the chosen one. */
export function shownTool() {
  return current()?.tool ?? (hand.isSpaceHeld ? "pan" : (hand.held ?? hand.tool));
}

/** @param {string} name */
export function chooseTool(name) {
  hand.tool = name;
  hand.held = null;
  hand.calibrating = name === "caliper" ? hand.calibrating : null;
  refresh();
}

/** The eraser while a key is held with the brush, and the other way round. @param {boolean} isHeld */
export function holdOther(isHeld) {
  hand.held = !isHeld ? null : hand.tool === "brush" ? "eraser" : hand.tool === "eraser" ? "brush" : null;
  draw();
}

/** The radius in image pixels: constant on the screen, so coarse where the image is small. @param {string} tool */
export function radius(tool) {
  return (sizes[tool] ?? 0) / session.view.zoom;
}

/** @param {number} factor */
export function resizeBrush(factor) {
  const name = shownTool();
  if (name in sizes) {
    sizes[name] = Math.min(200, Math.max(1, sizes[name] * factor));
    draw();
  }
}

/** @param {Point} point */
export function press(point) {
  const entry = session.segmented;
  if (entry && current() === null) {
    hand.cursor = point;
    const { mask, state } = entry;
    stroke = { entry, mask, before: { ...state, mask: mask.slice() }, tool: shownTool() };
    TOOLS[stroke.tool].press(work(stroke), point);
  }
}

/** @param {Point} point */
export function drag(point) {
  const working = current();
  if (working !== null) {
    hand.cursor = point;
    TOOLS[working.tool].move(work(working), point);
  }
}

export function release() {
  const working = current();
  if (working !== null) {
    const { entry, before, tool } = working;
    TOOLS[tool].release(work(working));
    stroke = null;
    if (TOOLS[tool].paints) {
      entry.correct(entry.mask);
      keep(entry, before);
    } else {
      refresh();
    }
  }
}

export function cancel() {
  const working = current();
  if (working !== null) {
    drop(working);
    refresh();
  }
}

/**
 * Records what was done to the mask; what changed nothing was not done.
 * @param {Entry} entry @param {import("./history.js").State} before
 */
export function keep(entry, before) {
  if (entry.history.record(before, entry.state, entry.width)) {
    void save(entry);
  } else {
    entry.came({ ...entry.state, corrected: before.corrected && entry.corrected });
  }
  refresh();
}

/** @param {{ entry: Entry, tool: string }} stroke */
function work({ entry, tool }) {
  return { entry, radius: radius(tool), finishLine: (/** @type {import("./measure.js").Line} */ line) => finishLine(entry, line) };
}

/** @param {Entry} entry @param {import("./measure.js").Line} line */
function finishLine(entry, line) {
  if (hand.calibrating === null) {
    entry.calipers.push(line);
    void save(entry);
  } else {
    calibrate(entry, line, hand.calibrating);
    say("");
    hand.calibrating = null;
  }
}
