// What the browser keeps of a session, and what it does not.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Person, answer } from "./person.mjs";

export const KEEPING = {
  // A corrected mask survives a reload by its image's content, until all are forgotten.
  async reload(person, page) {
    await person.example();
    const found = await person.area();
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    const corrected = await person.area();
    await person.kept(1);
    await page.reload();
    await person.example();
    assert.equal(await person.area(), corrected);
    page.on("dialog", (dialog) => dialog.accept());
    await page.click("#forget");
    await person.kept(0);
    await page.reload();
    await person.example();
    assert.equal(await person.area(), found);
  },

  // Where the browser hashes nothing, nothing says what image a mask is of: none is kept.
  async insecure(person, page) {
    await page.addInitScript(() => Object.defineProperty(Crypto.prototype, "subtle", { value: undefined }));
    page.on("dialog", (dialog) => dialog.accept());
    await page.reload();
    await person.example();
    const found = await person.area();
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    assert.ok(await person.area() > found);
    await person.until(async () => (await import("/session.js")).session.isUnsaved);
    await person.told(/does not keep corrections here: save them/);
    assert.match(await person.text("#facts"), /Corrected\s+yes, not kept by this browser/);

    // What is saved is not lost, until more is done.
    const isUnsaved = () => page.evaluate(async () => (await import("/session.js")).session.isUnsaved);
    await page.evaluate(() => {
      const { convertToBlob } = OffscreenCanvas.prototype;
      OffscreenCanvas.prototype.convertToBlob = () => {
        OffscreenCanvas.prototype.convertToBlob = convertToBlob;
        return Promise.reject(new Error("no memory"));
      };
    });
    await page.click("#saveAll");
    await person.told(/zip could not be made.*no memory/);
    assert.ok(await isUnsaved(), "a zip that could not be made saves nothing");
    await person.saveAll();
    assert.ok(!await isUnsaved());
    assert.match(await person.text("#facts"), /Corrected\s+yes$/m);
    await person.drag([300, 400], [400, 400], [400, 500], [300, 500]);
    assert.ok(await isUnsaved());
    await page.reload();
    await person.example();
    assert.equal(await person.area(), found);
  },

  // Equal images have one correction: what is done of one is done of all, in other tabs too, so that nothing of it is lost.
  async copies(person, page) {
    const path = join(person.folder, "images", "phantom_0001.png");
    const copy = { name: "copy.png", mimeType: "image/png", buffer: await readFile(path) };
    await page.setInputFiles("#files", [copy, { ...copy, name: "first.png" }]);
    await person.settled(2);
    const found = await person.area();
    const draw = (left) => person.drag([left, 400], [left + 60, 400], [left + 60, 460], [left, 460]);
    await person.press("l");
    await draw(100);
    const corrected = await person.area();
    assert.ok(corrected > found);
    await person.press("j");
    assert.equal(await person.area(), corrected);
    await person.press("r");
    await person.kept(1);

    const other = new Person(await page.context().newPage(), person.folder);
    await other.page.goto(page.url());
    await other.page.waitForFunction(() => document.querySelector("#weights option") !== null);
    await other.choose([path]);
    assert.deepEqual([await other.area(), await other.page.isChecked("#reviewed")], [corrected, true]);
    await page.bringToFront();
    await draw(200);
    const both = await person.area();
    assert.ok(both > corrected);
    await other.until(async (area) => (await import("/session.js")).session.current.mask.reduce((sum, one) => sum + one, 0) === area, both);
    assert.equal(await other.area(), both);
    await other.page.bringToFront();
    await other.press("r");
    await person.until(async () => !(await import("/session.js")).session.current.reviewed);
    await page.bringToFront();
    await page.reload();
    await person.choose([path]);
    assert.deepEqual([await person.area(), await page.isChecked("#reviewed")], [both, false]);
  },

  // What the browser takes back when it commits, as where there is no more room, does not count as saved.
  async uncommitted(person, page) {
    const isKept = () => page.evaluate(async () => {
      const { remember } = await import("/storage.js");
      return remember("key", { width: 1 }).then(() => true, () => false);
    });
    assert.ok(await isKept());
    await page.evaluate(() => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...values) {
        const request = put.apply(this, values);
        request.addEventListener("success", () => this.transaction.abort());
        return request;
      };
    });
    assert.ok(!await isKept());
  },

  // Where the browser lets the site store nothing the page works all the same, and knows its words until it is closed.
  async denied(person, page) {
    await page.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("Access is denied for this document.", "SecurityError");
          },
        });
      }
    });
    await page.reload();
    await person.example();
    assert.equal(await person.area(), (await answer(page, "")).area);
    await page.selectOption("#language", "de");
    assert.match(await person.text("#notice"), /kein Medizinprodukt/);
    const word = await page.evaluate(async () => {
      const { recallWord, rememberWord } = await import("/storage.js");
      rememberWord("sessionStorage", "key", "secret");
      return recallWord("sessionStorage", "key");
    });
    assert.equal(word, "secret");
    page.on("dialog", (dialog) => dialog.accept());
    await page.click("#forget");
    await person.told(/nicht gelöscht/);
  },
};
