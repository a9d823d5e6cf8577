// What a person does at the page, and what the service says itself.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A person at the page. */
export class Person {
  constructor(page, folder) {
    this.page = page;
    this.folder = folder;
  }

  async example() {
    await this.page.click("#example");
    await this.page.waitForFunction(() => document.querySelector("#facts dd") !== null);
  }

  async choose(files) {
    await this.page.setInputFiles("#files", files);
    await this.page.waitForFunction((count) => document.querySelectorAll("#thumbnails li").length === count
      && [...document.querySelectorAll("#thumbnails li span:last-child")].every((state) => state.textContent !== "…"), files.length);
  }

  /** The areas in the list of lesions, in pixels. */
  async areas() {
    const cells = await this.page.locator("#lesions tbody td:nth-child(2)").allInnerTexts();
    return cells.map((cell) => Number(cell.replace(/[^\d.]/g, "")));
  }

  async area() {
    return (await this.areas()).reduce((sum, area) => sum + area, 0);
  }

  /** A place on the page, from one in the image, while the whole image is fitted in. */
  async place(x, y) {
    const stage = await this.page.locator("#stage").boundingBox();
    const [width, height] = (await this.page.locator("#facts").innerText()).match(/(\d+) x (\d+)/).slice(1).map(Number);
    const zoom = Math.min(stage.width / width, stage.height / height);
    return { x: stage.x + (stage.width - width * zoom) / 2 + x * zoom, y: stage.y + (stage.height - height * zoom) / 2 + y * zoom, zoom };
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

/** What the service itself says of an image, the example where none is named. */
export async function answer(page, query, path) {
  const { origin } = new URL(page.url());
  const image = path ? await readFile(path) : await (await page.request.get(`${origin}/example.png`)).body();
  return (await page.request.post(`${origin}/api/v1/segment?${query}`, { data: image, headers: { "Content-Type": "image/png" } })).json();
}
