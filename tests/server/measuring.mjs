// What the page measures: lengths and areas by an image's scale, and how a mask compares with a reference mask.
import assert from "node:assert/strict";
import { join } from "node:path";
import { answer } from "./person.mjs";

export const MEASURING = {
  async scale(person, page) {
    await person.example();
    const found = await person.area();
    await page.click("#calibrate");
    assert.notEqual(await person.text("#status"), "");
    await page.fill("#lineLength", "20");
    await page.click("#calibrate");
    await person.drag([100, 100], [300, 100]);
    const cell = await page.locator("#lesions tbody td:nth-child(2)").innerText();
    assert.match(cell, /mm²/);
    assert.ok(Math.abs(Number(cell.replace(/[^\d.]/g, "")) - found * 0.01) < found * 0.0002, `${cell} for ${found} pixels of 0.1 mm`);
    await person.drag([100, 300], [250, 300]);
    assert.match(await person.text("#facts"), /1[45]\.\d mm/);
    await person.shot("scale");
    await page.click("#caliper-0");
    assert.doesNotMatch(await person.text("#facts"), /1[45]\.\d mm/);
    await page.click("#forgetScale");
    assert.deepEqual(await person.areas(), [found]);
  },

  // Calipers are their frame's, and come back with it; a line's scale holds for all frames, whatever the file says, until it is forgotten.
  async calipers(person, page) {
    const path = join(person.folder, "images", "image.dcm");
    await page.route(/segment\?/, async (route) => {
      const found = await answer(page, new URL(route.request().url()).search.slice(1), path);
      await route.fulfill({ json: { ...found, mm_per_pixel: [0.3, 0.3], mm_per_pixel_boxes: undefined } });
    });
    const calipers = () => page.locator("#facts dd:has(button)").allInnerTexts();
    const scale = () => person.text("#scaleText");
    await person.choose([path]);
    assert.match(await scale(), /0\.300 mm.*image file/);
    await page.fill("#lineLength", "20");
    await page.click("#calibrate");
    await person.drag([100, 100], [300, 100]);
    const line = await scale();
    assert.match(line, /from your line/);
    await person.drag([100, 200], [300, 200]);
    const drawn = await calipers();
    assert.equal(drawn.length, 1);
    await person.frame(2);
    assert.deepEqual([await calipers(), await scale()], [[], line]);
    await person.frame(1);
    assert.deepEqual([await calipers(), await scale()], [drawn, line]);

    // A new line is that of frames that were left too, and what is saved of them has it.
    await person.frame(2);
    await person.press("r");
    await page.fill("#lineLength", "40");
    await page.click("#calibrate");
    await person.drag([100, 100], [300, 100]);
    const newLine = await scale();
    assert.notEqual(newLine, line);
    const saved = await page.evaluate(async () => (await import("/session.js")).session.current.frames.map(({ copy }) => copy.scale));
    assert.equal(saved.length, 2);
    assert.deepEqual(saved[0], saved[1]);
    await person.frame(1);
    assert.equal(await scale(), newLine);
    const measured = await calipers();
    const areRemembered = (count, isMeasured) => person.until(async (expected) => {
      const [{ session: { current: { key } } }, { recall }] = await Promise.all([import("/session.js"), import("/storage.js")]);
      const [first, second] = await Promise.all([recall(key), recall(key.replace("-1-", "-2-"))]);
      return first?.calipers.length === expected.count && [first, second].every((one) => (one?.scale != null) === expected.isMeasured);
    }, { count, isMeasured });
    await areRemembered(1, true);
    await page.reload();
    await person.choose([path]);
    assert.deepEqual([await calipers(), await scale()], [measured, newLine]);

    // What is forgotten comes back with no frame, though it was not shown since the page was opened.
    await page.click("#forgetScale");
    await page.click("#caliper-0");
    await areRemembered(0, false);
    await page.reload();
    await person.choose([path]);
    assert.match(await scale(), /0\.300 mm.*image file/);
    await person.frame(2);
    assert.match(await scale(), /0\.300 mm.*image file/);
    assert.ok(await page.isChecked("#reviewed"));
    await person.frame(1);
    assert.match(await scale(), /0\.300 mm.*image file/);
    assert.deepEqual(await calipers(), []);
  },

  // Areas and axes are the service's own, in the millimeters that the file gives: 0.1 across and 0.2 down.
  async resolution(person, page) {
    const path = join(person.folder, "images", "measured.png");
    await person.choose([path]);
    const { area_mm2: area, lesions: [lesion] } = await answer(page, "", path);
    const largest = () => page.locator("#lesions tbody tr").first().locator("td").allInnerTexts();
    const cells = await largest();
    assert.equal(cells[1], `${area.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} mm²`);
    assert.equal(cells[2], `${lesion.long_axis_mm.toFixed(1)} x ${lesion.short_axis_mm.toFixed(1)} mm`);
    assert.match(await person.text("#scaleText"), /0\.100 x 0\.200 mm.*image file/);

    // 200 pixels across, 200 down, and both at once.
    await person.press("c");
    for (const to of [[500, 100], [300, 300], [500, 300]]) {
      await person.drag([300, 100], to);
    }
    const calipers = await page.locator("#facts dd:has(button)").allInnerTexts();
    assert.equal(calipers.length, 3);
    [20, 40, Math.hypot(20, 40)].forEach((length, i) => assertNear(numbersOf(calipers[i])[0], length, 0.5));

    // A square of 160 pixels is 16 mm wide and 32 high: its diagonal, and across that twice the distance of a corner.
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    const [long, short] = numbersOf((await largest())[2]);
    assertNear(long, Math.hypot(16, 32), 0.5);
    assertNear(short, 2 * 16 * 32 / Math.hypot(16, 32), 0.5);
  },

  // A file's scale is that of its tissue, here from column 280 on: what lies or reaches elsewhere is in pixels, until a line gives a scale.
  async tissue(person, page) {
    const path = join(person.folder, "images", "measured.png");
    await page.route(/segment\?/, async (route) => {
      const found = await answer(page, new URL(route.request().url()).search.slice(1), path);
      await route.fulfill({ json: { ...found, mm_per_pixel_boxes: [[280, 0, found.width - 280, found.height]] } });
    });
    const units = async (selector) => (await page.locator(selector).allInnerTexts()).map((words) => words.match(/mm|px/)[0]);
    const [area, calipers] = ["#facts dt:first-child + dd", "#facts dd:has(button)"];
    const [areas, axes] = ["#lesions td:nth-child(2)", "#lesions td:nth-child(3)"];
    await person.choose([path]);
    await compareWithFound(person, page);
    assert.match(await person.text("#comparisonText"), /HD95 0\.0 mm/);
    assert.match(await person.text("#scaleText"), /0\.100 x 0\.200 mm.*tissue/);
    assert.deepEqual([await units(area), await units(areas), await units(axes)], [["mm"], ["mm"], ["mm"]]);
    await person.press("c");
    for (const [from, to] of [[300, 400], [100, 200], [200, 350]]) {
      await person.drag([from, 100], [to, 100]);
    }
    assert.deepEqual(await units(calipers), ["mm", "px", "px"]);
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    assert.deepEqual([await units(area), await units(areas), await units(axes)], [["px"], ["px", "mm"], ["px", "mm"]]);
    assert.match(await person.text("#comparisonText"), /HD95 [\d.]+ px/);
    await page.fill("#lineLength", "20");
    await page.click("#calibrate");
    await person.drag([300, 100], [500, 100]);
    assert.deepEqual([await units(area), await units(areas), await units(calipers)], [["mm"], ["mm", "mm"], ["mm", "mm", "mm"]]);
  },

  // A corrected mask is compared as the metrics are defined: in pixels, and in the millimeters that a file gives.
  async reference(person, page) {
    const images = [
      { name: "phantom_0001.png", scale: { x: 1, y: 1 }, unit: "px", digits: 0 },
      { name: "measured.png", scale: { x: 0.1, y: 0.2 }, unit: "mm", digits: 1 },
    ];
    await person.choose(images.map(({ name }) => join(person.folder, "images", name)));
    for (const [i, image] of images.entries()) {
      await page.locator("#thumbnails li").nth(i).click();
      await compareWithFound(person, page);
      assert.match(await person.text("#comparisonText"), /IoU 1\.000, Dice 1\.000, HD95 0\.0 .*Missed 0(\.0)? .*extra 0(\.0)? /);
      await page.locator("#opacity").fill("60");
      await person.press("e");
      await person.drag([300, 260], [420, 260]);
      await person.press("l");
      await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
      await person.shot(`reference-${image.unit}`);
      const { iou, dice, hd95, missed, extra } = byDefinition(await shownMasks(page), image.scale);
      assert.ok(missed > 0 && extra > 0);
      const text = (await person.text("#comparisonText")).replaceAll(",", "");
      const { unit, digits } = image;
      const shown = text.match(new RegExp(`IoU (\\S+) Dice (\\S+) HD95 (\\S+) ${unit}\\. Missed (\\S+) ${unit}.* extra (\\S+) ${unit}`));
      assert.ok(shown, text);
      [[iou, 3], [dice, 3], [hd95, 1], [missed, digits], [extra, digits]].forEach(([value, rounded], part) =>
        assertNear(Number(shown[part + 1]), value, 0.51 * 10 ** -rounded));
    }

    // What is no mask is no reference mask, and is named.
    const before = await person.text("#comparisonText");
    await page.setInputFiles("#reference", join(person.folder, "images", "measured.png"));
    await person.told(/^measured\.png: \d\d % of its pixels are near neither 0 nor \d+, so it seems to be an image/);
    await page.setInputFiles("#reference", { name: "scan_mask.tif", mimeType: "image/tiff", buffer: Buffer.from("II*\0") });
    await person.told(/^scan_mask\.tif: the browser cannot read this reference mask/);
    assert.equal(await person.text("#comparisonText"), before);
  },
};

