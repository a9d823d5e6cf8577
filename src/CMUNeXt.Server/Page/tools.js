// @ts-check
// The tools of the hand, each a small object: what happens at a press, a move, a release, in image coordinates.

import { fillPath, stroke } from "./mask.js";

/**
 * @typedef {import("./measure.js").Point} Point
 * @typedef {{ entry: import("./entry.js").Entry, radius: number, finishLine: (line: import("./measure.js").Line) => void }} Work
 * @typedef {{
 *   key: string, text: string, hint: string, hasSize: boolean, paints: boolean,
 *   press(work: Work, point: Point): void, move(work: Work, point: Point): void, release(work: Work): void, cancel(): void,
 *   preview(): import("./painter.js").Preview,
 * }} Tool
 */

/** @param {string} key @param {string} name @param {string} hint @param {number} value @returns {Tool} */
function paintTool(key, name, hint, value) {
  /** @type {Point | null} */
  let last = null;
  return {
    key,
    text: name,
    hint,
    hasSize: true,
    paints: true,
    press({ entry, radius }, point) {
      stroke(entry.mask, entry.width, entry.height, point, point, radius, value);
      last = point;
    },
    move({ entry, radius }, point) {
      stroke(entry.mask, entry.width, entry.height, last ?? point, point, radius, value);
      last = point;
    },
    release() {
      last = null;
    },
    cancel() {
      last = null;
    },
    preview: () => ({}),
  };
}

/** @returns {Tool} */
function lassoTool() {
  /** @type {Point[]} */
  let path = [];
  return {
    key: "L",
    text: "toolLasso",
    hint: "hintLasso",
    hasSize: false,
    paints: true,
    press(_, point) {
      path = [point];
    },
    move(_, point) {
      path.push(point);
    },
    release({ entry }) {
      if (path.length > 2) {
        fillPath(entry.mask, entry.width, entry.height, path, 1);
      }
      path = [];
    },
    cancel() {
      path = [];
    },
    preview: () => ({ path }),
  };
}

/** @returns {Tool} */
function caliperTool() {
  /** @type {import("./measure.js").Line | null} */
  let line = null;
  return {
    key: "C",
    text: "toolCaliper",
    hint: "hintCaliper",
    hasSize: false,
    paints: false,
    press(_, point) {
      line = { from: point, to: point };
    },
    move(_, point) {
      line = line && { from: line.from, to: point };
    },
    release({ finishLine }) {
      if (line !== null && (line.from.x !== line.to.x || line.from.y !== line.to.y)) {
        finishLine(line);
      }
      line = null;
    },
    cancel() {
      line = null;
    },
    preview: () => (line === null ? {} : { line }),
  };
}

/** @type {Record<string, Tool>} */
export const TOOLS = {
  pan: {
    key: "V", text: "toolPan", hint: "hintPan", hasSize: false, paints: false,
    press() {}, move() {}, release() {}, cancel() {}, preview: () => ({}),
  },
  brush: paintTool("B", "toolBrush", "hintBrush", 1),
  eraser: paintTool("E", "toolEraser", "hintEraser", 0),
  lasso: lassoTool(),
  caliper: caliperTool(),
};
