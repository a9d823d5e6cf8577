// @ts-check
// From encoded images to what they show.

/**
 * Whether what a browser decodes is the image that was segmented: every browser turns a JPEG as the file says, but not every other format.
 * @param {ImageBitmap} bitmap @param {import("./api.js").Finding} finding @param {Blob} file
 */
export async function isAsFound({ width, height }, finding, file) {
  return width === finding.width && height === finding.height && (finding.orientation === 1 || await isJpeg(file));
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
