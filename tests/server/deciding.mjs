// What is outlined of what the network finds: by the threshold of a pixel, and by that of the presence.
import assert from "node:assert/strict";
import { join } from "node:path";
import { answer, hold } from "./person.mjs";

export const DECIDING = {
  async thresholds(person, page) {
    await person.example();
    assert.ok(await page.isDisabled("#showAll"), "all is outlined as it is");
    const areas = new Set();
    for (const step of [0, 1, 20, 63, 126, 127, 128, 200, 250, 253, 254]) {
      await page.locator("#threshold").fill(String(step));
      const { area } = await answer(page, `all=true&threshold=${(step + 0.5) / 255}`);
      assert.equal(await person.area(), area, `step ${step}`);
      areas.add(area);
    }
    assert.ok(areas.size > 5, "the threshold changes the area");
  },

  // Where too little speaks for a lesion none is outlined, until one asks for it; that is undone as a stroke is, and survives a reload.
  async presence(person, page) {
    const path = join(person.folder, "images", "phantom_0001.png");
    const { area, lesions } = await answer(page, "all=true", path);
    assert.ok(area > 0);
    const isShown = async (expected, isAsked) => {
      assert.equal(await person.area(), expected);
      assert.deepEqual([await page.isChecked("#showAll"), await page.isDisabled("#showAll")], [isAsked, false]);
      const begin = expected === 0 ? "No lesion outlined" : "lesions? outlined on request";
      assert.match(await person.text("#verdict"), new RegExp(`${begin}: too little speaks for one$`));
    };
    await person.choose([path]);
    await isShown(0, false);
    await page.check("#showAll");
    await isShown(area, true);
    assert.deepEqual(await person.areas(), lesions.map((lesion) => lesion.area));
    await page.locator("#threshold").fill("20");
    const { area: low } = await answer(page, `all=true&threshold=${20.5 / 255}`, path);
    assert.notEqual(low, area);
    await isShown(low, true);
    await person.press("Control+z");
    await isShown(area, true);
    await person.press("Control+z");
    await isShown(0, false);
    await person.press("Control+Shift+z");
    await isShown(area, true);
    assert.ok(await page.isDisabled("#restore"), "no correction was made");

    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    const corrected = await person.area();
    await person.kept(1);
    await page.reload();
    await person.choose([path]);
    await isShown(corrected, true);
    await page.click("#restore");
    await isShown(area, true);
    await page.uncheck("#showAll");
    await isShown(0, false);

    // It is no answer for another image of the session, and what is saved says that it was asked for.
    await page.check("#showAll");
    const saved = await page.evaluate(async () => {
      const [{ session }, { contoursJson, sessionCsv }] = await Promise.all([import("/session.js"), import("/saving.js")]);
      const { presence_threshold: least, on_request: isAsked } = JSON.parse(contoursJson(session.current));
      const [columns, row] = sessionCsv([session.current]).split("\r\n").map((line) => line.split(","));
      return { least, isAsked, told: row[columns.indexOf("on_request")] };
    });
    assert.deepEqual([typeof saved.least, saved.isAsked, saved.told], ["number", true, "true"]);
    await page.uncheck("#showAll");

    // Weights that have no doubt leave nothing to ask for.
    await page.selectOption("#weights", "plain");
    await person.told(/^$/);
    const { area: plain } = await answer(page, "weights=plain", path);
    assert.equal(await person.area(), plain);
    assert.ok(await page.isDisabled("#showAll"));
  },

  // Until other weights have found theirs the facts name those that found what is shown, and the strip waits. What is shown comes first.
  async awaited(person, page) {
    await person.warm();
    await person.choose([1, 2].map((number) => join(person.folder, "images", `phantom_000${number}.png`)));
    await person.press("j");
    const isNamed = async (weights) => assert.match(await person.text("#facts"), new RegExp(`Weights\\s+${weights}`));
    const waiting = async () =>
      (await page.locator("#thumbnails li span:last-child").allInnerTexts()).map((state) => state === "…");
    await isNamed("first");
    const shown = await hold(page);
    await page.selectOption("#weights", "second");
    await shown.asked;
    await isNamed("first");
    assert.deepEqual(await waiting(), [true, true]);
    const other = await hold(page);
    await shown.release();
    await other.asked;
    await isNamed("second");
    assert.deepEqual(await waiting(), [true, false]);
    await other.release();
    await person.settled(2);
    await person.press("k");
    await isNamed("second");

    // Where the question for an archive is not answered at first, the weights that were chosen stay.
    await page.route(/api\/v1\/archive/, (route) => route.fulfill({ json: null }), { times: 1 });
    await page.reload();
    await person.told(/null/);
    await page.selectOption("#weights", "second");
    for (const count of [1, 2]) {
      await page.setInputFiles("#files", join(person.folder, "images", `phantom_000${count}.png`));
      await person.settled(count);
      await isNamed("second");
    }
  },
};
