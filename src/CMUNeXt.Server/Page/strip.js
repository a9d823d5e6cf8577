// @ts-check
// The strip of all images of the session.

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
  state.textContent = stateOf(entry, weights);
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
  button.append(canvas, name, document.createElement("span"));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

/** @param {Entry} entry @param {string} weights */
function stateOf(entry, weights) {
  const marks = (entry.reviewed ? "✓ " : "") + (entry.corrected ? "✎ " : "");
  if (entry.error !== null) {
    return `${marks}⚠`;
  }
  // What other weights found waits for these.
  if (entry.finding === null || (weights !== "" && entry.finding.weights !== weights)) {
    return "…";
  }
  const confidence = entry.lesions[0]?.confidence ?? null;
  const certainty = confidence === null ? "" : ` ${Math.round(100 * confidence)} %`;
  return marks + (entry.lesions.length === 0 ? "–" : `${entry.lesions.length} ◯${certainty}`);
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap */
function drawThumbnail(canvas, bitmap) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}
