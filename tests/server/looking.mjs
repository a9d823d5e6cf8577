// How an image and what was found in it are shown. It changes nothing of what was found.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { answer } from "./person.mjs";
import { colorsAt, grayColor, grayOf, isNear, placeOn, pngOf, seenPixels } from "./screen.mjs";

const ORANGE = [255, 150, 40];
const RED = [255, 60, 60];
const BLUE = [60, 140, 255];

export const LOOKING = {
  // Gray values are shown as CSS defines the filters: inverted, then brighter, then richer in contrast. Nothing is asked of the service.
  async display(person, page) {
    let asked = 0;
    await person.example();
    page.on("request", () => asked++);
    const view = await person.closer();
    await page.keyboard.down("h");
    const seen = (await seenPixels(page, await grayOf(page, exampleOf(person)), view)).filter((_, i) => i % 7 === 0);
    assert.ok(new Set(seen.map(({ gray }) => gray)).size > 50);
    const limit = (value) => Math.min(255, Math.max(0, value));
    const isShown = async (brightness, contrast, invert = false) => {
      await page.locator("#brightness").fill(String(brightness));
      await page.locator("#contrast").fill(String(contrast));
      await page.setChecked("#invert", invert);
      const colors = await colorsAt(page, seen.map(({ place }) => place));
      for (const [i, { gray }] of seen.entries()) {
        const bright = limit((invert ? 255 - gray : gray) * brightness / 100);
        const expected = limit((bright - 127.5) * contrast / 100 + 127.5);
        assert.ok(isNear(colors[i], Array(3).fill(expected)), `${gray} is ${colors[i]}, not ${expected}: ${brightness} %, ${contrast} %`);
      }
    };
    for (const [brightness, contrast] of [[100, 100], [200, 100], [40, 100], [100, 200], [100, 50]]) {
      await isShown(brightness, contrast);
    }
    await isShown(100, 100, true);
    await isShown(150, 80, true);
    await page.keyboard.up("h");
    await page.click("#resetDisplay");
    assert.deepEqual([await page.inputValue("#brightness"), await page.inputValue("#contrast")], ["100", "100"]);
    assert.ok(!await page.isChecked("#invert"));
    await page.keyboard.down("h");
    const colors = await colorsAt(page, seen.map(({ place }) => place));
    assert.ok(seen.every((pixel, i) => isNear(colors[i], grayColor(pixel))), "reset");
    assert.equal(asked, 0);
    assert.equal(await person.area(), (await answer(page, "")).area);
  },

  // An image of 12 bits in a PNG of 16 is shown as the service stretches it; the browser alone would show it all but black. It is asked
  // for once.
  async deep(person, page) {
    await person.warm();
    let asked = 0;
    page.on("request", (request) => {
      asked += /segment\?/.test(request.url()) ? 1 : 0;
    });
    const { width, height, values } = await grayOf(page, exampleOf(person));
    const buffer = pngOf({ width, height, values: values.map((value) => 16 * value) }, 16);
    await person.choose([{ name: "deep.png", mimeType: "image/png", buffer }]);
    assert.equal(asked, 1);
    assert.equal(await person.area(), (await answer(page, "")).area);
    const view = await person.closer();
    await page.keyboard.down("h");
    const seen = (await seenPixels(page, await grayOf(page, exampleOf(person)), view)).filter((_, i) => i % 7 === 0);
    const colors = await colorsAt(page, seen.map(({ place }) => place));
    assert.ok(seen.every((pixel, i) => isNear(colors[i], grayColor(pixel))));
  },

  // Of many images only those that were shown last stay decoded; the others come back as they were left, and are saved as they are.
  async crowd(person, page) {
    const image = await readFile(exampleOf(person));
    const files = Array.from({ length: 20 }, (_, i) => Buffer.concat([image, Buffer.alloc(i + 1)]));
    await person.choose(files.map((buffer, i) => ({ name: `image${i}.png`, mimeType: "image/png", buffer })));
    const found = await person.area();
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    const corrected = await person.area();
    const overlay = () => page.evaluate(async () => {
      const [{ session: { entries: [entry] } }, { overlayPng }] = await Promise.all([import("/session.js"), import("/saving.js")]);
      return String(new Uint8Array(await (await overlayPng(entry.copy)).arrayBuffer()));
    });
    const saved = await overlay();
    await person.press(...Array(16).fill("j"));
    await person.until(async () => (await import("/session.js")).session.entries[17].bitmap !== null);
    const held = await page.evaluate(async () => {
      const { session: { entries } } = await import("/session.js");
      return entries.map(({ bitmap, probability, pixels }) => bitmap !== null || probability.length > 0 || pixels.length > 0);
    });
    assert.ok(held.filter(Boolean).length <= 12);
    assert.deepEqual([held[0], held[16], held[17]], [false, true, true]);
    assert.equal(await overlay(), saved);
    // Before it is decoded again, too, it is reviewed by the key.
    const isReviewed = await page.evaluate(() => {
      document.querySelector("#thumbnails button").click();
      const isResting = document.querySelector("#facts dd") === null;
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
      return isResting && document.querySelector("#reviewed").checked && !document.querySelector("#threshold").disabled;
    });
    assert.ok(isReviewed);
    await page.waitForFunction(() => document.querySelector("#facts dd") !== null);
    assert.ok(await page.isChecked("#reviewed"));
    assert.equal(await person.area(), corrected);
    await person.press("Control+z");
    assert.equal(await person.area(), found);
    await page.locator("#threshold").fill("20");
    assert.equal(await person.area(), (await answer(page, `threshold=${20.5 / 255}`)).area);
  },

  // Each of several lesions has its number above it, while they are shown at all; a single one has none.
  async numbered(person, page) {
    const white = [255, 255, 255];
    const whites = async () => {
      const view = await person.view();
      const found = await page.evaluate(async () => {
        const { session } = await import("/session.js");
        return session.segmented.lesions.map(({ component }) => component);
      });
      const above = found.map(({ left, right, top }) => {
        const { x, y } = placeOn(view, (left + right + 1) / 2, top);
        return Array.from({ length: 15 * 16 }, (_, i) => ({ x: x - 7 + i % 15, y: y - 4 - Math.floor(i / 15) }));
      });
      return Promise.all(above.map(async (places) => (await colorsAt(page, places)).filter((color) => isNear(color, white, 5)).length));
    };
    await person.example();
    assert.deepEqual(await whites(), [0]);
    await person.press("l");
    await person.drag([100, 100], [160, 100], [160, 160], [100, 160]);
    const two = await whites();
    assert.ok(two.length === 2 && two.every((count) => count > 5), `${two}`);
    await person.shot("numbered");
    await page.keyboard.down("h");
    assert.deepEqual(await whites(), [0, 0]);
    await page.keyboard.up("h");
    await person.press("Control+z");
    assert.deepEqual(await whites(), [0]);
  },

  // The lesion is filled as far as the opacity says, or not at all; its contour stays, until all is hidden while a key or a button is held.
  async contour(person, page) {
    await person.example();
    const { inside, edges, axes } = await lesionOf(person, page, await person.closer());
    const isShown = async (opacity, hasContour, said) => {
      const filled = await colorsAt(page, inside.map(({ place }) => place));
      const wrong = inside.filter(({ gray }, i) => !isNear(filled[i], ORANGE.map((part) => gray + (part - gray) * opacity)));
      assert.ok(wrong.length <= (hasContour ? axes : 0), `${said}: ${wrong.length} of ${inside.length} pixels`);
      const lines = (await colorsAt(page, edges)).filter((color) => isNear(color, ORANGE, 30));
      assert.ok(hasContour ? lines.length > 0.9 * edges.length : lines.length === 0, `${said}: ${lines.length} of ${edges.length} edges`);
    };
    await isShown(0.35, true, "as it comes");
    await page.check("#contourOnly");
    await isShown(0, true, "contour only");
    await person.press("o");
    assert.ok(!await page.isChecked("#contourOnly"));
    for (const opacity of [100, 0, 60]) {
      await page.locator("#opacity").fill(String(opacity));
      await isShown(opacity / 100, true, `${opacity} %`);
    }
    await person.press("o");
    assert.ok(await page.isChecked("#contourOnly"));
    await isShown(0, true, "contour only by its key");
    await page.click("#resetDisplay");
    await isShown(0.35, true, "reset");

    await page.keyboard.down("h");
    await isShown(0, false, "hidden by a key");
    await page.keyboard.up("h");
    await isShown(0.35, true, "shown again");
    await page.hover("#hide");
    await page.mouse.down();
    await isShown(0, false, "hidden by a button");
    await page.mouse.up();
    await isShown(0.35, true, "shown again");
  },

  // What the mask misses is blue, what it has too much red. The reference mask comes by one button, and goes by another.
  async colors(person, page) {
    await person.example();
    const mask = await grayOf(page, join(person.folder, "mask.png"));
    const withLesionOf = (value, bits) => {
      const buffer = pngOf({ ...mask, values: mask.values.map((old) => (old > 0 ? value : 0)) }, bits);
      return { name: "mask.png", mimeType: "image/png", buffer };
    };
    const choose = async (file) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("#chooseReference")]);
      await chooser.setFiles(file);
    };
    const none = await person.text("#comparisonText");
    assert.ok(await page.isDisabled("#removeReference"));
    await choose(join(person.folder, "images", "white.png"));
    await person.told(new RegExp(`64 x 64.*${mask.width} x ${mask.height}`));
    await choose(withLesionOf(100));
    await person.told(/brightest pixel is 100:/);
    assert.equal(await person.text("#comparisonText"), none);
    for (const value of [1, 255, 1000]) {
      await page.evaluate(() => document.querySelector("#status").replaceChildren());
      await choose(withLesionOf(value, 16));
      await person.told(/save the mask with 8 bits/);
      assert.equal(await person.text("#comparisonText"), none);
    }
    await choose(withLesionOf(65535, 16));
    await person.compared(/IoU 1\.000/);
    await page.click("#removeReference");
    for (const value of [1, 255]) {
      await choose(withLesionOf(value));
      await person.compared(/IoU 1\.000/);
      await page.click("#removeReference");
      assert.equal(await person.text("#comparisonText"), none);
    }
    await choose(join(person.folder, "mask.png"));
    await person.compared(/IoU 1\.000/);

    // A square beside the lesion, and a stroke of the eraser through the lesion.
    const { left, right, top, bottom } = (await lesionOf(person, page, await person.closer())).box;
    const row = (top + bottom) / 2;
    const square = { left: left - 70, right: left - 30, top, bottom: top + 40 };
    await person.press("0", "l");
    await person.drag([square.left, square.top], [square.right, square.top], [square.right, square.bottom], [square.left, square.bottom]);
    await person.press("e");
    await person.drag([left - 5, row], [right + 5, row]);
    const radius = 16 / (await person.view()).zoom;
    await page.locator("#opacity").fill("100");
    const view = await person.closer();
    const { inside } = await lesionOf(person, page, view);
    const extra = (await seenPixels(page, await grayOf(page, exampleOf(person)), view)).filter(({ x, y }) =>
      x > square.left + 3 && x < square.right - 4 && y > square.top + 3 && y < square.bottom - 4);
    const missed = inside.filter(({ y }) => Math.abs(y + 0.5 - row) < radius - 3);
    const found = inside.filter(({ y }) => Math.abs(y + 0.5 - row) > radius + 3);
    const isShown = async (pixels, colorOf, said) => {
      const colors = await colorsAt(page, pixels.map(({ place }) => place));
      const right = pixels.filter((pixel, i) => isNear(colors[i], colorOf(pixel))).length;
      assert.ok(pixels.length > 200 && right > 0.8 * pixels.length, `${said}: ${right} of ${pixels.length} pixels`);
    };
    await isShown(extra, () => RED, "extra");
    await isShown(missed, () => BLUE, "missed");
    await isShown(found, () => ORANGE, "found");
    await person.shot("colors");
    await page.click("#removeReference");
    await isShown(extra, () => ORANGE, "what was extra");
    await isShown(missed, grayColor, "what was missed");
    assert.ok(await page.isDisabled("#removeReference"));
  },
};

function exampleOf(person) {
  return join(person.folder, "images", "phantom_0001.png");
}

/** What the library finds in the example: the pixels inside, the places of the contour, the box, and how many pixels the axes may cover. */
async function lesionOf(person, page, view) {
  const mask = await grayOf(page, join(person.folder, "mask.png"));
  const seen = await seenPixels(page, await grayOf(page, exampleOf(person)), view);
  const near = [-3, -2, -1, 0, 1, 2, 3];
  const inside = seen.filter(({ x, y }) => near.every((dy) => near.every((dx) => mask.at(x + dx, y + dy) > 0)));
  const edges = seen.filter(({ x, y }) => mask.at(x, y) !== mask.at(x - 1, y)).map(({ x, y }) => placeOn(view, x, y + 0.5));
  assert.ok(inside.length > 1000 && edges.length > 50);
  const [columns, rows] = [inside.map(({ x }) => x), inside.map(({ y }) => y)];
  const box = { left: Math.min(...columns), right: Math.max(...columns), top: Math.min(...rows), bottom: Math.max(...rows) };
  return { inside, edges, box, axes: 6 * Math.hypot(box.right - box.left, box.bottom - box.top) };
}
