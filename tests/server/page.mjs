// Works the page in a real browser as a person does: node page.mjs ADDRESS SCENARIO FOLDER. Ends with 1 where the page does something else.
// Without arguments, one browser works a scenario for each line of the standard input, a JSON array of the three, and answers each with
// a line, a JSON string: where the page did something else, empty where it did not.
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { ARRIVING } from "./arriving.mjs";
import { DECIDING } from "./deciding.mjs";
import { EDITING } from "./editing.mjs";
import { KEEPING } from "./keeping.mjs";
import { LOOKING } from "./looking.mjs";
import { LOOPS } from "./loops.mjs";
import { MEASURING } from "./measuring.mjs";
import { MOVING } from "./moving.mjs";
import { PAINTING } from "./painting.mjs";
import { Person, answer } from "./person.mjs";
import { SAVING } from "./saving.mjs";
import { grayOf, pngOf } from "./screen.mjs";

const SCENARIOS = {
  ...ARRIVING,
  ...DECIDING,
  ...EDITING,
  ...KEEPING,
  ...LOOKING,
  ...LOOPS,
  ...MEASURING,
  ...MOVING,
  ...PAINTING,
  ...SAVING,

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

  // On a small screen tools and image are there together, and a lesion is marked and saved.
  async narrow(person, page) {
    await page.setViewportSize({ width: 320, height: 640 });
    await person.choose([join(person.folder, "images", "phantom_0001.png")]);
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

  // In a low window, and on a phone held sideways, the image covers neither what is said nor what is pressed.
  async low(person, page) {
    await person.choose([1, 2, 3].map((number) => join(person.folder, "images", `phantom_000${number}.png`)));
    const { say } = await page.evaluateHandle(() => import("/elements.js")).then((module) => module.getProperties()
      .then((properties) => Object.fromEntries(properties)));
    for (const [width, height] of [[1280, 577], [1024, 660], [1366, 600], [1280, 500], [844, 390], [667, 375]]) {
      await page.setViewportSize({ width, height });
      for (const language of Object.keys(await languages(page))) {
        await page.selectOption("#language", language);
        await say.evaluate((tell) => tell("here"));
        for (const part of ["#status", "#previous", "#next", "#add", "#help", "#tool-brush", "#stage"]) {
          const isSeen = await page.locator(part).evaluate(async (element) => {
            element.scrollIntoView({ block: "nearest" });
            const { x, y, width: wide, height: high } = element.getBoundingClientRect();
            const shown = document.elementFromPoint(x + Math.min(wide, 40) / 2, y + high / 2);
            return element.contains(shown) && y + high <= innerHeight + 1;
          });
          assert.ok(isSeen, `${part} is seen at ${width} x ${height}, ${language}`);
        }
        await page.locator("#stage").evaluate(() => scrollTo(0, 0));
      }
      await person.shot(`low-${width}`);
    }
  },

  // No message moves what is below or above it, and the area and the axes of a lesion stay in one line each.
  async steady(person, page) {
    const LANGUAGES = await languages(page);
    const messages = Object.values(LANGUAGES).flatMap((words) => [words.comparisonSize, words.failed, words.scaleDraw, words.waiting]);
    await person.example();
    for (const width of [1280, 961, 320]) {
      await page.setViewportSize({ width, height: 860 });
      const moved = await page.evaluate(async (told) => {
        const { say } = await import("/elements.js");
        const places = () => ["#stage", "aside", "#strip"]
          .map((part) => JSON.stringify(document.querySelector(part).getBoundingClientRect())).join();
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

  // NAME_mask is the reference mask of NAME, and no image of the strip.
  async pair(person, page) {
    const files = ["phantom_0001_mask.png", "phantom_0001.png"].map((name) => join(person.folder, "images", name));
    await page.setInputFiles("#files", files);
    await page.waitForFunction(() => /IoU/.test(document.querySelector("#comparisonText").textContent));
    assert.match(await person.text("#comparisonText"), /IoU 1\.000, Dice 1\.000/);
    assert.equal(await page.locator("#thumbnails li").count(), 1);
  },

  // In a folder a mask is that of the image beside it, though another folder has one of the same name.
  async folders(person, page) {
    const [image, mask] = ["phantom_0001", "phantom_0001_mask"].map((name) => join(person.folder, "images", `${name}.png`));
    const { width, height, values } = await grayOf(page, mask);
    const other = join(person.folder, "other.png");
    await writeFile(other, pngOf({ width, height, values: values.map((value) => 255 - value) }));
    const chosen = join(person.folder, "chosen");
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
    await person.choose([join(person.folder, "images", "white.png")]);
    const { warnings } = await answer(page, "", join(person.folder, "images", "white.png"));
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
    const images = ["phantom_0001.png", "phantom_0002.png"].map((name) => join(person.folder, "images", name));
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
    await page.setInputFiles("#files", [join(person.folder, "images", "phantom_0003.png"), fileURLToPath(import.meta.url)]);
    await page.waitForFunction(() => /1 of 2/.test(document.querySelector("#status").textContent));
    assert.match(await current(), /phantom_0003/);
  },

  async language(person, page) {
    await person.example();
    await page.selectOption("#language", "de");
    assert.match(await person.text("#verdict"), /Läsion/);
    assert.match(await person.text("#notice"), /kein Medizinprodukt/);
    await page.reload();
    assert.match(await person.text("#notice"), /kein Medizinprodukt/);
    const LANGUAGES = await languages(page);
    for (const words of Object.values(LANGUAGES)) {
      assert.deepEqual(Object.keys(words), Object.keys(LANGUAGES.en));
    }
  },

  // The verdict is read out, once for each image; what the service says in English is said to be English on a German page.
  async spoken(person, page) {
    await page.selectOption("#language", "de");
    const languageOf = (selector) => page.locator(selector).first().evaluate((element) => element.closest("[lang]").lang);
    assert.equal(await page.getAttribute("#verdict", "role"), "status");
    await page.evaluate(() => {
      window.told = [];
      new MutationObserver(([{ target }]) => window.told.push(target.textContent))
        .observe(document.querySelector("#verdict"), { childList: true });
    });
    const told = () => page.evaluate(() => window.told.splice(0).filter((words) => words !== ""));
    await person.choose(["phantom_0001.png", "measured.png", "white.png"].map((name) => join(person.folder, "images", name)));
    const [first] = await told();
    assert.match(first, /umrandet/);
    assert.equal(await languageOf("#verdict"), "de");
    await person.press("o", "o");
    assert.deepEqual(await told(), [], "nothing is another");
    await person.press("j");
    assert.deepEqual(await told(), [first]);
    await person.press("j");
    assert.equal((await told()).length, 1);
    assert.equal(await languageOf("#warnings li"), "en");
    assert.ok(await page.locator("[role=status] #warnings li").first().isVisible());
    await page.evaluate(() => {
      window.warned = document.querySelector("#warnings li");
    });
    await person.press("r");
    assert.ok(await page.evaluate(() => window.warned.isConnected), "a warning is read out once");
    const states = () => page.locator("#thumbnails [role=img]").evaluateAll((all) => all.map((state) => state.getAttribute("aria-label")));
    assert.match((await states())[0], /^1 Läsion umrandet, Konfidenz \d+ %$/);
    assert.match((await states())[2], /^Geprüft, Keine Läsion umrandet$/);

    await page.evaluate(() => {
      window.fetch = async () => new Response(JSON.stringify({ detail: "The body is empty." }), { status: 422 });
    });
    await page.setInputFiles("#files", [{ name: "empty.png", mimeType: "image/png", buffer: Buffer.alloc(0) }]);
    await person.told(/empty\.png: The body is empty\./);
    assert.deepEqual(await told(), ["The body is empty."]);
    assert.deepEqual([await languageOf("#status"), await languageOf("#verdict")], ["en", "en"]);
    await person.press("b");
    await person.told(/Ziehen malt/);
    await person.press("k");
    assert.deepEqual([await languageOf("#status"), await languageOf("#verdict")], ["de", "de"]);
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

/** The page's texts, by the key of their language. */
async function languages(page) {
  const strings = await (await page.request.get(new URL("/strings.js", page.url()).href)).text();
  return (await import(`data:text/javascript,${encodeURIComponent(strings)}`)).LANGUAGES;
}

/** Works one scenario in a context of its own; throws where the page does something else. */
async function work(browser, address, scenario, folder) {
  const { origin } = new URL(address);

  // What the accessibility test itself adds to the page is no part of it.
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    bypassCSP: scenario === "accessibility",
    hasTouch: ["touch", "fingers", "lifted", "narrow"].includes(scenario),
    locale: "en",
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.stack));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("request", (request) =>
      !/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== origin && faults.push(`asks ${request.url()}`));
    await page.goto(address);
    await page.waitForFunction(() => document.querySelector("#weights option") !== null);
    await SCENARIOS[scenario](new Person(page, folder), page);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  if (process.argv.length > 2) {
    await work(browser, ...process.argv.slice(2));
  } else {
    for await (const line of createInterface({ input: process.stdin })) {
      const failure = await work(browser, ...JSON.parse(line)).then(() => "", (error) => error.stack);
      process.stdout.write(`${JSON.stringify(failure)}\n`);
    }
  }
} finally {
  await browser.close();
}
