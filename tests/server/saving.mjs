// What is saved, and printed.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answer } from "./person.mjs";

export const SAVING = {
  // The first image as it is, the second reviewed, the third corrected.
  async save(person, page) {
    const [plain, measured, corrected] = ["phantom_0001", "measured", "corrected"]
      .map((name) => join(person.folder, "images", `${name}.png`));
    // What stands behind a PNG's end makes another file of it: equal ones are corrected together.
    await writeFile(corrected, Buffer.concat([await readFile(measured), Buffer.alloc(1)]));
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

  // The report and the table have what a person measured and compared too.
  async report(person, page) {
    const path = join(person.folder, "images", "phantom_0001.png");
    await person.choose([path]);
    await page.fill("#lineLength", "20");
    await page.click("#calibrate");
    await person.drag([100, 100], [300, 100]);
    await person.drag([100, 300], [250, 300]);
    await page.setInputFiles("#reference", join(person.folder, "mask.png"));
    await person.compared(/IoU 1\.000/);
    const [caliper] = (await person.text("#facts dd:has(button)")).match(/\S+ mm/);
    const area = await page.locator("#lesions td:nth-child(2)").innerText();
    await page.evaluate(() => {
      window.print = () => {};
    });
    await page.click("#print");
    await page.waitForFunction(() => document.querySelector("#report img") !== null);
    await page.emulateMedia({ media: "print" });
    const words = await person.text("#report");
    const parts = [
      "phantom_0001.png", area, "not a medical device", "breast-ultrasound", `Caliper 1: ${caliper}`, "0.100 mm a pixel, from your line",
      "IoU 1.000, Dice 1.000, HD95 0.0 mm",
    ];
    for (const part of parts) {
      assert.ok(words.includes(part), `${part} in ${words}`);
    }
    await person.shot("report");
    const { table, contours } = await page.evaluate(async () => {
      const [{ session }, { contoursJson, sessionCsv }] = await Promise.all([import("/session.js"), import("/saving.js")]);
      return { table: sessionCsv(session.entries), contours: JSON.parse(contoursJson(session.current)) };
    });
    const [columns, row] = table.split("\r\n").map((line) => line.split(","));
    const { scale_from: from, calipers, iou, hd95, hd95_unit: unit } = Object.fromEntries(columns.map((name, i) => [name, row[i]]));
    assert.deepEqual([from, iou, hd95, unit], ["line", "1.0000", "0.00", "mm"]);
    assert.ok(Math.abs(parseFloat(calipers) - parseFloat(caliper)) < 0.06 && calipers.endsWith(" mm"), calipers);
    const [{ from: [left], to: [right], length }] = contours.calipers;
    assert.ok(Math.abs(right - left - 150) < 3 && Math.abs(length - (right - left) / 10) < 0.2, `${left} to ${right}: ${length} mm`);
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
    const isPrinted = async (part) => {
      await page.emulateMedia({ media: "print" });
      const isVisible = await page.isVisible(part);
      await page.emulateMedia({ media: null });
      return isVisible;
    };
    const { printed: [first], revoked } = await print(1);
    assert.deepEqual([first.length, revoked], [2, []]);
    assert.deepEqual((await print(2)).revoked, first);

    // The browser's own command prints the page as it is now, and no report of before.
    assert.ok(!await isPrinted("main"), "the report alone");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator("#report").innerHTML(), "");
    assert.ok(await isPrinted("main"));
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
