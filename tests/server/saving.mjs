// What is saved, and printed.
import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { answer } from "./person.mjs";

export const SAVING = {
  // The first image as it is, the second reviewed, the third corrected.
  async save(person, page) {
    const [plain, measured, corrected] = ["phantom_0001", "measured", "corrected"]
      .map((name) => join(person.folder, "images", `${name}.png`));
    await copyFile(measured, corrected);
    await person.choose([plain, measured, corrected]);
    await page.locator("#thumbnails li").nth(1).click();
    await page.check("#reviewed");
    await page.locator("#thumbnails li").nth(2).click();
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    await person.saveAll();
  },

  // Names that a spreadsheet would take for formulas, and a presence below 0.
  async formula(person, page) {
    const white = join(person.folder, "images", "white.png");
    await page.route(/segment\?/, async (route) => {
      const found = await answer(page, new URL(route.request().url()).search.slice(1), white);
      await route.fulfill({ json: { ...found, presence: -1.25 } });
    });
    const buffer = await readFile(white);
    await person.choose(['=1+1, "2".png', "-1.png", "\uff1d1.png"].map((name) => ({ name, mimeType: "image/png", buffer })));
    await person.saveAll();
  },

  async report(person, page) {
    await person.choose([join(person.folder, "images", "phantom_0001.png")]);
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

  // The browser keeps no image of a report when the next one is made.
  async reprint(person, page) {
    await person.choose([1, 2].map((number) => join(person.folder, "images", `phantom_000${number}.png`)));
    await page.evaluate(() => {
      const { revokeObjectURL } = URL;
      Object.assign(window, { printed: [], revoked: [] });
      URL.revokeObjectURL = (address) => {
        window.revoked.push(address);
        revokeObjectURL.call(URL, address);
      };
      window.print = () => window.printed.push([...document.querySelectorAll("#report img")].map(({ src }) => src));
    });
    const print = async (times) => {
      await page.click("#print");
      await page.waitForFunction((count) => window.printed.length === count, times);
      return page.evaluate(() => ({ printed: window.printed, revoked: window.revoked }));
    };
    const { printed: [first], revoked } = await print(1);
    assert.deepEqual([first.length, revoked], [2, []]);
    assert.deepEqual((await print(2)).revoked, first);
  },

  // Mask and overlay by their own buttons, of the image as it is, and not as it is displayed.
  async single(person, page) {
    await person.choose([join(person.folder, "images", "phantom_0001.png")]);
    await page.locator("#brightness").fill("200");
    await page.check("#invert");
    await page.check("#contourOnly");
    await person.press("+", "+");
    for (const [button, name] of [["#saveMask", "phantom_0001_mask.png"], ["#saveOverlay", "phantom_0001_overlay.png"]]) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
      assert.equal(download.suggestedFilename(), name);
      await download.saveAs(join(person.folder, name));
    }
  },
};
