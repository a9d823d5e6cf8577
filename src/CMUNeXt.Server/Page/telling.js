// @ts-check
// What is told of an image in words, on the page and in its report.

import { areaText, lengthOf, lengthText, number } from "./measure.js";
import { language, text } from "./strings.js";

/** @typedef {import("./entry.js").Entry} Entry */

/** How large a pixel is, and who says so. @param {Entry | null} entry */
export function scaleText(entry) {
  if (!entry?.scale) {
    return text("scaleUnknown");
  }
  const { x, y } = entry.scale;
  const size = x === y ? number(x, 3, language()) : `${number(x, 3, language())} x ${number(y, 3, language())}`;
  return text(!entry.isFileScale ? "scaleLine" : entry.finding?.mm_per_pixel_boxes ? "scaleTissue" : "scaleFile", size);
}

/** @param {Entry} entry @param {import("./measure.js").Line} caliper */
export function caliperText(entry, caliper) {
  const scale = entry.scaleOn(caliper);
  return lengthText(lengthOf(caliper, scale), scale, language());
}

/** @param {import("./entry.js").Comparison} comparison @param {"comparisonText" | "comparisonReport"} key */
export function comparisonText({ iou, dice, hd95, missed, extra, scale }, key = "comparisonText") {
  return text(
    key, number(iou, 3, language()), number(dice, 3, language()), hd95 === null ? "–" : lengthText(hd95, scale, language()),
    areaText(missed, scale, language()), areaText(extra, scale, language()));
}

/** @param {import("./entry.js").Entry} entry */
export function verdictText(entry) {
  const { lesions, isOnRequest } = entry;
  if (lesions.length > 0) {
    const words = lesions.length === 1 ? text("one") : text("many", lesions.length);
    return isOnRequest ? text("onRequest", words) : words;
  }
  return text(entry.isBelowPresence && !entry.corrected ? "belowPresence" : "nothing");
}

/** @param {import("./api.js").Finding} finding */
export function presenceText({ presence, presence_threshold: threshold }) {
  const score = number(presence, 2, language());
  return threshold === undefined ? score : text("presenceOf", score, number(threshold, 2, language()));
}
