// @ts-check
// The pixels of one image: what is shown of it, what was found in it, and its mask. Decoded, an image takes many times the memory of its
// file, and a session has hundreds: what is not shown may rest.

import { bitmapOf, blobOf, copyOf, grayOf, isAsFound, shownOf } from "./decode.js";
import { packed, unpacked } from "./mask.js";

/**
 * @typedef {{
 *   finding: import("./api.js").Finding, encoded: { image: Blob, probability: Blob }, bitmap: ImageBitmap, probability: Uint8Array,
 * }} Found finding: without what the service sent as text; encoded: what the last two come from, at any time again
 */

/**
 * Segments an image, and decodes it.
 * @param {import("./source.js").Source} source @param {{ weights: string, frame: number }} query @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
export async function foundIn(source, query, signal) {
  const shown = source.file && await shownOf(source.file);
  /** @type {ImageBitmap | null} */
  let bitmap = null;
  try {
    const ask = (/** @type {boolean} */ withImage) => source.segment({ ...query, withImage }, signal);
    const first = await ask(shown === null);
    const own = source.file && shown && isAsFound(shown, first) ? shown : null;
    const finding = own === null && first.image === undefined ? await ask(true) : first;
    const encoded = {
      image: own !== null && source.file ? await copyOf(source.file) : blobOf(finding.image ?? ""),
      probability: blobOf(finding.probability),
    };
    const probability = await grayOf(encoded.probability, finding.width, finding.height);
    bitmap = own ?? await bitmapOf(encoded.image);
    return { finding: { ...finding, probability: "", image: undefined }, encoded, bitmap, probability };
  } finally {
    if (shown !== bitmap) {
      shown?.close();
    }
  }
}

/** The pixels of one image. */
export class Segmented {
  constructor() {
    /** @type {Found["finding"] | null} */
    this.finding = null;
    /** @type {Found["encoded"] | null} */
    this.encoded = null;
    /** @type {ImageBitmap | null} */
    this.bitmap = null;
    /** @type {Uint8Array} */
    this.probability = new Uint8Array(0);
    /** The mask, where it is not packed. @type {Uint8Array} */
    this.pixels = new Uint8Array(0);
    /** Eight pixels of the mask in a byte, until it is asked for. @type {Uint8Array | null} */
    this.bits = null;
  }

  get width() {
    return this.finding?.width ?? 0;
  }

  get height() {
    return this.finding?.height ?? 0;
  }

  get mask() {
    if (this.bits !== null) {
      this.mask = unpacked(this.bits, this.width * this.height);
    }
    return this.pixels;
  }

  set mask(mask) {
    this.pixels = mask;
    this.bits = null;
  }

  /** Packs the mask until it is asked for. */
  pack() {
    this.bits ??= packed(this.pixels);
    this.pixels = new Uint8Array(0);
    return this;
  }

  /** Takes what was found, and gives up what was found before; the mask stays. @param {Found} found */
  hold({ finding, encoded, bitmap, probability }) {
    this.finding = finding;
    this.encoded = encoded;
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.probability = probability;
  }

  /** Whether it has given up what only the image that is shown needs. */
  get isResting() {
    return this.finding !== null && this.bitmap === null;
  }

  /** Gives up what can be had again. */
  rest() {
    this.bitmap?.close();
    this.bitmap = null;
    this.probability = new Uint8Array(0);
    this.pack();
  }

  /** Takes up again what it gave up. */
  async wake() {
    const { encoded, width, height } = this;
    if (encoded !== null) {
      const [bitmap, probability] = await Promise.all([bitmapOf(encoded.image), grayOf(encoded.probability, width, height)]);
      if (this.encoded === encoded && this.isResting) {
        this.bitmap = bitmap;
        this.probability = probability;
      } else {
        bitmap.close();
      }
    }
  }
}
