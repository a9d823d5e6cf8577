// @ts-check
// The strip of all images of the session.

import { text } from "./strings.js";

/** @typedef {import("./entry.js").Entry} Entry */

/** @type {WeakMap<Entry, HTMLElement>} */
const items = new WeakMap();

/** @param {Entry[]} entries @param {string} by @returns {Entry[]} */
export function sorted(entries, by) {
  const copy = [...entries];
  if (by === "name") {
    copy.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  } else if (by === "confidence") {
    copy.sort((a, b) => b.certainty - a.certainty);
  }
  return copy;
}

/**
 * @param {HTMLElement} list @param {Entry[]} entries in the order shown
 * @param {{ current: Entry | null, weights: string }} session what is shown, and the weights that are chosen
 * @param {(entry: Entry) => void} choose
 */
export function showStrip(list, entries, { current, weights }, choose) {
  const shown = entries.map((entry) => update(entry, entry === current, weights, choose));
  if (shown.length !== list.children.length || shown.some((item, i) => item !== list.children[i])) {
    list.replaceChildren(...shown);
  }
  const place = entries.findIndex((entry) => entry === current);
  if (place >= 0) {
    reveal(list, shown[place]);
  }
}

// Within the strip alone: the page stays where it is.
/** @param {HTMLElement} list @param {HTMLElement} item */
function reveal(list, item) {
  const [frame, box] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  list.scrollLeft += Math.min(0, box.left - frame.left) + Math.max(0, box.right - frame.right);
}

/** @param {Entry} entry @param {boolean} isCurrent @param {string} weights @param {(entry: Entry) => void} choose */
function update(entry, isCurrent, weights, choose) {
  const item = items.get(entry) ?? create(entry, choose);
  items.set(entry, item);
  const button = /** @type {HTMLElement} */ (item.firstElementChild);
  const [canvas, , state] = button.children;
  button.setAttribute("aria-current", String(isCurrent));
  const { signs, words } = stateOf(entry, weights);
  state.textContent = signs;
  state.setAttribute("aria-label", words);
  if (entry.bitmap !== null && !button.dataset.drawn) {
    button.dataset.drawn = "true";
    drawThumbnail(/** @type {HTMLCanvasElement} */ (canvas), entry.bitmap);
  }
  return item;
}

/** @param {Entry} entry @param {(entry: Entry) => void} choose */
function create(entry, choose) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = entry.name;
  button.addEventListener("click", () => choose(entry));
  const canvas = document.createElement("canvas");
  canvas.width = 200;
  canvas.height = 110;
  canvas.setAttribute("aria-hidden", "true");
  const name = document.createElement("span");
  name.textContent = entry.name;
  const state = document.createElement("span");
  state.setAttribute("role", "img");
  button.append(canvas, name, state);
  const item = document.createElement("li");
  item.append(button);
  return item;
}

/** By signs, and in words for whoever does not see them. @param {Entry} entry @param {string} weights */
function stateOf(entry, weights) {
  const parts = [
    ...(entry.reviewed ? [["✓", text("reviewed")]] : []),
    ...(entry.corrected ? [["✎", text("factCorrected")]] : []),
    ...foundOf(entry, weights),
  ];
  return { signs: parts.map(([sign]) => sign).join(" "), words: parts.map(([, words]) => words).join(", ") };
}

/** @param {Entry} entry @param {string} weights */
function foundOf({ error, finding, lesions }, weights) {
  if (error !== null) {
    return [["⚠", text("stateFailed")]];
  }
  // What other weights found waits for these.
  if (finding === null || (weights !== "" && finding.weights !== weights)) {
    return [["…", text("stateWaiting")]];
  }
  if (lesions.length === 0) {
    return [["–", text("nothing")]];
  }
  const [{ confidence }] = lesions;
  const percent = confidence === null ? null : `${Math.round(100 * confidence)} %`;
  const found = [`${lesions.length} ◯`, lesions.length === 1 ? text("one") : text("many", lesions.length)];
  return [found, ...(percent === null ? [] : [[percent, `${text("confidence")} ${percent}`]])];
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap */
function drawThumbnail(canvas, bitmap) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}
