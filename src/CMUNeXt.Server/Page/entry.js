// @ts-check
// One image of the session, and what is known of it.

import { compare } from "./compare.js";
import { grayOf, hasSixteenBits } from "./decode.js";
import { above, components } from "./mask.js";
import { History } from "./history.js";
import { axes } from "./measure.js";
import { foundIn, Segmented } from "./segmented.js";
import { nameOf } from "./source.js";
import { text } from "./strings.js";
import { recall, remember } from "./storage.js";

/**
 * @typedef {{
 *   component: import("./mask.js").Component, confidence: number | null, scale: import("./measure.js").Scale | null,
 *   axes: { long: import("./measure.js").Line, short: import("./measure.js").Line },
 * }} ShownLesion
 */

/** @typedef {import("./compare.js").Metrics & { scale: import("./measure.js").Scale | null }} Comparison */

/** A mask's pixel is foreground above it. */
const MIDDLE = 127;

/** The most values, and the largest part of its pixels, that a mask may have near neither 0 nor its largest value: "evaluate" has them. */
const MOST_VALUES_BETWEEN = 16;
const MOST_BETWEEN = 0.1;

/** The part of the pixels near neither 0 nor the largest value, where they are no mask's; null where they may be one's.
 * @param {Uint8Array} gray @param {number} largest */
function betweenIn(gray, largest) {
  const between = gray.filter((value) => 8 * value > largest && 8 * value < 7 * largest);
  const share = between.length / gray.length;
  return new Set(between).size > MOST_VALUES_BETWEEN && share > MOST_BETWEEN ? share : null;
}

/** What found it, so that what one found is not taken for what another did. @param {import("./api.js").Finding} finding */
function makerOf({ weights_sha256: weights, settings }) {
  return settings === undefined ? weights : `${weights}-${settings}`;
}

/** One image of the session. */
export class Entry extends Segmented {
  /** @param {number} id @param {import("./source.js").Source} source */
  constructor(id, source) {
    super();
    this.id = id;
    this.source = source;
    this.name = source.name;
    /** The frame of a loop that is asked for, from 1; the one that is shown is the finding's. */
    this.frame = 1;
    /** What says what image it is; null where nothing does. @type {string | null} */
    this.content = null;
    /** What this browser remembers it by: image, frame and weights; null where nothing says what image it is. @type {string | null} */
    this.key = null;
    this.step = 127;
    this.corrected = false;
    this.reviewed = false;
    this.showAll = false;
    /** @type {import("./measure.js").Scale | null} */
    this.scale = null;
    /** Whether the scale is the image file's own, not that of a line. */
    this.isFileScale = false;
    /** @type {import("./measure.js").Line[]} */
    this.calipers = [];
    /** @type {Uint8Array | null} */
    this.reference = null;
    /** A reference mask that came before the image was segmented. @type {File | null} */
    this.comingReference = null;
    /** @type {Error | null} */
    this.error = null;
    /** The frame that was asked for in vain, where one was. @type {number | null} */
    this.failedFrame = null;
    this.milliseconds = 0;
    this.history = new History();
    /** Whether a person has decided something of the mask that is shown, or measured in it. */
    this.isDecided = false;
    /** Whether the browser refused to keep that. */
    this.isUnkept = false;
    /** As they were left: other frames, and those by other weights, that a person has decided something of. @type {Map<string, Entry>} */
    this.left = new Map();
    /** The lesions of the mask, until it changes. @type {ShownLesion[] | null} */
    this.shown = null;
  }

  /** Whether the presence score lies below the weights' threshold, so that nothing is outlined unless it is asked for. */
  get isBelowPresence() {
    const { presence, presence_threshold: threshold } = this.finding ?? {};
    return presence !== undefined && threshold !== undefined && presence <= threshold;
  }

  /** Whether lesions are outlined on request alone. */
  get isOnRequest() {
    return this.isBelowPresence && this.showAll;
  }

