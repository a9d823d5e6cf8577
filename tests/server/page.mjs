// Works the page in a real browser as a person does: node page.mjs ADDRESS SCENARIO FOLDER. Ends with 1 where the page does something else.
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { EDITING } from "./editing.mjs";
import { KEEPING } from "./keeping.mjs";
import { LOOPS } from "./loops.mjs";
import { Person, answer } from "./person.mjs";

const [address, scenario, folder] = process.argv.slice(2);
const origin = new URL(address).origin;

const SCENARIOS = {
  ...EDITING,
  ...KEEPING,
  ...LOOPS,

  // Segmented without a button; the area, the number of lesions and the presence are the service's.
  async example(person, page) {
    await person.example();
    const { area, lesions, presence } = await answer(page, "");
    assert.deepEqual(await person.areas(), lesions.map((lesion) => lesion.area));
    assert.equal(await person.area(), area);
    assert.match(await person.text("#facts"), new RegExp(presence.toFixed(2).replace(".", "\\.")));
    assert.ok(await page.locator("#notice").isVisible());
    await person.shot("found");
  },

  async thresholds(person, page) {
    await person.example();
    const areas = new Set();
    for (const step of [0, 1, 20, 63, 126, 127, 128, 200, 250, 253, 254]) {
      await page.locator("#threshold").fill(String(step));
      const { area } = await answer(page, `all=true&threshold=${(step + 0.5) / 255}`);
      assert.equal(await person.area(), area, `step ${step}`);
      areas.add(area);
    }
    assert.ok(areas.size > 5, "the threshold changes the area");
  },

  // On a small screen tools and image are there together, and a lesion is marked and saved.
  async narrow(person, page) {
    await page.setViewportSize({ width: 320, height: 640 });
    await person.choose([join(folder, "images", "phantom_0001.png")]);
    for (const part of ["#tool-brush", "#stage"]) {
      const { y, height } = await page.locator(part).boundingBox();
      assert.ok(y >= 0 && y + height <= 640, `${part} is on the screen: ${y} to ${y + height}`);
    }
    await page.locator("#tool-lasso").tap();
    const found = await person.area();
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    assert.ok(await person.area() > found);
    await person.shot("narrow");
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#saveMask").tap()]);
    assert.equal(download.suggestedFilename(), "phantom_0001_mask.png");
  },

  // No message moves what is below or above it, and the area and the axes of a lesion stay in one line each.
  async steady(person, page) {
    const { LANGUAGES } = await import(`data:text/javascript,${encodeURIComponent(await (await page.request.get(`${origin}/strings.js`)).text())}`);
    const messages = Object.values(LANGUAGES).flatMap((words) => [words.comparisonSize, words.failed, words.scaleDraw, words.waiting]);
    await person.example();
    for (const width of [1280, 961, 320]) {
      await page.setViewportSize({ width, height: 860 });
      const moved = await page.evaluate(async (told) => {
        const { say } = await import("/elements.js");
        const places = () => ["#stage", "aside", "#strip"].map((part) => JSON.stringify(document.querySelector(part).getBoundingClientRect())).join();
        say("");
        const before = places();
        return told.filter((words) => {
          say(words);
          return places() !== before;
        });
      }, [...messages, messages.join(" ")]);
      assert.deepEqual(moved, [], `nothing moves at ${width}`);
      for (const column of [2, 3]) {
        const lines = await page.locator(`#lesions tbody td:nth-child(${column})`).first().evaluate((cell) => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          return range.getClientRects().length;
        });
        assert.equal(lines, 1, `column ${column} in one line at ${width}`);
      }
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `nothing beside a screen of ${width}`);
    }
    await person.shot("steady");
  },

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

  // Areas and axes are the service's own, in the millimeters that the file gives: 0.1 across and 0.2 down.
  async resolution(person, page) {
    const path = join(folder, "images", "measured.png");
    await person.choose([path]);
    const { area_mm2: area, lesions: [lesion] } = await answer(page, "", path);
    const cells = await page.locator("#lesions tbody tr").first().locator("td").allInnerTexts();
    assert.equal(cells[1], `${area.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} mm²`);
    assert.equal(cells[2], `${lesion.long_axis_mm.toFixed(1)} x ${lesion.short_axis_mm.toFixed(1)} mm`);
    assert.match(await person.text("#scaleText"), /0\.100 x 0\.200 mm.*image file/);
  },

  // A file's scale is that of its tissue, here from column 280 on: what lies or reaches elsewhere is in pixels, until a line gives a scale.
  async tissue(person, page) {
    const path = join(folder, "images", "measured.png");
    await page.route(/segment\?/, async (route) => {
      const found = await answer(page, new URL(route.request().url()).search.slice(1), path);
      await route.fulfill({ json: { ...found, mm_per_pixel_boxes: [[280, 0, found.width - 280, found.height]] } });
    });
    const units = async (selector) => (await page.locator(selector).allInnerTexts()).map((words) => words.match(/mm|px/)[0]);
    const [area, calipers] = ["#facts dt:first-child + dd", "#facts dd:has(button)"];
    const [areas, axes] = ["#lesions td:nth-child(2)", "#lesions td:nth-child(3)"];
    await person.choose([path]);
    await page.setInputFiles("#reference", join(folder, "mask.png"));
    await page.waitForFunction(() => /HD95/.test(document.querySelector("#comparisonText").textContent));
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

  // NAME_mask is the reference mask of NAME, and no image of the strip.
  async pair(person, page) {
    const files = ["phantom_0001_mask.png", "phantom_0001.png"].map((name) => join(folder, "images", name));
    await page.setInputFiles("#files", files);
    await page.waitForFunction(() => /IoU/.test(document.querySelector("#comparisonText").textContent));
    assert.match(await person.text("#comparisonText"), /IoU 1\.000, Dice 1\.000/);
    assert.equal(await page.locator("#thumbnails li").count(), 1);
  },

  // In a folder a mask is that of the image beside it, though another folder has one of the same name.
  async folders(person, page) {
    const [image, mask, other] = ["phantom_0001", "phantom_0001_mask", "measured"].map((name) => join(folder, "images", `${name}.png`));
    const chosen = join(folder, "chosen");
    for (const [day, [shown, reference]] of Object.entries({ first: [image, mask], second: [image, other] })) {
      await mkdir(join(chosen, day), { recursive: true });
      await copyFile(shown, join(chosen, day, "scan.png"));
      await copyFile(reference, join(chosen, day, "scan_mask.png"));
    }
    await page.setInputFiles("#folder", chosen);
    await page.waitForFunction(() => /IoU/.test(document.querySelector("#comparisonText").textContent));
    const texts = [];
    for (const i of [0, 1]) {
      await page.locator("#thumbnails li").nth(i).click();
      texts.push(await person.text("#comparisonText"));
    }
    assert.equal(await page.locator("#thumbnails li").count(), 2);
    assert.equal(texts.filter((text) => /IoU 1\.000/.test(text)).length, 1, texts.join("; "));
  },

  async warnings(person, page) {
    await person.choose([join(folder, "images", "white.png")]);
    const { warnings } = await answer(page, "", join(folder, "images", "white.png"));
    assert.ok(warnings.length > 0);
    assert.deepEqual(await page.locator("#warnings li").allInnerTexts(), warnings);
  },

  // No test: prints the milliseconds from the choice of a 500 x 400 image to its contour on the screen.
  async speed(person, page) {
    // Nobody drops an image sooner.
    await page.waitForTimeout(1000);
    const times = await page.evaluate(async () => {
      const image = await createImageBitmap(await (await fetch("example.png")).blob(), { resizeWidth: 500, resizeHeight: 400 });
      const canvas = new OffscreenCanvas(500, 400);
      canvas.getContext("2d").drawImage(image, 0, 0);
      const all = [];
      for (let i = 0; i < 10; i++) {
        canvas.getContext("2d").fillRect(i, 0, 1, 1);
        const transfer = new DataTransfer();
        transfer.items.add(new File([await canvas.convertToBlob({ type: "image/png" })], `image${i}.png`, { type: "image/png" }));
        const started = performance.now();
        const chooser = document.querySelector("#files");
        chooser.files = transfer.files;
        chooser.dispatchEvent(new Event("change"));
        const isShown = () => document.querySelectorAll("#thumbnails li").length > i
          && [...document.querySelectorAll("#thumbnails li span:last-child")].every((state) => state.textContent !== "…");
        do {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        } while (!isShown());
        all.push(Math.round(performance.now() - started));
      }
      return all;
    });
    console.log(`from the image to its contour, in ms: ${times.join(" ")}`);
  },

  async strip(person, page) {
    const images = ["phantom_0001.png", "phantom_0002.png"].map((name) => join(folder, "images", name));
    await person.choose(images);
    const current = () => page.locator('#thumbnails [aria-current="true"]').innerText();
    assert.match(await current(), /phantom_0001/);
    await person.press("j");
    assert.match(await current(), /phantom_0002/);
    await person.press("r");
    assert.match(await current(), /✓/);
    await person.press("k");
    assert.match(await current(), /phantom_0001/);
    assert.doesNotMatch(await current(), /✓/);
    await person.shot("strip");

    // What is added later is shown, and a file that is no image told.
    await page.setInputFiles("#files", [join(folder, "images", "phantom_0003.png"), fileURLToPath(import.meta.url)]);
    await page.waitForFunction(() => /1 of 2/.test(document.querySelector("#status").textContent));
    assert.match(await current(), /phantom_0003/);
  },

  async reference(person, page) {
    await person.choose([join(folder, "images", "phantom_0001.png")]);
    await page.setInputFiles("#reference", join(folder, "mask.png"));
    await page.waitForFunction(() => /IoU/.test(document.querySelector("#comparisonText").textContent));
    assert.match(await person.text("#comparisonText"), /IoU 1\.000, Dice 1\.000, HD95 0\.0 px\. Missed 0 px.*extra 0 px/);
    const found = await person.area();
    await page.locator("#opacity").fill("60");
    await person.press("e");
    await person.drag([300, 260], [420, 260]);
    const erased = found - (await person.area());
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    const drawn = (await person.area()) - found + erased;
    const text = (await person.text("#comparisonText")).replaceAll(",", "");
    assert.ok(erased > 0 && drawn > 0 && text.includes(`Missed ${erased} px`) && text.includes(`extra ${drawn} px`), text);
    await person.shot("reference");
  },

  async save(person, page) {
    await person.choose([join(folder, "images", "phantom_0001.png")]);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#saveAll")]);
    await download.saveAs(join(folder, "session.zip"));
  },

  async report(person, page) {
    await person.choose([join(folder, "images", "phantom_0001.png")]);
    const area = (await person.area()).toLocaleString("en");
    await page.evaluate(() => {
      window.print = () => {};
    });
    await page.click("#print");
    await page.waitForFunction(() => document.querySelector("#report img") !== null);
    await page.emulateMedia({ media: "print" });
    const words = await person.text("#report");
    for (const part of ["phantom_0001.png", `${area} px`, "not a medical device", "breast-ultrasound"]) {
      assert.ok(words.includes(part), `${part} in ${words}`);
    }
    await person.shot("report");
  },

  async display(person, page) {
    await person.example();
    const mean = () => page.evaluate(() => {
      const canvas = document.querySelector("#canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, value) => sum + value, 0) / data.length;
    });
    const plain = await mean();
    await page.locator("#brightness").fill("200");
    assert.ok(await mean() > plain);
    await page.click("#resetDisplay");
    assert.equal(await mean(), plain);
    await page.check("#invert");
    assert.notEqual(await mean(), plain);
    await page.uncheck("#invert");
    await page.keyboard.down("h");
    assert.notEqual(await mean(), plain);
    await page.keyboard.up("h");
    assert.equal(await mean(), plain);
    assert.equal(await person.area(), (await answer(page, "")).area);
  },

  async language(person, page) {
    await person.example();
    await page.selectOption("#language", "de");
    assert.match(await person.text("#verdict"), /Läsion/);
    assert.match(await person.text("#notice"), /kein Medizinprodukt/);
    await page.reload();
    assert.match(await person.text("#notice"), /kein Medizinprodukt/);
    const { LANGUAGES } = await import(`data:text/javascript,${encodeURIComponent(await (await page.request.get(`${origin}/strings.js`)).text())}`);
    for (const words of Object.values(LANGUAGES)) {
      assert.deepEqual(Object.keys(words), Object.keys(LANGUAGES.en));
    }
  },

  // WCAG AA by axe, light and dark, wide and narrow; nothing beside a narrow screen.
  async accessibility(person, page) {
    const axe = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 768, 320]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        await page.reload();
        for (const state of ["empty", "example"]) {
          if (state === "example") {
            await person.example();
          }
          await page.evaluate(`${axe};0`);
          const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
          const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 100)).join(" ")}`);
          assert.deepEqual(told, [], `${colorScheme} ${width} ${state}`);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `nothing beside a screen of ${width}`);
        }
        await person.shot(`${colorScheme}-${width}`);
      }
    }
  },
};

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  // What the accessibility test itself adds to the page is no part of it.
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, bypassCSP: scenario === "accessibility", hasTouch: ["touch", "narrow"].includes(scenario), locale: "en" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.stack));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => !/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== origin && faults.push(`asks ${request.url()}`));
  await page.goto(address);
  await page.waitForFunction(() => document.querySelector("#weights option") !== null);
  await SCENARIOS[scenario](new Person(page, folder), page);
  assert.deepEqual(faults, []);
} finally {
  await browser.close();
}
