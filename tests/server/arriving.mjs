// Images come in by every way that there is, and stand in the order that is asked for.
import assert from "node:assert/strict";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { answer } from "./person.mjs";

export const ARRIVING = {
  // What was copied elsewhere is segmented at once; what is no image changes nothing.
  async paste(person, page) {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.evaluate(async () => {
      const image = await (await fetch("example.png")).blob();
      await navigator.clipboard.write([new ClipboardItem({ "image/png": image })]);
    });
    await person.press("Control+v");
    await page.waitForFunction(() => document.querySelector("#facts dd") !== null);
    const { area, width, height } = await answer(page, "");
    assert.equal(await person.area(), area);
    assert.match(await person.text("#facts"), new RegExp(`${width} x ${height}`));
    await page.evaluate(() => navigator.clipboard.writeText("no image"));
    await person.press("Control+v");
    assert.deepEqual(await person.strip(), ["image.png"]);
    assert.equal(await person.area(), area);
  },

  // A folder is dropped with all that is in it; a mask that is dropped on the reference mask's place is one.
  async drop(person, page) {
    await drop(page, "#stage", await folderOf(person));
    await person.settled(3);
    assert.deepEqual((await person.strip()).sort(), ["chosen/day/first.png", "chosen/day/second.png", "chosen/white.png"]);
    await page.locator("#thumbnails button", { hasText: "second" }).click();
    assert.doesNotMatch(await person.text("#comparisonText"), /IoU/);
    await page.locator("#thumbnails button", { hasText: "first" }).click();
    await person.compared(/IoU 1\.000/);
    await page.click("#removeReference");
    assert.doesNotMatch(await person.text("#comparisonText"), /IoU/);
    await drop(page, "#chooseReference", join(person.folder, "mask.png"));
    await person.compared(/IoU 1\.000/);
    assert.equal((await person.strip()).length, 3);
    await drop(page, "#facts", join(person.folder, "images", "phantom_0003.png"));
    await person.settled(4);
    assert.deepEqual((await person.strip()).slice(3), ["phantom_0003.png"]);
  },

  // Each button opens the browser's own dialog: for some files, or for a folder.
  async choosers(person, page) {
    const choose = async (button, path) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click(button)]);
      assert.ok(chooser.isMultiple());
      await chooser.setFiles(path);
    };
    await choose("#choose", [join(person.folder, "images", "phantom_0001.png")]);
    await person.settled(1);
    assert.equal(await person.area(), (await answer(page, "")).area);
    await choose("#add", ["phantom_0001.png", "phantom_0002.png"].map((name) => join(person.folder, "images", name)));
    await person.settled(3);
    assert.deepEqual(await person.strip(), ["phantom_0001.png", "phantom_0001.png", "phantom_0002.png"]);

    await page.reload();
    await choose("#chooseFolder", await folderOf(person));
    await person.settled(3);
    assert.deepEqual((await person.strip()).sort(), ["chosen/day/first.png", "chosen/day/second.png", "chosen/white.png"]);
    await page.locator("#thumbnails button", { hasText: "first" }).click();
    assert.equal(await person.area(), (await answer(page, "")).area);
    await person.compared(/IoU 1\.000/);
  },

  // By name numbers count as such; by confidence that of the service decides. The keys and the buttons follow the order.
  async order(person, page) {
    const names = { "b10.png": "phantom_0001.png", "b9.png": "white.png", "a1.png": "phantom_0002.png", "B2.png": "phantom_0002.png" };
    const confidences = {};
    for (const [name, image] of Object.entries(names)) {
      const { lesions } = await answer(page, "", join(person.folder, "images", image));
      confidences[name] = Math.max(-1, ...lesions.map(({ confidence }) => confidence));
      await copyFile(join(person.folder, "images", image), join(person.folder, name));
    }
    const added = Object.keys(names);
    await person.choose(added.map((name) => join(person.folder, name)));
    const orders = {
      name: ["a1.png", "B2.png", "b9.png", "b10.png"],
      confidence: [...added].sort((a, b) => confidences[b] - confidences[a]),
      added,
    };
    assert.equal(new Set(Object.values(orders).map(String)).size, 3);
    const current = () => page.locator('#thumbnails [aria-current="true"] span').first().innerText();
    for (const [by, order] of Object.entries(orders)) {
      await page.selectOption("#sort", by);
      assert.deepEqual(await person.strip(), order, by);
      await page.locator("#thumbnails li").first().click();
      assert.deepEqual([await page.isDisabled("#previous"), await page.isDisabled("#next")], [true, false]);
      for (const [i, forward] of ["j", "#next", "j"].entries()) {
        await (forward === "j" ? person.press("j") : page.click(forward));
        assert.equal(await current(), order[i + 1], by);
      }
      assert.deepEqual([await page.isDisabled("#previous"), await page.isDisabled("#next")], [false, true]);
      await page.click("#previous");
      assert.equal(await current(), order[2], by);
    }
  },
};

/** A folder with an image, and in it one with two images and the mask of one. */
async function folderOf(person) {
  const chosen = join(person.folder, "chosen");
  await mkdir(join(chosen, "day"), { recursive: true });
  const files = {
    "white.png": "white.png", "day/first.png": "phantom_0001.png", "day/first_mask.png": "phantom_0001_mask.png",
    "day/second.png": "phantom_0002.png",
  };
  for (const [name, image] of Object.entries(files)) {
    await copyFile(join(person.folder, "images", image), join(chosen, name));
  }
  return chosen;
}

/** Drags a file or a folder from outside the browser onto an element. */
async function drop(page, selector, path) {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const { x, y, width, height } = await page.locator(selector).boundingBox();
  const browser = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await browser.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 2, data });
  }
}
