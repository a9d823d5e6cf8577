// Images come in by every way that there is, and stand in the order that is asked for.
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answer, hold } from "./person.mjs";

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
    await page.evaluate(() => document.addEventListener("drop", ({ dataTransfer }) => {
      window.dropped = Object.getPrototypeOf(dataTransfer.items[0].webkitGetAsEntry());
    }, { capture: true, once: true }));
    await drop(page, "#facts", join(person.folder, "images", "phantom_0003.png"));
    await person.settled(4);
    assert.deepEqual((await person.strip()).slice(3), ["phantom_0003.png"]);

    // One that cannot be read is left out, and counted.
    await page.evaluate(() => {
      const { file } = window.dropped;
      window.dropped.file = function (take, fail) {
        return this.name === "white.png" ? fail(new DOMException("It is locked.", "NotReadableError")) : file.call(this, take, fail);
      };
    });
    await drop(page, "#stage", await folderOf(person));
    await person.settled(6);
    await person.told(/cannot be read: 1 /);
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
    const current = () => shownName(page);
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

  // By confidence an image stays where it is while it is corrected, so that the next one is no other than it would have been.
  async ranked(person, page) {
    await person.choose([1, 2, 3, 4].map((number) => join(person.folder, "images", `phantom_000${number}.png`)));
    await page.selectOption("#sort", "confidence");
    const order = await person.strip();
    const draw = async () => {
      await person.press("l");
      await person.drag([100, 100], [200, 100], [200, 200], [100, 200]);
    };
    const changes = [() => person.press("Delete"), () => page.locator("#threshold").fill("254"), draw, draw];
    await page.locator("#thumbnails button").first().click();
    for (const [i, change] of changes.entries()) {
      assert.equal(await shownName(page), order[i]);
      const before = await person.area();
      await change();
      assert.notEqual(await person.area(), before);
      assert.deepEqual(await person.strip(), order);
      await person.press("j");
    }
  },

  // The last number of a UID is no ending: two images keep two names, and a mask of such a name is the reference mask of its image.
  async uids(person, page) {
    const names = ["1.2.826.0.1.5", "1.2.826.0.1.6"];
    const files = names.map((name) => join(person.folder, name));
    for (const file of files) {
      await copyFile(join(person.folder, "images", "image.dcm"), file);
    }
    const mask = join(person.folder, `${names[0]}_mask.png`);
    await writeFile(mask, Buffer.from((await answer(page, "include=mask", files[0])).mask, "base64"));
    await page.setInputFiles("#files", [mask, ...files]);
    await person.settled(2);
    assert.deepEqual(await person.strip(), names);
    await person.compared(/IoU 1\.000/);
    for (const [i, name] of names.entries()) {
      await page.locator("#thumbnails button").nth(i).click();
      assert.equal(/IoU/.test(await person.text("#comparisonText")), i === 0);
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#saveMask")]);
      assert.equal(download.suggestedFilename(), `${name}_mask.png`);
    }
  },

  // An image is taken out of the session again, by its button or key: with a question where a correction goes with it.
  async removal(person, page) {
    const images = ["phantom_0001.png", "phantom_0002.png", "phantom_0003.png"];
    const paths = images.map((name) => join(person.folder, "images", name));
    const asked = [];
    let answers = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      return answers.shift() ? dialog.accept() : dialog.dismiss();
    });
    assert.ok(await page.isDisabled("#removeImage"));
    await person.choose(paths);
    await page.locator("#thumbnails button").nth(1).click();
    await page.click("#removeImage");
    assert.deepEqual([await person.strip(), await shownName(page), asked], [[images[0], images[2]], images[2], []]);
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    answers = [false, true];
    await person.press("x");
    assert.deepEqual(await person.strip(), [images[0], images[2]]);
    await person.press("x");
    assert.deepEqual([await person.strip(), await shownName(page)], [[images[0]], images[0]]);
    assert.equal(asked.length, 2);
    assert.match(asked[1], /phantom_0003\.png/);
    assert.equal(await person.area(), (await answer(page, "", paths[0])).area);
    await page.click("#removeImage");
    assert.deepEqual([await person.strip(), await person.text("#verdict"), await person.text("#facts")], [[], "", ""]);
    assert.equal(await page.evaluate(() => document.activeElement.id), "choose");

    // One that is gone by the time that it is segmented is not shown.
    const first = await hold(page);
    await page.setInputFiles("#files", paths.slice(0, 2));
    await first.asked;
    await page.click("#removeImage");
    await first.release();
    await person.settled(1);
    assert.deepEqual([await person.strip(), await shownName(page)], [[images[1]], images[1]]);
    assert.equal(await person.area(), (await answer(page, "", paths[1])).area);

    // The table of contents of a medium begins as a DICOM file does.
    const buffer = Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")]);
    await page.setInputFiles("#files", ["DICOMDIR", "dicomdir"].map((name) => ({ name, mimeType: "application/octet-stream", buffer })));
    await person.told(/no image/);
    assert.deepEqual(await person.strip(), [images[1]]);
  },

  // An image that its file turns is shown as it was segmented, where the browser does not turn it too: upside down, when the size tells
  // nothing, and on its side. Any other is asked for once, and so is a JPEG, which browsers turn.
  async turned(person, page) {
    await person.warm();
    let asked = 0;
    page.on("request", (request) => {
      asked += /segment\?/.test(request.url()) ? 1 : 0;
    });
    const names = [
      "turned3.jpg", "turned6.jpg", "turned3.png", "turned6.png", "turned3.webp", "turned6.webp", "long3.jpg", "clear1.png",
    ];
    const paths = names.map((name) => join(person.folder, "images", name));
    await writeFile(paths[6], withLongOrientation(await readFile(paths[0])));
    await writeFile(paths[7], await transparent(page));
    await person.choose([join(person.folder, "images", "phantom_0001.png"), ...paths.slice(0, 2)]);
    assert.equal(asked, 3);
    await page.setInputFiles("#files", paths.slice(2));
    await person.settled(1 + paths.length);
    for (const [i, path] of paths.entries()) {
      const { width, height, orientation, image } = await answer(page, "include=image", path);
      assert.equal(orientation, Number(names[i].match(/\d/)[0]));
      const [shown, upright] = await page.evaluate(async ({ place, png }) => {
        const { session } = await import("/session.js");
        const decoded = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (byte) => byte.charCodeAt(0))]));
        return [session.entries[place].bitmap, decoded].map((bitmap) => {
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          context.drawImage(bitmap, 0, 0);
          const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
          return { width: bitmap.width, height: bitmap.height, values: [...data] };
        });
      }, { place: 1 + i, png: image });
      assert.deepEqual([shown.width, shown.height], [width, height], names[i]);
      assert.deepEqual([upright.width, upright.height], [width, height], names[i]);

      // Two decoders of JPEG round differently.
      const difference = shown.values.reduce((most, value, place) => Math.max(most, Math.abs(value - upright.values[place])), 0);
      assert.ok(difference <= (names[i].endsWith(".jpg") ? 8 : 0), `${names[i]}: ${difference}`);
    }
  },

  // Who gives no key is asked once for all images; with a key all that failed is segmented, and the weights are known.
  async keyed(person, page) {
    await page.addInitScript(() => {
      const { fetch } = window;
      window.fetch = async (path, request) => (path === "example.png" || request.headers.Authorization === "Bearer right"
        ? fetch(path, { ...request, headers: { ...request?.headers, Authorization: "" } })
        : new Response(JSON.stringify({ detail: "A key is needed." }), { status: 401 }));
    });
    let asked = 0;
    let key = null;
    page.on("dialog", (dialog) => {
      asked++;
      return key === null ? dialog.dismiss() : dialog.accept(key);
    });
    await page.reload();
    await person.told(/A key is needed/);
    await person.choose([1, 2, 3].map((number) => join(person.folder, "images", `phantom_000${number}.png`)));
    const states = () => page.locator("#thumbnails li span:last-child").allInnerTexts();
    assert.deepEqual([asked, await states(), await page.locator("#weights option").count()], [2, ["⚠", "⚠", "⚠"], 0]);
    key = "right";
    await page.click("#again");
    await person.settled(3);
    await page.waitForFunction(() => document.querySelector("#weights option") !== null);
    assert.doesNotMatch((await states()).join(), /⚠/);
    assert.ok(await page.isHidden("#again"));
    assert.equal(asked, 3);
  },

  // An answer that breaks off, as of a service that is stopped, is told as one that does not come.
  async broken(person, page) {
    await person.warm();
    await page.route(/segment\?/, async (route) => {
      const whole = await (await route.fetch()).body();
      await route.fulfill({ status: 200, contentType: "application/json", body: whole.subarray(0, 100) });
    }, { times: 1 });
    await page.setInputFiles("#files", join(person.folder, "images", "phantom_0001.png"));
    await person.told(/phantom_0001\.png: The service cannot be reached/);
    await page.click("#again");
    await person.settled(1);
    assert.equal(await person.area(), (await answer(page, "")).area);

    // Nor is the example silent where it does not come.
    await page.evaluate(() => {
      window.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
    });
    await page.evaluate(() => document.querySelector("#example").click());
    await person.told(/^The service cannot be reached/);
  },

  // What a person has done of an image is asked for before it is removed, and nothing else: of a loop, of all its frames.
  async asked(person, page) {
    const [loop, image, mask] = ["image.dcm", "phantom_0001.png", "phantom_0001_mask.png"]
      .map((name) => join(person.folder, "images", name));
    let asked = 0;
    page.on("dialog", (dialog) => {
      asked++;
      return dialog.accept();
    });
    const removed = async (count) => {
      await person.press("x");
      assert.deepEqual([await person.strip(), asked], [[], count]);
    };
    const lasso = async () => {
      await person.press("l");
      await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    };
    await person.choose([loop]);
    await lasso();
    await person.frame(2);
    await person.frame(1);
    await page.click("#restore");
    await removed(0);
    await person.choose([loop]);
    await lasso();
    await person.frame(2);
    await removed(1);

    const works = [
      () => person.press("c").then(() => person.drag([100, 100], [200, 100])),
      () => page.locator("#threshold").fill("200"),
      () => page.setInputFiles("#reference", mask).then(() => person.compared(/IoU/)),
    ];
    for (const [i, work] of works.entries()) {
      await person.choose([image]);
      await work();
      await removed(2 + i);
    }
  },
};

