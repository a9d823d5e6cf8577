// What a person does at the page, and what the service says itself.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { placeOn } from "./screen.mjs";

/** A person at the page. */
export class Person {
  constructor(page, folder) {
    this.page = page;
    this.folder = folder;
  }

  /** Waits until the page is warmed up: from then on it asks for nothing, and decodes nothing, by itself. */
  async warm() {
    await this.page.waitForLoadState("networkidle");
  }

  async example() {
    await this.page.click("#example");
    await this.page.waitForFunction(() => document.querySelector("#facts dd") !== null);
  }

  async choose(files) {
    await this.page.setInputFiles("#files", files);
    await this.settled(files.length);
  }

  /** Waits until the strip has so many images, and none is still to be segmented. */
  async settled(count) {
    await this.page.waitForFunction((expected) => document.querySelectorAll("#thumbnails li").length === expected
      && [...document.querySelectorAll("#thumbnails li span:last-child")].every((state) => state.textContent !== "…"), count);
  }

  /** Shows a frame of a loop of two, and waits until nothing more is to come. */
  async frame(number) {
    await this.page.locator("#frame").fill(String(number));
    await this.page.waitForFunction((shown) => document.querySelector("#facts dd") !== null
      && document.querySelector("#frames").textContent.includes(shown)
      && document.querySelector("#status").textContent === "", `${number} of 2`);
  }

  /** The names in the strip, in its order. */
  strip() {
    return this.page.locator("#thumbnails button").evaluateAll((buttons) => buttons.map(({ title }) => title));
  }

  /** Waits until the page's words are such: those of the status line, or of another place. */
  async told(words, selector = "#status") {
    await this.page.waitForFunction(
      ({ pattern, place }) => new RegExp(pattern).test(document.querySelector(place).textContent),
      { pattern: words.source, place: selector });
  }

  /** Waits until the mask is compared with its reference mask, and how. */
  async compared(words) {
    await this.told(words, "#comparisonText");
  }

  /** The areas in the list of lesions, in pixels. */
  async areas() {
    const cells = await this.page.locator("#lesions tbody td:nth-child(2)").allInnerTexts();
    return cells.map((cell) => Number(cell.replace(/[^\d.]/g, "")));
  }

  async area() {
    return (await this.areas()).reduce((sum, area) => sum + area, 0);
  }

  /** Waits until a promise of the page is of true: Playwright's own waiting does not wait for a promise. */
  async until(isSo, ...values) {
    const end = Date.now() + 60_000;
    while (!await this.page.evaluate(isSo, ...values)) {
      assert.ok(Date.now() < end, `still not so: ${isSo}`);
      await this.page.waitForTimeout(20);
    }
  }

  /** Waits until the browser keeps so many corrected masks. */
  async kept(count) {
    await this.until((expected) => new Promise((resolve, reject) => {
      const opening = indexedDB.open("cmunext");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const reading = opening.result.transaction("corrections").objectStore("corrections").getAll();
        reading.onerror = () => reject(reading.error);
        reading.onsuccess = () => {
          opening.result.close();
          resolve(reading.result.filter(({ corrected }) => corrected).length === expected);
        };
      };
    }), count);
  }

  /** A place on the page, from one in the image, while the whole image is fitted in. */
  async place(x, y) {
    const view = await this.view();
    return { ...placeOn(view, x, y), zoom: view.zoom };
  }

  /** Where the image lies on the page: fitted in, then zoomed in on so many times by the key; out, where it is less than 0. */
  async view(zooms = 0) {
    const stage = await this.page.locator("#stage").evaluate((element) => {
      const { x, y } = element.getBoundingClientRect();
      return { x, y, width: element.clientWidth, height: element.clientHeight };
    });
    const [width, height] = (await this.page.locator("#facts").innerText()).match(/(\d+) x (\d+)/).slice(1).map(Number);
    const zoom = Math.min(stage.width / width, stage.height / height) * 1.25 ** zooms;
    return { left: stage.x + (stage.width - width * zoom) / 2, top: stage.y + (stage.height - height * zoom) / 2, zoom };
  }

  /** Zooms in on the middle by its key, until the browser shows pixels as squares of one color: where the image then lies. */
  async closer() {
    const zooms = 7;
    await this.press("0", ...Array(zooms).fill("+"));
    return this.view(zooms);
  }

  /** Drags the mouse along points of the image. */
  async drag(...points) {
    const places = await Promise.all(points.map(([x, y]) => this.place(x, y)));
    await this.page.mouse.move(places[0].x, places[0].y);
    await this.page.mouse.down();
    for (const { x, y } of places.slice(1)) {
      await this.page.mouse.move(x, y, { steps: 10 });
    }
    await this.page.mouse.up();
  }

  /** Saves all of the session in one zip. */
  async saveAll() {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.page.click("#saveAll")]);
    await download.saveAs(join(this.folder, "session.zip"));
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  text(selector) {
    return this.page.locator(selector).innerText();
  }

  async shot(name) {
    await this.page.screenshot({ path: join(this.folder, `${name}.png`) });
  }
}

/** Holds the next image that is to be segmented. */
export async function hold(page) {
  let tell;
  const asked = new Promise((resolve) => {
    tell = resolve;
  });
  await page.route(/segment\?/, tell, { times: 1 });
  return { asked, release: async () => (await asked).continue() };
}

/** Holds the next call of a function of the browser: of the window, or of a type's objects. */
export async function holdCall(page, name, type) {
  const held = await page.evaluateHandle((called) => {
    const owner = called.type === undefined ? window : window[called.type].prototype;
    const own = owner[called.name];
    const asked = Promise.withResolvers();
    const released = Promise.withResolvers();
    owner[called.name] = async function (...values) {
      owner[called.name] = own;
      asked.resolve();
      await released.promise;
      return own.apply(this, values);
    };
    return { asked: asked.promise, release: released.resolve };
  }, { name, type });
  return { asked: held.evaluate(({ asked }) => asked), release: () => held.evaluate(({ release }) => release()) };
}

/** What the service itself says of an image, the example where none is named. */
export async function answer(page, query, path) {
  const { origin } = new URL(page.url());
  const image = path ? await readFile(path) : await (await page.request.get(`${origin}/example.png`)).body();
  return (await page.request.post(`${origin}/api/v1/segment?${query}`, { data: image, headers: { "Content-Type": "image/png" } })).json();
}
