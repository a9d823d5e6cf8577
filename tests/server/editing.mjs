// Masks are corrected by hand: with the mouse, by keys alone, with fingers.
import assert from "node:assert/strict";
import { join } from "node:path";

export const EDITING = {
  // A dot has the brush's own size: 12 pixels of the screen, whatever the zoom.
  async brush(person, page) {
    await person.example();
    const found = await person.area();
    await person.press("b");
    for (const zooms of [0, 2]) {
      await person.press("0", ...Array(zooms).fill("+"));
      const before = await person.area();
      const { zoom } = await person.place(0, 0);
      const stage = await page.locator("#stage").boundingBox();
      await page.mouse.click(stage.x + stage.width / 2 - 150 - 100 * zooms, stage.y + stage.height * 0.75);
      const radius = 12 / (zoom * 1.25 ** zooms);
      assert.ok(Math.abs((await person.area()) - before - Math.PI * radius ** 2) < 4 * radius, `a dot of radius ${radius}`);
    }
    const painted = await person.area();
    await person.press("Control+z", "Control+z");
    assert.equal(await person.area(), found);
    assert.ok(await page.locator("#undo").isDisabled());
    await person.press("Control+Shift+z");
    await page.click("#redo");
    assert.equal(await person.area(), painted);

    await person.press("]", "]", "]", "0");
    const larger = await person.area();
    await person.drag([120, 450], [200, 450]);
    assert.ok(await person.area() > larger + 80 * 24);
    await person.shot("brush");
  },

  // The threshold is undone and redone as strokes are, and what was undone before is gone.
  async slider(person, page) {
    await person.example();
    const found = await person.area();
    const threshold = page.locator("#threshold");
    const step = await threshold.inputValue();
    await person.press("b");
    await person.drag([120, 450], [200, 450]);
    await person.press("Control+z");
    await threshold.fill("230");
    const high = await person.area();
    assert.ok(high < found);
    assert.ok(await page.locator("#redo").isDisabled());
    assert.ok(await page.locator("#restore").isDisabled(), "a threshold is no correction");
    await person.press("Control+z");
    assert.deepEqual([await person.area(), await threshold.inputValue()], [found, step]);
    await person.press("Control+Shift+z");
    assert.deepEqual([await person.area(), await threshold.inputValue()], [high, "230"]);

    await person.drag([120, 450], [200, 450]);
    const painted = await person.area();
    await threshold.fill("60");
    assert.ok(await page.locator("#restore").isDisabled());
    await person.press("Control+z");
    assert.deepEqual([await person.area(), await threshold.inputValue()], [painted, "230"]);
    assert.ok(!await page.locator("#restore").isDisabled());

    // A threshold that changes no pixel is kept, undone and redone all the same.
    await page.evaluate(async () => {
      const { session } = await import("/session.js");
      window.probability = session.current.probability.slice();
      session.current.probability.fill(0);
    });
    await threshold.fill("90");
    await threshold.fill("100");
    await person.press("Control+z");
    assert.equal(await threshold.inputValue(), "90");
    await person.press("Control+z");
    assert.deepEqual([await person.area(), await threshold.inputValue()], [painted, "230"]);
    await page.evaluate(async () => {
      const { session } = await import("/session.js");
      session.current.probability.set(window.probability);
    });

    // A drag that ends where it began: the browser sends no "change".
    for (const value of ["60", "230"]) {
      await threshold.evaluate((slider, to) => {
        slider.value = to;
        slider.dispatchEvent(new Event("input"));
      }, value);
    }
    assert.deepEqual([await person.area(), await threshold.inputValue()], [painted, "230"]);
    assert.ok(!await page.locator("#restore").isDisabled());
    await person.press("Control+z");
    assert.equal(await person.area(), high);
  },

  // What was begun on one image is dropped where another is shown: it is done on neither.
  async another(person, page) {
    await person.choose(["phantom_0001.png", "phantom_0002.png"].map((name) => join(person.folder, "images", name)));
    const first = await person.area();
    await person.press("l", ...Array(3).fill("Shift+ArrowDown"), "Shift+ArrowLeft", "Space", ...Array(5).fill("Shift+ArrowDown"), "j");
    const second = await person.area();
    await person.press(...Array(5).fill("Shift+ArrowLeft"), ...Array(5).fill("Shift+ArrowUp"), "Enter");
    const isUntouched = async (area) => await person.area() === area && await page.locator("#restore").isDisabled()
      && await page.locator("#facts button").count() === 0;
    assert.ok(await isUntouched(second));
    await person.press("k");
    assert.ok(await isUntouched(first), "a lasso by keys");

    await person.press("j");
    for (const tool of ["c", "b"]) {
      await person.press(tool);
      const { x, y } = await person.place(100, 340);
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 40, y, { steps: 4 });
      await person.press("k");
      await page.mouse.move(x + 80, y, { steps: 4 });
      await page.mouse.up();
      assert.ok(await isUntouched(first), tool);
      await person.press("j");
      assert.ok(await isUntouched(second), tool);
    }
    await person.drag([100, 340], [140, 340]);
    await person.press("Control+z");
    assert.ok(await isUntouched(second), "nothing is left of the brush");
  },

  async eraser(person, page) {
    await person.example();
    const found = await person.area();
    await person.press("b");
    await page.keyboard.down("Control");
    await person.drag([300, 280], [420, 280]);
    await page.keyboard.up("Control");
    const erased = await person.area();
    assert.ok(erased < found, "Ctrl makes an eraser of the brush");
    await person.press("e");
    await person.drag([300, 260], [420, 260]);
    await person.press("Control+z");
    assert.equal(await person.area(), erased);
    await person.press("Control+z");
    assert.equal(await person.area(), found);
  },

  // A ring drawn by hand, its hole filled, all but the largest dropped, and a lesion deleted by its key.
  async lasso(person, page) {
    await person.example();
    const [found] = await person.areas();
    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    const [drawn, other] = await person.areas();
    assert.equal(other, found);
    assert.ok(Math.abs(drawn - 160 * 160) < 400, `${drawn} pixels in a square of 160`);
    await person.press("e");
    await person.drag([170, 480], [190, 480]);
    assert.ok((await person.areas())[0] < drawn);
    await person.shot("lasso");
    await person.press("f");
    assert.deepEqual(await person.areas(), [drawn, found]);
    await person.press("g");
    assert.deepEqual(await person.areas(), [drawn]);
    await person.press("Control+z", "2", "Delete");
    assert.deepEqual(await person.areas(), [drawn]);
    await page.click("#remove-0");
    assert.deepEqual(await person.areas(), []);
  },

  // By keys alone, without looking for the image: whatever was pressed last, tools and arrows act on it.
  async keyboard(person, page) {
    await person.page.locator("#example").focus();
    await person.press("Enter");
    await page.waitForFunction(() => document.querySelector("#facts dd") !== null);
    const found = await person.area();
    await person.press("b");
    assert.notEqual(await person.text("#status"), "", "the status line says how a tool is used");
    await person.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowLeft", "ArrowLeft", "Space");
    assert.ok(await person.area() > found, "Space paints at the cursor");
    await person.press("Control+z", "l", "Space");
    for (const [key, times] of [["Shift+ArrowDown", 5], ["Shift+ArrowLeft", 5], ["Shift+ArrowUp", 5]]) {
      await person.press(...Array(times).fill(key));
    }
    await person.press("Enter");
    assert.ok(Math.abs((await person.area()) - found - 2500) < 150, "a lasso of 50 x 50 by arrow keys");
    await page.locator("#invert").focus();
    const before = await person.area();
    await person.press("b", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Space");
    assert.ok(await person.area() > before, "a tool's key goes to the image");
    await person.press("?");
    assert.ok(await page.locator("#keys").isVisible());
    assert.equal(await page.locator("#keys").evaluate((dialog) => dialog.scrollTop), 0, "the keys are shown from the first");
    await person.press("Escape");
    assert.ok(!await page.locator("#keys").isVisible());
  },

  // One finger works the tool; two move and zoom, and paint nothing.
  async touch(person, page) {
    await person.example();
    const found = await person.area();
    const touches = await page.context().newCDPSession(page);
    const send = (type, ...points) =>
      touches.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    await page.locator("#tool-brush").click();
    const from = await person.place(150, 400);
    await send("touchStart", [from.x, from.y]);
    await send("touchMove", [from.x + 60, from.y]);
    await send("touchEnd");
    const painted = await person.area();
    assert.ok(painted > found, "a finger paints");
    await send("touchStart", [from.x, from.y]);
    await send("touchStart", [from.x, from.y], [from.x + 100, from.y]);
    await send("touchMove", [from.x - 40, from.y], [from.x + 140, from.y]);
    await send("touchEnd");
    assert.equal(await person.area(), painted);
    await person.shot("touch");
    await send("touchStart", [from.x, from.y]);
    await send("touchEnd");
    await person.press("Control+z", "Control+z");
    assert.equal(await person.area(), found);

    // A stroke that is still fast at its end, and at once a button.
    for (const tool of ["eraser", "brush"]) {
      await send("touchStart", [from.x, from.y]);
      for (let i = 1; i <= 8; i++) {
        await send("touchMove", [from.x + 10 * i, from.y + 5 * i]);
      }
      await send("touchEnd");
      await page.locator(`#tool-${tool}`).tap();
      await page.waitForFunction((id) => document.getElementById(id).getAttribute("aria-pressed") === "true", `tool-${tool}`);
    }
  },

  // A palm that rests while a pen paints does nothing, whenever it comes and however it moves; a finger's stroke gives way to the pen.
  async palm(person, page) {
    await person.example();
    await person.press("b");
    const { zoom } = await person.place(0, 0);
    const expected = 2 * 12 * 40 / zoom ** 2 + Math.PI * (12 / zoom) ** 2;
    const view = () => page.evaluate(async () => {
      const { session: { view: { zoom, left, top } } } = await import("/session.js");
      return { zoom, left, top };
    });
    // DevTools let no pen and finger act at once; of pointers that are made by script nothing can be captured.
    await page.evaluate(() => {
      const stage = document.querySelector("#stage");
      stage.setPointerCapture = () => {};
      window.point = (pointerType, type, x, y) => {
        const { left, top } = stage.getBoundingClientRect();
        const pointerId = pointerType === "pen" ? 2 : 7;
        const place = { clientX: left + x, clientY: top + y };
        stage.dispatchEvent(new PointerEvent(`pointer${type}`, { pointerType, pointerId, bubbles: true, button: 0, ...place }));
      };
    });
    const found = await person.area();
    const before = await view();
    const pen = [["pen", "down", 200, 100], ["pen", "move", 220, 100], ["pen", "move", 240, 100], ["pen", "up", 240, 100]];
    const [down, moved, up, cancel] = ["down", "move", "up", "cancel"].map((type, i) => ["touch", type, 600 + i, 400]);
    const orders = {
      "a finger before the first pen": [down, moved, ...pen, up],
      "a palm before the pen": [down, ...pen.slice(0, 2), moved, ...pen.slice(2), up],
      "a palm within the stroke": [pen[0], down, pen[1], moved, ...pen.slice(2), moved, up],
      "a palm that is taken back": [...pen.slice(0, 2), down, cancel, ...pen.slice(2)],
      "a palm that stays": [pen[0], down, ...pen.slice(1), moved, up],
    };
    for (const [said, events] of Object.entries(orders)) {
      for (const event of events) {
        await page.evaluate((values) => window.point(...values), event);
      }
      const painted = await person.area() - found;
      assert.ok(Math.abs(painted - expected) < 4 * 12 / zoom, `${said}: ${painted} pixels, not ${expected}`);
      assert.deepEqual(await view(), before, said);
      await person.press("Control+z");
      assert.equal(await person.area(), found, said);
      assert.ok(await page.locator("#undo").isDisabled(), said);
    }
  },
};
