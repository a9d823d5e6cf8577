// @ts-check
// From encoded images to what they show.

/**
 * Whether what a browser decodes is the image that was segmented.
 * @param {ImageBitmap} bitmap @param {import("./api.js").Finding} finding
 */
export function isAsFound({ width, height }, finding) {
  return width === finding.width && height === finding.height && finding.orientation === 1;
}

/**
 * What the browser itself shows of a file; null where that may not be what is segmented: it blends what is transparent, shows only the
 * upper bits of 16, and turns an image by its own reading of what the file says of its orientation.
 * @param {Blob} file
 */
export async function shownOf(file) {
  const head = await headOf(file);
  const isPlain = isPng(head) ? head[24] <= 8 && OPAQUE.has(head[25]) && !await holds(file, /tRNS|eXIf/)
    : isJpeg(head) && !await holds(file, /Exif/);
  return isPlain ? bitmapOf(file).catch(() => null) : null;
}

/** The color types of a PNG without an alpha channel: gray, RGB, palette. */
const OPAQUE = new Set([0, 2, 3]);

/** @param {Blob} file @returns {Promise<Uint8Array>} as much as says what it is */
async function headOf(file) {
  return new Uint8Array(await file.slice(0, 26).arrayBuffer());
}

/** @param {Uint8Array} head */
function isPng(head) {
  return String(head.subarray(0, 4)) === "137,80,78,71";
}

/** @param {Uint8Array} head */
function isJpeg(head) {
  return String(head.subarray(0, 3)) === "255,216,255";
}

/** Whether a file's bytes hold a name, wherever. @param {Blob} file @param {RegExp} name */
async function holds(file, name) {
  return name.test(await file.text());
}

/** What lasts though the file is moved or written anew. @param {File} file */
export async function copyOf(file) {
  return new Blob([await file.arrayBuffer()], { type: file.type });
}

/** @param {Blob} file */
export function bitmapOf(file) {
  return createImageBitmap(file, { imageOrientation: "from-image" });
}

/** Whether a file is a PNG of 16 bits: a browser shows their high byte alone, which is black where fewer are used. @param {Blob} file */
export async function hasSixteenBits(file) {
  const head = await headOf(file);
  return isPng(head) && head[24] === 16;
}

/** The gray values of an encoded image. @param {Blob} blob @param {number} width @param {number} height @returns {Promise<Uint8Array>} */
export async function grayOf(blob, width, height) {
  const bitmap = await createImageBitmap(blob, { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true }));
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; i++) {
    gray[i] = Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  }
  return gray;
}

/** What the service sent as text. @param {string} base64 a PNG */
export function blobOf(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = binary.charCodeAt(i);
  }
  return new Blob([bytes], { type: "image/png" });
}
