// DICOM files and their frames, and the archive that they come from.
import assert from "node:assert/strict";
import { join } from "node:path";
import { answer, hold, holdCall } from "./person.mjs";

export const LOOPS = {
  // A DICOM file is shown, and measured by its ultrasound region.
  async dicom(person, page) {
    const path = join(person.folder, "images", "image.dcm");
    await person.choose([path]);
    const { width, height, mm_per_pixel: size, frames } = await answer(page, "", path);
    assert.match(await person.text("#facts"), new RegExp(`${width} x ${height}`));
    assert.match(await person.text("#scaleText"), size ? /mm.*image file/ : /Pixels/);
    assert.equal(await page.locator("#frames").isVisible(), frames > 1);
    await person.shot("dicom");
  },

  // A correction is its frame's alone, and another frame that does not come leaves the one that is shown.
  async frames(person, page) {
    const { path, corrected } = await correctFirst(person);
    await page.locator("#frame").evaluate((slider) => {
      slider.value = "2";
      slider.dispatchEvent(new Event("input"));
    });
    assert.match(await person.text("#frames"), /2 of 2/, "while the slider is dragged");
    await page.evaluate(async () => (await import("/session.js")).refresh());
    assert.equal(await page.inputValue("#frame"), "2", "where another image comes meanwhile");
    await person.frame(2);
    // Of a frame that is left stays what is saved, and nothing as large as what came with it.
    assert.deepEqual(await left(page), [{ lesions: 0, reference: 0, probability: 0, pixels: 0 }]);
    await Promise.all([page.waitForEvent("download"), page.click("#saveAll")]);
    assert.deepEqual(await left(page), [{ lesions: 0, reference: 0, probability: 0, pixels: 0 }]);
    assert.equal(await person.area(), (await answer(page, "frame=2", path)).area);
    assert.ok(!await page.isChecked("#reviewed"));
    assert.ok(await page.locator("#restore").isDisabled(), "frame 2 is not corrected");

    // What is no finding, since the browser itself tells of a status that is none.
    await page.route(/segment\?/, (route) => route.fulfill({ json: {} }));
    await page.locator("#frame").fill("1");
    await page.waitForFunction(() => document.querySelector("#status").textContent.includes("image.dcm"));
    assert.match(await person.text("#frames"), /2 of 2/);
    await page.unroute(/segment\?/);
    await page.click("#again");
    await settled(page, "1 of 2");
    assert.equal(await person.area(), corrected);
    assert.ok(await page.isChecked("#reviewed"));

    // A stroke that is under way when another frame comes ends with the frame that it was drawn on.
    const second = await hold(page);
    await page.locator("#frame").fill("2");
    await second.asked;
    await person.press("b");
    const { x, y } = await person.place(100, 100);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 40, y, { steps: 4 });
    await second.release();
    await settled(page, "2 of 2");
    await page.mouse.move(x + 80, y, { steps: 4 });
    await page.mouse.up();
    assert.equal(await person.area(), (await answer(page, "frame=2", path)).area);
    assert.ok(await page.locator("#restore").isDisabled(), "nothing was drawn on frame 2");
  },

  // A correction comes back as one, under the weights that it was made with; what a network found is not taken for what another finds.
  async remembered(person, page) {
    await openLoop(page);
    await page.check("#reviewed");
    await page.selectOption("#weights", "second");
    await settled(page);
    assert.ok(!await page.isChecked("#reviewed"));
    assert.deepEqual(await stored(page), { weights: "second", frame: "1", corrected: "false", all: "false" });
    await page.selectOption("#weights", "first");
    await settled(page);
    assert.ok(await page.isChecked("#reviewed"));
    assert.deepEqual(await stored(page), { weights: "first", frame: "1", corrected: "false", all: "false" });

    await drawSquare(person);
    await person.kept(1);
    await page.reload();
    await openLoop(page);
    const corrected = await person.area();
    assert.deepEqual(await stored(page), { weights: "first", frame: "1", corrected: "true", all: "false" });
    await person.press("b");
    await person.drag([300, 400], [340, 400]);
    assert.ok(await person.area() > corrected);
    await person.press("Control+z");
    assert.equal(await person.area(), corrected);
    assert.deepEqual(await stored(page), { weights: "first", frame: "1", corrected: "true", all: "false" });
    await page.click("#restore");
    assert.deepEqual(await stored(page), { weights: "first", frame: "1", corrected: "false", all: "false" });
    await person.press("Control+z");
    assert.deepEqual(await stored(page), { weights: "first", frame: "1", corrected: "true", all: "false" });

    // A caliper that is removed under some weights does not come back under others, though these were not shown since.
    const calipers = page.locator("#facts dd:has(button)");
    await person.press("c");
    await person.drag([100, 200], [300, 200]);
    await page.selectOption("#weights", "second");
    await settled(page);
    await page.check("#reviewed");
    await person.until(async () => {
      const [{ session: { current: { key } } }, { recall }] = await Promise.all([import("/session.js"), import("/storage.js")]);
      return (await recall(key))?.calipers.length === 1;
    });
    await page.reload();
    await page.selectOption("#weights", "second");
    await openLoop(page);
    assert.equal(await calipers.count(), 1);
    await page.click("#caliper-0");
    await page.selectOption("#weights", "first");
    await settled(page);
    assert.equal(await calipers.count(), 0);
  },

  // Where the browser hashes nothing a correction lasts as long as the page: through other frames, and other weights.
  async unhashed(person, page) {
    await page.addInitScript(() => Object.defineProperty(Crypto.prototype, "subtle", { value: undefined }));
    await page.reload();
    const { path, corrected } = await correctFirst(person);
    const isKept = async () => {
      assert.equal(await person.area(), corrected);
      assert.deepEqual([await page.isChecked("#reviewed"), await page.isDisabled("#restore")], [true, false]);
    };
    await person.frame(2);
    assert.equal(await person.area(), (await answer(page, "frame=2", path)).area);
    assert.deepEqual([await page.isChecked("#reviewed"), await page.isDisabled("#restore")], [false, true]);
    await person.frame(1);
    await isKept();
    await page.selectOption("#weights", "second");
    await settled(page);
    assert.equal(await person.area(), (await answer(page, "weights=second", path)).area);
    assert.ok(await page.isDisabled("#restore"));
    await page.selectOption("#weights", "first");
    await settled(page);
    await isKept();

    // A caliper is of the frame, by whatever weights: it comes with others, and does not come back where it was removed under them.
    const calipers = page.locator("#facts dd:has(button)");
    await person.press("c");
    await person.drag([100, 200], [300, 200]);
    await page.selectOption("#weights", "second");
    await settled(page);
    await person.frame(2);
    assert.equal(await calipers.count(), 0);
    await person.frame(1);
    assert.equal(await calipers.count(), 1);
    await page.click("#caliper-0");
    await page.selectOption("#weights", "first");
    await settled(page);
    assert.equal(await calipers.count(), 0);
  },

  // Of a loop every frame that was corrected or reviewed is saved and printed, and the one that is shown; no other.
  async loop(person, page) {
    await person.choose([join(person.folder, "images", "image.dcm")]);
    await drawSquare(person);
    await person.press("Control+z");
    await person.frame(2);
    assert.doesNotMatch(await printed(person), /Frame 1 of 2/);
    await person.frame(1);
    assert.doesNotMatch(await printed(person), /Frame 2 of 2/);
    await drawSquare(person);
    await person.frame(2);
    assert.match(await printed(person), /Frame 1 of 2.*Corrected.*Frame 2 of 2/s);
    await person.press("l");
    await person.drag([100, 100], [200, 100], [200, 200], [100, 200]);
    await person.saveAll();
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#saveMask")]);
    assert.equal(download.suggestedFilename(), "image_0002_mask.png");
  },

  // What is saved and printed is as it was when it was asked for, though a person paints on and another frame comes.
  async meanwhile(person, page) {
    await person.choose([join(person.folder, "images", "image.dcm")]);
    await drawSquare(person);
    const zip = await holdCall(page, "convertToBlob", "OffscreenCanvas");
    const saving = person.saveAll();
    await zip.asked;
    await person.drag([100, 100], [200, 100], [200, 200], [100, 200]);
    await person.frame(2);
    await zip.release();
    await saving;

    const report = await holdCall(page, "convertToBlob", "OffscreenCanvas");
    const printing = printed(person);
    await report.asked;
    await person.frame(1);
    await report.release();
    assert.match(await printing, /Frame 1 of 2.*Frame 2 of 2/s);

    const mask = await holdCall(page, "convertToBlob", "OffscreenCanvas");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.click("#saveMask").then(() => mask.asked).then(() => person.frame(2)).then(() => mask.release()),
    ]);
    assert.equal(download.suggestedFilename(), "image_0001_mask.png");
  },

  // A reference mask that is not yet decoded when another frame comes is none of that frame's.
  async overtaken(person, page) {
    await person.warm();
    const path = join(person.folder, "images", "image.dcm");
    await person.choose([path]);
    const buffer = Buffer.from((await answer(page, "include=mask", path)).mask, "base64");
    const mask = { name: "mask.png", mimeType: "image/png", buffer };
    const decoding = await holdCall(page, "createImageBitmap");
    await page.setInputFiles("#reference", mask);
    await decoding.asked;
    await person.frame(2);
    await decoding.release();
    await page.waitForFunction(() => document.querySelector("#reference").value === "");
    assert.doesNotMatch(await person.text("#comparisonText"), /IoU/);
    assert.ok(await page.isDisabled("#removeReference"));
    await page.setInputFiles("#reference", mask);
    await person.compared(/IoU/);
  },

  // The mask of a frame is the reference mask of that frame, and of no other.
  async framed(person, page) {
    const path = join(person.folder, "images", "image.dcm");
    await person.choose([path]);
    await person.frame(2);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#saveMask")]);
    const mask = join(person.folder, download.suggestedFilename());
    await download.saveAs(mask);
    await page.reload();
    await page.waitForFunction(() => document.querySelector("#weights option") !== null);
    await page.setInputFiles("#files", [mask, path]);
    await person.told(/image_0002_mask\.png .* frame 2/);
    assert.deepEqual(await person.strip(), ["image.dcm"]);
    assert.doesNotMatch(await person.text("#comparisonText"), /IoU/);
    await person.frame(2);
    await page.setInputFiles("#files", [mask]);
    await person.compared(/IoU 1\.000/);
    assert.deepEqual(await person.strip(), ["image.dcm"]);
  },

  // What is forgotten does not come back with its frame.
  async forgotten(person, page) {
    const path = join(person.folder, "images", "image.dcm");
    await person.choose([path]);
    await drawSquare(person);
    await person.kept(1);
    await person.frame(2);
    await drawSquare(person);
    await person.kept(2);
    page.on("dialog", (dialog) => dialog.accept());
    await page.click("#forget");
    await person.kept(0);
    for (const frame of [1, 2]) {
      await person.frame(frame);
      assert.equal(await person.area(), (await answer(page, `frame=${frame}`, path)).area);
      assert.ok(await page.isDisabled("#restore"), `frame ${frame} is not corrected`);
    }
  },

  // A mask is stored, and printed, as of the frame and by the weights that made it, while others are on their way.
  async provenance(person, page) {
    await openLoop(page);
    await drawSquare(person);
    assert.deepEqual(await stored(page), { weights: "first", frame: "1", corrected: "true", all: "false" });

    const frame = await hold(page);
    await page.locator("#frame").fill("2");
    await frame.asked;
    assert.deepEqual(await stored(page), { weights: "first", frame: "1", corrected: "true", all: "false" });
    await frame.release();
    await settled(page, "2 of 2");
    assert.deepEqual(await stored(page), { weights: "first", frame: "2", corrected: "false", all: "false" });

    const weights = await hold(page);
    await page.selectOption("#weights", "second");
    await weights.asked;
    assert.deepEqual(await stored(page), { weights: "first", frame: "2", corrected: "false", all: "false" });
    assert.match(await printed(person), /Weights first, Frame 2 of 2/);
    await weights.release();
    await settled(page);
    assert.deepEqual(await stored(page), { weights: "second", frame: "2", corrected: "false", all: "false" });
    assert.match(await printed(person), /Weights second, Frame 2 of 2/);
  },

  // Images of one day and number are told apart by the archive's identifiers, in their names, in the table and beside the contours.
  async identified(person, page) {
    await page.route(/api\/v1\/archive/, async (route) =>
      route.fulfill({ json: await tellOfArchive(page, new URL(route.request().url())) }));
    await page.reload();
    for (const [i, opener] of ["#openArchive", "#addFromArchive"].entries()) {
      await page.click(opener);
      await page.locator("#studies > li > button").nth(i).click();
      await page.locator("#studies ul button").click();
      await person.settled(i + 1);
    }
    assert.deepEqual(await person.strip(), ["2024-01-02 Image 1 11111111", "2024-01-02 Image 1 22222222"]);
    await person.saveAll();
  },

  // The archive is told where a mask is outlined against the threshold of the presence.
  async against(person, page) {
    await page.route(/api\/v1\/archive/, async (route) => {
      const told = await tellOfArchive(page, new URL(route.request().url()));
      await route.fulfill({ json: /mask\?/.test(route.request().url()) ? { stored: IDENTIFIERS } : { ...told, presence_threshold: 1e6 } });
    });
    await page.reload();
    await page.click("#openArchive");
    await page.locator("#studies > li > button").first().click();
    await page.locator("#studies ul button").click();
    await person.settled(1);
    assert.equal(await person.area(), 0);
    assert.equal((await stored(page)).all, "false");
    await page.check("#showAll");
    assert.ok(await person.area() > 0);
    assert.equal((await stored(page)).all, "true");
  },

  // A study is found, its loop's second frame opened, a mask corrected and stored; then all by the keyboard, at another image.
  async archive(person, page) {
    await page.click("#openArchive");
    await page.waitForFunction(() => document.querySelectorAll("#studies > li").length === 2);
    await person.shot("studies");
    const loop = page.locator("#studies > li", { hasText: "2011-05-25" });
    await loop.locator("> button").click();
    await loop.locator("ul button", { hasText: "2 frames" }).click();
    await page.waitForFunction(() => document.querySelector("#facts dd") !== null);
    assert.match(await person.text("#frames"), /1 of 2/);
    await person.frame(2);
    await drawSquare(person);
    await page.click("#store");
    await page.waitForFunction(() => /2 objects/.test(document.querySelector("#status").textContent));
    await person.shot("archive");

    await page.locator("#addFromArchive").focus();
    await person.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll("#studies > li").length === 2);
    await page.locator("#archiveSearch").focus();
    await page.keyboard.type("nobody");
    await person.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll("#studies > li").length === 0);
    await page.locator("#archiveSearch").fill("");
    await person.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll("#studies > li").length === 2);
    await page.locator("#studies > li", { hasNotText: "2011-05-25" }).locator("> button").focus();
    await person.press("Enter");
    await page.waitForFunction(() => document.querySelector("#studies ul button") !== null);
    await person.press("Tab", "Enter");
    await page.waitForFunction(() => document.querySelectorAll("#thumbnails li").length === 2
      && document.querySelector("#status").textContent === "");
    await person.press("j");
    await page.locator("#store").focus();
    await person.press("Enter");
    await page.waitForFunction(() => /3 objects/.test(document.querySelector("#status").textContent));
  },
};