  /** The lesions of the mask as it is now, the largest first. */
  get lesions() {
    this.shown ??= this.look();
    return this.shown;
  }

  /** The number of each pixel's component, as lesions have it. */
  get labels() {
    return components(this.mask, this.width, this.height).labels;
  }

  /**
   * The highest confidence of a lesion that the service found, for sorting; below all others where there is none. A correction leaves it as
   * it is: else the image would move while a person goes from one to the next.
   */
  get certainty() {
    return Math.max(-1, ...(this.finding?.lesions ?? []).map(({ confidence }) => confidence ?? 0));
  }

  /** Whether a person has corrected or reviewed what is shown. */
  get isSeen() {
    return this.corrected || this.reviewed;
  }

  /** The step of the threshold that the weights state. */
  get ownStep() {
    return Math.round((this.finding?.threshold ?? 0.5) * 255 - 0.5);
  }

  /** As it is shown, and as it was left: every frame, by all weights. @returns {Entry[]} */
  get all() {
    return [this, ...this.left.values()];
  }

  /** Whether a person's work goes with it: on any of its frames, by any weights. @returns {boolean} */
  get hasWork() {
    return this.reference !== null || (this.scale !== null && !this.isFileScale)
      || this.all.some(({ isSeen, calipers, step, ownStep }) => isSeen || calipers.length > 0 || step !== ownStep);
  }

  /**
   * What is saved and printed of it: as it is shown, and every other frame by the same weights that was corrected, reviewed or measured.
   * @returns {Entry[]} in the order of the frames
   */
  get frames() {
    const others = [...this.left.values()].filter(({ finding, isSeen, calipers }) => (isSeen || calipers.length > 0)
      && this.finding !== null && finding !== null && makerOf(finding) === makerOf(this.finding) && finding.frame !== this.finding.frame);
    return [this, ...others].sort((a, b) => (a.finding?.frame ?? 1) - (b.finding?.frame ?? 1));
  }

  /** As it is now: while it is saved a person paints on, and other frames come. */
  get copy() {
    const { shown, reference } = this;
    return Object.assign(this.aside, { shown, reference });
  }

  /** The mask from the probability alone, without corrections. @param {number} step of the threshold */
  decide(step = this.step) {
    this.step = step;
    this.mask = this.isBelowPresence && !this.showAll ? new Uint8Array(this.probability.length) : above(this.probability, this.step);
    this.corrected = false;
    this.shown = null;
  }

  /** The mask, and how it came about. @returns {import("./history.js").State} */
  get state() {
    const { mask, step, showAll, corrected } = this;
    return { mask, step, showAll, corrected };
  }

  /** Takes a mask that was changed by hand. @param {Uint8Array} mask */
  correct(mask) {
    this.mask = mask;
    this.corrected = true;
    this.shown = null;
  }

  /** Takes up how the mask came about, which undo or redo changed. @param {import("./history.js").Origin} origin */
  came({ step, showAll, corrected }) {
    this.step = step;
    this.showAll = showAll;
    this.corrected = corrected;
    this.shown = null;
  }

  look() {
    const { labels, components: found } = components(this.mask, this.width, this.height);
    return found.map((component) => {
      const scale = this.scaleOf([component]);
      return {
        component,
        confidence: this.confidenceOf(component),
        scale,
        axes: axes(this.mask, this.width, this.height, labels, component, scale),
      };
    });
  }

  // The service knows the confidence of what it found itself: a lesion drawn or changed by hand has none.
  /** @param {import("./mask.js").Component} component */
  confidenceOf(component) {
    const same = this.finding?.lesions.find(({ area, box }) =>
      area === component.area && box[0] === component.left && box[1] === component.top);
    return same?.confidence ?? null;
  }

  /** The scale of all lesions together. */
  get lesionScale() {
    return this.scaleOf(this.lesions.map(({ component }) => component));
  }

