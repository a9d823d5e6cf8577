// What the hand paints: by the brush's size, with the other tool while a key is held; and the holes that it leaves.
import assert from "node:assert/strict";
import { join } from "node:path";
import { colorsAt } from "./screen.mjs";

export const PAINTING = {
  // The wheel with Alt makes the brush larger, and its circle shows it in true size at every zoom; the eraser has a size of its own.
  async size(person, page) {
    await person.example();
    const found = await person.area();
    await page.click("#zoomOut");
    await page.click("#zoomOut");
    const { zoom } = await person.view(-2);
    await person.press("b");
    let radius = 12;
    const isDot = async () => {
      const before = await person.area();
      assert.ok(Math.abs(await circle(page) - radius) < 1.5, `a circle of ${await circle(page)}, not ${radius}`);
      const { x, y, width, height } = await page.locator("#stage").boundingBox();
      await page.mouse.click(x + width / 2 - 150, y + height * 0.6);
      const painted = await person.area() - before;
      assert.ok(Math.abs(painted - Math.PI * (radius / zoom) ** 2) < 4 * radius / zoom, `${painted} pixels for ${radius}`);
      await person.press("Control+z");
      assert.equal(await person.area(), found);
    };
    await isDot();
    const turn = async (notches) => {
      await page.keyboard.down("Alt");
      for (let i = 0; i < Math.abs(notches); i++) {
        await page.mouse.wheel(0, notches > 0 ? -100 : 100);
      }
      radius *= 1.15 ** notches;
      // Again, as a key that is held repeats.
      await page.keyboard.down("Alt");
      assert.ok(Math.abs(await circle(page) - radius) < 1.5, "while Alt is held, the circle is that of the brush");
      await page.keyboard.up("Alt");
      await isDot();
    };
    await turn(6);
    await turn(-3);
    await person.press("]", "]", "[");
    radius *= 1.25;
    await isDot();
    await person.press("e");
    assert.ok(Math.abs(await circle(page) - 16) < 1.5, "the eraser is as large as it was");
    await person.press("b");
    await isDot();

    // Many keyboards make the brackets with Alt: they are of the brush all the same.
    await page.keyboard.down("Alt");
    await person.press("[", "]", "[");
    await page.keyboard.up("Alt");
    radius /= 1.25;
    await isDot();

    // Without Alt the wheel zooms, and the circle stays.
    await page.mouse.wheel(0, 100);
    assert.ok(Math.abs(await circle(page) - radius) < 1.5);
  },

  // Alt and the right button make an eraser of the brush, Alt a brush of the eraser; then each is itself again.
  async other(person, page) {
    await person.example();
    const found = await person.area();
    const { zoom } = await person.view();
    const line = [[120, 450], [220, 450]];
    const isPainted = async () => {
      const expected = 200 * 12 / zoom + Math.PI * (12 / zoom) ** 2;
      const painted = await person.area() - found;
      assert.ok(Math.abs(painted - expected) < 0.05 * expected, `${painted} pixels, not ${expected}`);
    };
    const withAlt = async (radius) => {
      await page.keyboard.down("Alt");
      assert.ok(Math.abs(await circle(page) - radius) < 1.5, "its circle says that it is the other tool");
      await person.drag(...line);
      await page.keyboard.up("Alt");
    };
    await person.press("b");
    await person.drag(...line);
    await isPainted();
    await withAlt(16);
    assert.equal(await person.area(), found, "the eraser is larger, and leaves nothing of the stroke");
    await person.drag(...line);
    await isPainted();
    const [from, to] = await Promise.all(line.map(([x, y]) => person.place(x, y)));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down({ button: "right" });
    await page.mouse.move(to.x, to.y, { steps: 10 });
    await page.mouse.up({ button: "right" });
    assert.equal(await person.area(), found);
    assert.ok(Math.abs(await circle(page) - 12) < 1.5, "after the right button it is the brush again");

    await person.press("e");
    await withAlt(12);
    await isPainted();
    await person.drag(...line);
    assert.equal(await person.area(), found);
    assert.equal(await page.locator("#undo").isDisabled(), false);
    await person.press(...Array(6).fill("Control+z"));
    assert.equal(await person.area(), found);
    assert.ok(await page.locator("#undo").isDisabled(), "six strokes were six steps");
  },

  // A hole is background that no path of four neighbors joins to the border: as where four pixels join at their corners, around one.
  async holes(person, page) {
    await person.choose([join(person.folder, "images", "white.png")]);
    const found = await person.area();
    await person.press("b", ...Array(5).fill("+"));
    const view = await person.view(5);
    const paint = async (...pixels) => {
      for (const [x, y] of pixels) {
        await page.mouse.click(view.left + (x + 0.5) * view.zoom, view.top + (y + 0.5) * view.zoom);
      }
    };
    await paint([30, 28], [29, 29], [30, 30]);
    assert.equal(await person.area(), found + 3);
    await person.press("f");
    assert.equal(await person.area(), found + 3, "open to one side");
    await paint([31, 29]);
    assert.equal(await person.area(), found + 4);
    await page.click("#fillHoles");
    assert.equal(await person.area(), found + 5);
    await person.press("Control+z");
    assert.equal(await person.area(), found + 4);
  },

  // What acts on the whole mask drops a stroke under way: in no step of the history is half of one.
  async begun(person, page) {
    await person.example();
    const found = await person.area();
    const { left, right, top, bottom } = await page.evaluate(async () =>
      (await import("/session.js")).session.current.lesions[0].component);
    const within = [[(left + right) / 2, (top + bottom) / 2], [(left + right) / 2 + 10, (top + bottom) / 2]];
    const beside = [[120, 450], [200, 450]];
    const begin = async (tool, points, key) => {
      await person.press(tool);
      const [from, to] = await Promise.all(points.map(([x, y]) => person.place(x, y)));
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(to.x, to.y, { steps: 4 });
      await person.press(key);
      await page.mouse.move(from.x, from.y, { steps: 4 });
      await page.mouse.up();
    };
    const isAsFound = async () => await person.area() === found && await page.locator("#undo").isDisabled();
    for (const [tool, points, key] of [["e", within, "f"], ["b", beside, "g"]]) {
      await begin(tool, points, key);
      await person.press("Control+z", "Control+z");
      assert.ok(await isAsFound(), `${key} is pressed while ${tool} works`);
    }
    await begin("b", beside, "r");
    assert.ok(await isAsFound(), "what is reviewed has no half stroke");
    await person.press("r");
    await begin("b", beside, "Delete");
    assert.equal(await person.area(), 0);
    await person.press("Control+z");
    assert.ok(await isAsFound(), "a lesion was deleted, and no more");

    await person.press("l");
    await person.drag([100, 400], [260, 400], [260, 560], [100, 560]);
    const drawn = await person.area();
    await begin("b", [[300, 450], [300, 500]], "Control+z");
    assert.ok(await isAsFound(), "the lasso is undone");
    await person.press("Control+Shift+z");
    assert.equal(await person.area(), drawn);

    // A lasso by keys, and the threshold before it is closed.
    const { x, y } = await person.place(120, 450);
    await page.mouse.move(x, y);
    await person.press("l", "ArrowDown", "Space");
    await person.press(...["ArrowRight", "ArrowDown", "ArrowLeft"].flatMap((key) => Array(5).fill(`Shift+${key}`)));
    await page.locator("#threshold").fill("230");
    const high = await person.area();
    await page.locator("#stage").focus();
    await person.press("Enter");
    assert.equal(await person.area(), high);
  },
};

/** The radius of the circle that is drawn around the mouse, in pixels of the screen; the mouse is then beside the image. */
async function circle(page) {
  const { x, y, height } = await page.locator("#stage").boundingBox();
  const center = { x: x + 50, y: y + height / 2 };
  await page.mouse.move(center.x, center.y);
  const radii = Array.from({ length: 90 }, (_, i) => 4 + i / 2);
  const colors = await colorsAt(page, radii.map((radius) => ({ x: center.x + radius, y: center.y })));
  return radii[colors.findIndex(([red]) => red === Math.max(...colors.map(([other]) => other)))];
}
