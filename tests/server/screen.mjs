// What the screen shows, a pixel at a time.
import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";

/** The colors that the canvas shows at places of the page. */
export async function colorsAt(page, places) {
  const { left, top, width, bytes } = await fromPage(page, () => {
    const canvas = document.querySelector("#canvas");
    const { x, y } = canvas.getBoundingClientRect();
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return { left: x, top: y, width: canvas.width, bytes: data };
  });
  return places.map(({ x, y }) => {
    const at = 4 * (Math.floor(y - top) * width + Math.floor(x - left));
    return [...bytes.subarray(at, at + 3)];
  });
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
  const { width, height, bytes } = await fromPage(page, async (encoded) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0))]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return { width: bitmap.width, height: bitmap.height, bytes: data.filter((_, i) => i % 4 === 0) };
  }, (await readFile(path)).toString("base64"));
  const values = [...bytes];
  return { width, height, values, at: (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : values[y * width + x]) };
}

/** A PNG file of gray values, of 8 or 16 bits. */
export function pngOf({ width, height, values }, bits = 8) {
  const size = bits / 8;
  const rows = Buffer.alloc((size * width + 1) * height);
  values.forEach((value, i) => rows.writeUIntBE(value, size * i + Math.floor(i / width) + 1, size));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = bits;
  const chunks = Object.entries({ IHDR: head, IDAT: deflateSync(rows), IEND: Buffer.alloc(0) }).map(([type, content]) => {
    const named = Buffer.concat([Buffer.from(type), content]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, check]);
  });
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}

/** What a function makes in the page, its `bytes` in text of base 64: as an array of numbers they would take seconds. */
async function fromPage(page, make, argument) {
  const made = await page.evaluateHandle(make, argument);
  const { bytes, ...facts } = await made.evaluate(({ bytes: raw, ...rest }) => {
    const part = 1 << 15;
    let text = "";
    for (let i = 0; i < raw.length; i += part) {
      text += String.fromCharCode(...raw.subarray(i, i + part));
    }
    return { ...rest, bytes: btoa(text) };
  });
  await made.dispose();
  return { ...facts, bytes: Buffer.from(bytes, "base64") };
}
