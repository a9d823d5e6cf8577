// What the browser keeps of a session, and what it does not.
import assert from "node:assert/strict";
import { answer } from "./person.mjs";

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
    await page.reload();
    await person.example();
    assert.equal(await person.area(), found);
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
  },
};
