// @ts-check
// What a person measures, and takes back: it is of more than the mask that is shown, and in more than one place.

import { lengthOf } from "./measure.js";
import { save, session } from "./session.js";
import { amend } from "./storage.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./measure.js").Line} Line */
/** @typedef {import("./measure.js").Scale} Scale */

/** The scale where a line is so long; of all frames, by all weights. @param {Entry} entry @param {Line} line @param {number} mm */
export function calibrate(entry, line, mm) {
  const scale = mm / lengthOf(line, null);
  measureBy(entry, { x: scale, y: scale }, everywhere(entry));
}

/** Forgets the scale of lines, and of the image file in the shown frame alone. @param {Entry} entry */
export function forgetScale(entry) {
  measureBy(entry, null, everywhere(entry).filter((one) => one === entry || !one.isFileScale));
}

/** @param {Entry} entry @param {Scale | null} scale @param {Entry[]} measured */
function measureBy(entry, scale, measured) {
  measured.forEach((one) => one.measureBy(scale));
  void save(entry);
  amendAll(entry.content, (correction) => (isSame(correction.scale, scale) ? null : { ...correction, scale }));
}

/** Removes a caliper: it is of the frame, by whatever weights. @param {Entry} entry @param {Line} line */
export function removeCaliper(entry, line) {
  const without = (/** @type {Line[]} */ calipers) => calipers.filter((one) => !isSame(one, line));
  everywhere(entry).filter(({ finding }) => finding?.frame === entry.finding?.frame).forEach((one) => {
    one.calipers = without(one.calipers);
  });
  void save(entry);
  amendAll(entry.content && `${entry.content}-${entry.finding?.frame}`, (correction) => {
    const { calipers = [] } = correction;
    const left = without(calipers);
    return left.length === calipers.length ? null : { ...correction, calipers: left };
  });
}

/** Every frame by all weights, as the session has it; of equal images too. @param {Entry} entry */
function everywhere(entry) {
  const isEqual = (/** @type {Entry} */ one) => one.content !== null && one.content === entry.content;
  return session.entries.filter((one) => one === entry || isEqual(one)).flatMap(({ all }) => all);
}

/** @param {Line | Scale | null} one @param {Line | Scale | null} other */
function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

// What the browser keeps of frames and weights that were not shown since the page was opened. Where it keeps nothing, "save" says so.
/**
 * @param {string | null} start what the keys begin with
 * @param {(correction: import("./storage.js").Correction) => import("./storage.js").Correction | null} change
 */
function amendAll(start, change) {
  if (start !== null) {
    void amend(`${start}-`, change).catch(() => {});
  }
}