const IDENTIFIERS = ["1", "2"].map((digit) => Array(5).fill(digit.repeat(8)).join("-"));

/** What an archive says that has two patients' images of one day, with no description. */
async function tellOfArchive(page, { pathname, search }) {
  const [, study] = pathname.match(/studies\/(.*)\/images/) ?? [];
  if (pathname.endsWith("/segment")) {
    return answer(page, search.slice(1));
  }
  if (study !== undefined) {
    return { images: [{ id: study, series: "", number: 1, frames: 1 }] };
  }
  const studies = IDENTIFIERS.map((id) => ({ id, date: "20240102", patient: `Name^${id}`, patient_id: id, description: "" }));
  return pathname.endsWith("/studies") ? { studies, are_all: true } : { address: "http://localhost/" };
}

async function openLoop(page) {
  await page.click("#openArchive");
  await page.locator("#studies > li > button").click();
  await page.locator("#studies ul button", { hasText: "2 frames" }).click();
  await settled(page);
}

/** Opens the loop, and corrects and reviews its first frame. @returns its path, and the area that is there then */
async function correctFirst(person) {
  const path = join(person.folder, "images", "image.dcm");
  await person.choose([path]);
  const found = await person.area();
  await drawSquare(person);
  await person.press("r");
  const corrected = await person.area();
  assert.ok(corrected > found);
  return { path, corrected };
}