/** The name of the image that is shown. */
function shownName(page) {
  return page.locator('#thumbnails [aria-current="true"] span').first().innerText();
}

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

// Some browsers, and not the service, take an orientation for none that is a number of 32 bits.
function withLongOrientation(jpeg) {
  const tiff = jpeg.indexOf("Exif\0\0", 0, "latin1") + 6;
  const isBig = jpeg.toString("latin1", tiff, tiff + 2) === "MM";
  const [read16, read32, write16, write32] = ["readUInt16", "readUInt32", "writeUInt16", "writeUInt32"].map((name) => {
    const method = `${name}${isBig ? "BE" : "LE"}`;
    return (...values) => jpeg[method](...values);
  });
  const entry = tiff + read32(tiff + 4) + 2;
  assert.deepEqual([read16(entry), read16(entry + 2)], [0x0112, 3]);
  const orientation = read16(entry + 8);
  write16(4, entry + 2);
  write32(orientation, entry + 8);
  return jpeg;
}

/** A PNG whose pixels a browser blends with what lies behind. */
async function transparent(page) {
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 48);
    const pixels = new ImageData(64, 48);
    pixels.data.forEach((_, i) => {
      pixels.data[i] = i % 4 === 3 ? 60 : 17 * (i % 13);
    });
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  return Buffer.from(bytes);
}