/** Takes what the network finds in the image as the reference mask. */
async function compareWithFound(person, page) {
  await page.setInputFiles("#reference", join(person.folder, "mask.png"));
  await page.waitForFunction(() => /IoU/.test(document.querySelector("#comparisonText").textContent));
}

/** The pixels of the mask that is shown, and of its reference mask. */
async function shownMasks(page) {
  const { width, mask, reference } = await page.evaluate(async () => {
    const { session: { current } } = await import("/session.js");
    return { width: current.width, mask: current.mask.join(""), reference: current.reference.join("") };
  });
  return [mask, reference].map((pixels) => [...pixels].map((value, i) => ({ value, x: i % width, y: Math.floor(i / width) }))
    .filter(({ value }) => value === "1"));
}

// Of two sets of pixels; the distances are those of all pixels of one border to all of the other.
function byDefinition([mask, reference], scale) {
  const placeOf = ({ x, y }) => `${x} ${y}`;
  const [inMask, inReference] = [mask, reference].map((pixels) => new Set(pixels.map(placeOf)));
  const both = mask.filter((pixel) => inReference.has(placeOf(pixel))).length;
  const bordersOf = (pixels, set) => pixels.filter(({ x, y }) =>
    [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]].some((neighbor) => !set.has(neighbor.join(" "))));
  const borders = [bordersOf(mask, inMask), bordersOf(reference, inReference)];
  const directed = (from, to) => percentile95(
    from.map((p) => Math.min(...to.map((q) => Math.hypot((p.x - q.x) * scale.x, (p.y - q.y) * scale.y)))));
  return {
    iou: both / (mask.length + reference.length - both),
    dice: 2 * both / (mask.length + reference.length),
    hd95: Math.max(directed(borders[0], borders[1]), directed(borders[1], borders[0])),
    missed: (reference.length - both) * scale.x * scale.y,
    extra: (mask.length - both) * scale.x * scale.y,
  };
}

// Between two values, interpolated linearly.
function percentile95(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = 0.95 * (sorted.length - 1);
  const part = place % 1;
  return (1 - part) * sorted[Math.floor(place)] + part * sorted[Math.ceil(place)];
}

function numbersOf(words) {
  return words.match(/[\d.]+/g).map(Number);
}

function assertNear(shown, expected, within) {
  assert.ok(Math.abs(shown - expected) <= within, `${shown} where ${expected} is expected`);
}