async function drawSquare(person) {
  await person.press("l");
  await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
}

/** Waits until a frame is shown, and nothing more is to come. */
async function settled(page, frame = "") {
  await page.waitForFunction((shown) => document.querySelector("#facts dd") !== null
    && document.querySelector("#frames").textContent.includes(shown) && document.querySelector("#status").textContent === "", frame);
}

/** How much the page holds of each frame that was left. */
function left(page) {
  return page.evaluate(async () => {
    const { session } = await import("/session.js");
    return [...session.current.left.values()].map(({ shown, reference, probability, pixels }) => ({
      lesions: shown?.length ?? 0,
      reference: reference?.length ?? 0,
      probability: probability.length,
      pixels: pixels.length,
    }));
  });
}

/** Stores the mask that is shown: what the archive is told of it. */
async function stored(page) {
  const [asked] = await Promise.all([page.waitForRequest(/\/mask\?/), page.click("#store")]);
  await page.waitForFunction(() => /2 objects/.test(document.querySelector("#status").textContent));
  const { weights, frame, corrected, all } = Object.fromEntries(new URL(asked.url()).searchParams);
  return { weights, frame, corrected, all };
}

async function printed(person) {
  await person.page.evaluate(() => {
    document.querySelector("#report").replaceChildren();
    window.print = () => {};
  });
  await person.page.click("#print");
  await person.page.waitForFunction(() => document.querySelector("#report img") !== null);
  return person.page.locator("#report").evaluate((report) => report.textContent);
}