  /** The scale that holds for every one of some components; null where there is none. @param {import("./mask.js").Component[]} all */
  scaleOf(all) {
    // A component lies where the diagonal of its box does.
    const isMeasured = all.every(({ left, top, right, bottom }) =>
      this.scaleOn({ from: { x: left, y: top }, to: { x: right + 1, y: bottom + 1 } }) !== null);
    return isMeasured ? this.scale : null;
  }

  /** The scale that holds along a line; null where there is none: a file's is that of the tissue, and not of a spectrum beside it.
   * @param {import("./measure.js").Line} line */
  scaleOn({ from, to }) {
    const boxes = this.isFileScale ? this.finding?.mm_per_pixel_boxes : undefined;
    const isMeasured = boxes?.some(([left, top, width, height]) =>
      [from, to].every(({ x, y }) => x >= left && y >= top && x <= left + width && y <= top + height)) ?? true;
    return isMeasured ? this.scale : null;
  }

  /** Takes a scale, or none. @param {import("./measure.js").Scale | null} scale */
  measureBy(scale) {
    this.scale = scale;
    this.isFileScale = false;
    this.shown = null;
  }

  /** Takes a mask file as reference mask. @param {File} file @returns {Promise<string>} what is wrong with it; empty where nothing is */
  async compareWith(file) {
    if (this.finding === null) {
      this.comingReference = file;
      return "";
    }
    const { frame, width, height } = this.finding;
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (bitmap === null) {
      return text("comparisonUnread", nameOf(file));
    }
    if (bitmap.width !== width || bitmap.height !== height) {
      return text("comparisonSize", bitmap.width, bitmap.height, width, height);
    }
    const gray = await grayOf(file, width, height);
    const largest = gray.reduce((most, value) => Math.max(most, value), 0);
    if (largest <= MIDDLE && await hasSixteenBits(file)) {
      return text("comparisonDepth");
    }
    if (largest > 1 && largest <= MIDDLE) {
      return text("comparisonValues", largest);
    }
    const between = betweenIn(gray, largest);
    if (between !== null) {
      return text("comparisonImage", nameOf(file), Math.floor(100 * between), largest);
    }
    // Of a frame that has come meanwhile it is no reference mask.
    if (this.finding.frame === frame) {
      this.reference = gray.map((value) => (value > (largest === 1 ? 0 : MIDDLE) ? 1 : 0));
    }
    return "";
  }

  /** The mask beside the reference mask, by the scale that holds for both; null where there is none. @returns {Comparison | null} */
  get comparison() {
    const { mask, reference, width, height } = this;
    if (reference === null) {
      return null;
    }
    const scale = this.scaleOf([mask, reference].flatMap((one) => components(one, width, height).components));
    return { ...compare(mask, reference, width, height, scale), scale };
  }

  /** Takes a reference mask that came before. @returns {Promise<string>} what is wrong with it; empty where nothing is */
  async takeComingReference() {
    const file = this.finding === null ? null : this.comingReference;
    this.comingReference = file === null ? this.comingReference : null;
    return file === null ? "" : this.compareWith(file);
  }

  /** What a person has decided of it. @returns {import("./storage.js").Correction} */
  get correction() {
    const { state, width, height, reviewed, calipers } = this;
    return { ...state, width, height, reviewed, scale: this.isFileScale ? null : this.scale, calipers };
  }

  async save() {
    if (this.finding !== null) {
      this.isDecided = true;
      await remember(this.key, this.correction);
    }
  }

  /** Takes over what was decided of an equal image. @param {import("./storage.js").Correction} correction */
  adopt({ mask, reviewed, scale, calipers = [], ...origin }) {
    this.mask = mask.slice();
    this.came(origin);
    this.reviewed = reviewed;
    this.calipers = [...calipers];
    this.scale = scale ?? (this.isFileScale ? this.scale : null);
    this.isFileScale &&= scale === null;
    this.history = new History();
    this.isDecided = true;
  }

