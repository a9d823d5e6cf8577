// What the screen shows, a pixel at a time.
import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";

/** The colors that the canvas shows at places of the page. */
export function colorsAt(page, places) {
  return page.evaluate((all) => {
    const canvas = document.querySelector("#canvas");
    const { x: left, y: top } = canvas.getBoundingClientRect();
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return all.map(({ x, y }) => {
      const at = 4 * (Math.floor(y - top) * canvas.width + Math.floor(x - left));
      return [...data.subarray(at, at + 3)];
    });
  }, places);
}

/** Every pixel of an image whose center a view shows, some pixels of the screen within the stage: its place there, and its gray value. */
export async function seenPixels(page, { width, height, at }, view) {
  const margin = 8;
  const stage = await page.locator("#stage").boundingBox();
  const pixels = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = placeOn(view, x + 0.5, y + 0.5);
      if (place.x > stage.x + margin && place.x < stage.x + stage.width - margin
        && place.y > stage.y + margin && place.y < stage.y + stage.height - margin) {
        pixels.push({ x, y, place, gray: at(x, y) });
      }
    }
  }
  return pixels;
}

/** The place on the page of one in the image. */
export function placeOn({ left, top, zoom }, x, y) {
  return { x: left + x * zoom, y: top + y * zoom };
}

export function grayColor({ gray }) {
  return [gray, gray, gray];
}

/** Whether a color is the one that is expected, as far as rounding goes. */
export function isNear(color, expected, within = 3) {
  return color.every((part, i) => Math.abs(part - expected[i]) <= within);
}

/** The gray values of an image file, as the browser decodes it; 0 beside the image. */
export async function grayOf(page, path) {
  const { width, height, values } = await page.evaluate(async (encoded) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0))]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return { width: bitmap.width, height: bitmap.height, values: [...data.filter((_, i) => i % 4 === 0)] };
  }, (await readFile(path)).toString("base64"));
  return { width, height, values, at: (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : values[y * width + x]) };
}

/** A PNG file of gray values. */
export async function pngOf(page, image) {
  const bytes = await page.evaluate(async ({ width, height, values }) => {
    const pixels = new ImageData(width, height);
    values.forEach((value, i) => pixels.data.set([value, value, value, 255], 4 * i));
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return [...new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer())];
  }, image);
  return Buffer.from(bytes);
}

/** A PNG file of gray values with 16 bits, which no canvas writes. */
export function deepPngOf({ width, height, values }) {
  const rows = Buffer.alloc((2 * width + 1) * height);
  values.forEach((value, i) => rows.writeUInt16BE(value, 2 * i + Math.floor(i / width) + 1));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 16;
  const chunks = Object.entries({ IHDR: head, IDAT: deflateSync(rows), IEND: Buffer.alloc(0) }).map(([type, content]) => {
    const named = Buffer.concat([Buffer.from(type), content]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, check]);
  });
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}
