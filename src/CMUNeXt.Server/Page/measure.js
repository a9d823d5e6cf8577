// @ts-check
// Lengths and areas in pixels and, where the scale is known, in millimeters.

import { isBorder } from "./mask.js";

/**
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ x: number, y: number }} Scale millimeters for a pixel to the right and down
 * @typedef {{ from: Point, to: Point }} Line
 */

/** @param {Line} line @param {Scale | null} scale */
export function lengthOf(line, scale) {
  return Math.hypot((line.to.x - line.from.x) * (scale?.x ?? 1), (line.to.y - line.from.y) * (scale?.y ?? 1));
}

/** @param {number} pixels @param {Scale | null} scale @param {string} language */
export function areaText(pixels, scale, language) {
  return scale === null ? `${number(pixels, 0, language)} px` : `${number(pixels * scale.x * scale.y, 1, language)} mm²`;
}

/** @param {number} length @param {Scale | null} scale @param {string} language */
export function lengthText(length, scale, language) {
  return `${number(length, 1, language)} ${scale === null ? "px" : "mm"}`;
}

/** @param {number} value @param {number} digits @param {string} language */
export function number(value, digits, language) {
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * The longest line between two points of a component's contour, which runs along the edges of its pixels, and the widest extent across it:
 * as the service measures them.
 * @param {Uint8Array} mask @param {number} width @param {number} height
 * @param {Int32Array} labels @param {import("./mask.js").Component} component @param {Scale | null} scale
 * @returns {{ long: Line, short: Line }}
 */
export function axes(mask, width, height, labels, component, scale) {
  /** @type {Point[]} */
  const border = [];
  for (let y = component.top; y <= component.bottom; y++) {
    for (let x = component.left; x <= component.right; x++) {
      const at = y * width + x;
      if (labels[at] === component.label && isBorder(mask, width, height, at)) {
        border.push({ x, y }, { x: x + 1, y }, { x, y: y + 1 }, { x: x + 1, y: y + 1 });
      }
    }
  }
  const hull = convexHull(border);
  /** @type {Line} */
  let long = { from: hull[0], to: hull[0] };
  for (const from of hull) {
    for (const to of hull) {
      if (lengthOf({ from, to }, scale) > lengthOf(long, scale)) {
        long = { from, to };
      }
    }
  }
  return { long, short: across(hull, long, scale) };
}

// The extent at right angles to a line, measured in millimeters where the scale is known.
/** @param {Point[]} hull @param {Line} line @param {Scale | null} scale @returns {Line} */
function across(hull, line, scale) {
  const [sx, sy] = [scale?.x ?? 1, scale?.y ?? 1];
  const length = lengthOf(line, scale) || 1;
  const normal = { x: (-(line.to.y - line.from.y) * sy) / length, y: ((line.to.x - line.from.x) * sx) / length };
  const along = (/** @type {Point} */ p) => p.x * sx * normal.x + p.y * sy * normal.y;
  const values = hull.map(along);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const middle = { x: (line.from.x + line.to.x) / 2, y: (line.from.y + line.to.y) / 2 };
  const point = (/** @type {number} */ value) => ({
    x: middle.x + ((value - along(middle)) * normal.x) / sx,
    y: middle.y + ((value - along(middle)) * normal.y) / sy,
  });
  return { from: point(low), to: point(high) };
}

/** @param {Point[]} points @returns {Point[]} */
function convexHull(points) {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (/** @type {Point[]} */ all) => {
    /** @type {Point[]} */
    const kept = [];
    for (const p of all) {
      while (kept.length > 1) {
        const a = kept[kept.length - 2];
        const b = kept[kept.length - 1];
        if ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0) {
          break;
        }
        kept.pop();
      }
      kept.push(p);
    }
    return kept;
  };
  const lower = half(sorted);
  const upper = half(sorted.reverse());
  return [...lower.slice(0, -1), ...upper.slice(0, -1)];
}
