// @ts-check
// Undo and redo: one stack an image, one entry a stroke or a move of the threshold, each the changed rectangle before and after, and how
// the mask came about.

/** How a mask came about. @typedef {{ step: number, showAll: boolean, corrected: boolean }} Origin */
/** @typedef {Origin & { mask: Uint8Array }} State */
/**
 * @typedef {{
 *   left: number, top: number, width: number, height: number, before: Uint8Array, after: Uint8Array, from: Origin, to: Origin,
 * }} Change
 */

const MOST_BYTES = 64 << 20;
const NOTHING = { left: 0, top: 0, width: 0, height: 0 };

export class History {
  constructor() {
    /** @type {Change[]} */
    this.done = [];
    /** @type {Change[]} */
    this.undone = [];
  }

  get canUndo() {
    return this.done.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  /** Records what was done; what changed neither a pixel nor how the mask came about is no entry.
   * @param {State} from @param {State} to @param {number} width
   * @returns {boolean} whether anything changed */
  record(from, to, width) {
    const { mask: before } = from;
    const { mask: after } = to;
    let left = width;
    let right = -1;
    let top = -1;
    let bottom = -1;
    for (let i = 0; i < after.length; i++) {
      if (before[i] !== after[i]) {
        const x = i % width;
        const y = (i - x) / width;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = top < 0 ? y : top;
        bottom = y;
      }
    }
    if (right < 0 && from.step === to.step && from.showAll === to.showAll) {
      return false;
    }
    const area = right < 0 ? NOTHING : { left, top, width: right - left + 1, height: bottom - top + 1 };
    this.done.push({ ...area, before: crop(before, width, area), after: crop(after, width, area), from: originOf(from), to: originOf(to) });
    this.undone = [];
    let bytes = 0;
    let first = this.done.length;
    while (first > 0 && bytes < MOST_BYTES) {
      first--;
      bytes += 2 * this.done[first].before.length;
    }
    this.done.splice(0, first);
    return true;
  }

  /**
   * @param {Uint8Array} mask @param {number} width
   * @returns {Origin | null} how the mask came about; null where there is nothing to undo
   */
  undo(mask, width) {
    const change = this.done.pop();
    if (!change) {
      return null;
    }
    paste(mask, width, change, change.before);
    this.undone.push(change);
    return change.from;
  }

  /**
   * @param {Uint8Array} mask @param {number} width
   * @returns {Origin | null} how the mask came about; null where there is nothing to redo
   */
  redo(mask, width) {
    const change = this.undone.pop();
    if (!change) {
      return null;
    }
    paste(mask, width, change, change.after);
    this.done.push(change);
    return change.to;
  }
}

/** @param {State} state @returns {Origin} */
function originOf({ step, showAll, corrected }) {
  return { step, showAll, corrected };
}

/** @param {Uint8Array} from @param {number} width @param {{ left: number, top: number, width: number, height: number }} area */
function crop(from, width, area) {
  const cropped = new Uint8Array(area.width * area.height);
  for (let y = 0; y < area.height; y++) {
    const start = (area.top + y) * width + area.left;
    cropped.set(from.subarray(start, start + area.width), y * area.width);
  }
  return cropped;
}

/** @param {Uint8Array} to @param {number} width @param {Change} area @param {Uint8Array} content */
function paste(to, width, area, content) {
  for (let y = 0; y < area.height; y++) {
    to.set(content.subarray(y * area.width, (y + 1) * area.width), (area.top + y) * width + area.left);
  }
}