  // A loop has hundreds of frames: what comes again with a frame, or is worked out again, would fill the memory.
  /** A copy with as much as is saved, and comes back with the frame. @returns {Entry} */
  get aside() {
    const nothing = { bitmap: null, probability: new Uint8Array(0), shown: null, reference: null, history: new History(), left: new Map() };
    return Object.assign(new Entry(this.id, this.source), this, { ...nothing, calipers: [...this.calipers] }).pack();
  }

  /** Keeps nothing of what was decided but what is shown. */
  forget() {
    this.left.clear();
    this.isDecided = false;
  }

  /** Lays aside what is shown, and takes up how the next was left. @param {import("./api.js").Finding} next */
  leaveFor(next) {
    const nameOf = (/** @type {import("./api.js").Finding} */ finding) => `${finding.frame}-${makerOf(finding)}`;
    if (this.finding !== null && this.isDecided) {
      this.left.set(nameOf(this.finding), this.aside);
    }
    const left = this.left.get(nameOf(next));
    this.left.delete(nameOf(next));
    return left;
  }

  /** Segments the image and takes up what this browser remembers of it. @param {string} weights @param {AbortSignal} signal */
  async load(weights, signal) {
    const started = performance.now();
    const { frame, source } = this;
    try {
      this.error = null;
      this.failedFrame = null;
      const [found, file] = await Promise.all([foundIn(source, { weights, frame }, signal), source.key()]);
      // What one network found is not taken for what another did.
      const key = file && `${file}-${frame}-${makerOf(found.finding)}`;
      const known = key === null ? undefined : await recall(key).catch(() => undefined);
      signal.throwIfAborted();
      if (frame === this.frame) {
        this.content = file;
        this.take(found, key, known);
      }
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      if (frame === this.frame) {
        this.failedFrame = frame;
        this.frame = this.finding?.frame ?? frame;
        this.error = error instanceof Error ? error : new Error(String(error));
      }
    }
    this.milliseconds = performance.now() - started;
  }

  // At once and whole: what is shown, saved and stored meanwhile is of one frame and of one network.
  /**
   * @param {import("./segmented.js").Found} found @param {string | null} key
   * @param {import("./storage.js").Correction | undefined} kept
   */
  take(found, key, kept) {
    const { finding } = found;
    const left = this.leaveFor(finding);
    const before = left?.correction ?? kept;
    const known = before?.width === finding.width && before.height === finding.height ? before : undefined;
    const isOther = finding.frame !== this.finding?.frame;
    if (isOther) {
      this.reference = null;
    }
    // They are of the frame, by whatever weights.
    const same = this.all.filter((one) => one.finding?.frame === finding.frame);
    this.calipers = unique([...(known?.calipers ?? []), ...same.flatMap(({ calipers }) => calipers)]);
    this.hold(found);
    this.key = key;
    this.step = this.ownStep;
    this.showAll = false;
    this.history = new History();
    this.measureAgain(known?.scale ?? null);
    this.decide();
    this.reviewed = false;
    this.isDecided = known !== undefined;
    this.isUnkept = left?.isUnkept ?? false;
    if (known) {
      this.showAll = known.showAll;
      this.decide(known.step);
      if (known.corrected) {
        this.correct(known.mask);
      }
      this.reviewed = known.reviewed;
    }
  }

  // A line's scale holds until it is forgotten, in other frames too; then that of the image file does.
  /** @param {import("./measure.js").Scale | null} known that of a line, from before */
  measureAgain(known) {
    const [x, y] = this.finding?.mm_per_pixel ?? [];
    const line = (this.isFileScale ? null : this.scale) ?? known;
    this.isFileScale = line === null && x !== undefined;
    this.scale = line ?? (x === undefined || y === undefined ? null : { x, y });
    if (line !== null) {
      this.left.forEach((one) => one.measureBy(line));
    }
  }
}

/** Each line once. @param {import("./measure.js").Line[]} lines */
function unique(lines) {
  return [...new Map(lines.map((line) => [JSON.stringify(line), line])).values()];
}
