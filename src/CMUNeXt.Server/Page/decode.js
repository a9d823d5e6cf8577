// @ts-check
// From encoded images to what they show.

/**
 * Whether what a browser decodes is the image that was segmented: every browser turns a JPEG as the file says, but not every other format.
 * @param {ImageBitmap} bitmap @param {import("./api.js").Finding} finding @param {Blob} file
 */
export async function isAsFound({ width, height }, finding, file) {
  return width === finding.width && height === finding.height && (finding.orientation === 1 || await isJpeg(file));
}

/** What the browser itself shows of a file; null where that is not what the file holds. @param {Blob} file */
export async function shownOf(file) {
  return await hasSixteenBits(file) ? null : bitmapOf(file).catch(() => null);
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
  const head = new Uint8Array(await file.slice(0, 25).arrayBuffer());
  return String(head.subarray(0, 4)) === "137,80,78,71" && head[24] === 16;
}

/** @param {Blob} file */
async function isJpeg(file) {
  const start = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  return String(start) === "255,216,255";
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
