// The image is moved and zoomed: by the wheel, the hand, buttons and fingers. Nothing is painted by that.
import assert from "node:assert/strict";
import { join } from "node:path";
import { answer } from "./person.mjs";
import { colorsAt, grayColor, grayOf, isNear, seenPixels } from "./screen.mjs";

export const MOVING = {
  // The wheel zooms about the mouse, the buttons about the middle; the hand, Space and the middle button move the image.
  async moving(person, page) {
    await person.example();
    let view = await person.closer();
    const { x, y, width, height } = await page.locator("#stage").boundingBox();
    const [mouse, middle] = [{ x: x + 150, y: y + 100 }, { x: x + width / 2, y: y + height / 2 }];
    await assertShown(person, page, view, "zoomed in on");

    await page.mouse.move(mouse.x, mouse.y);
    await page.mouse.wheel(0, -100);
    view = zoomed(view, 1.15, mouse);
    await assertShown(person, page, view, "a notch of the wheel");
    for (let i = 0; i < 20; i++) {
      await page.mouse.wheel(0, 10);
    }
    view = zoomed(view, 1.15 ** -2, mouse);
    await assertShown(person, page, view, "two notches back, in a touchpad's small turns");
    await page.click("#zoomIn");
    await page.click("#zoomIn");
    await page.click("#zoomOut");
    view = zoomed(view, 1.25, middle);
    await assertShown(person, page, view, "by the buttons");

    const drag = async (button) => {
      await page.mouse.move(mouse.x, mouse.y);
      await page.mouse.down({ button });
      await page.mouse.move(mouse.x + 90, mouse.y + 40, { steps: 5 });
      await page.mouse.up({ button });
      view = moved(view, 90, 40);
    };
    await drag("left");
    await assertShown(person, page, view, "by the hand");
    await person.press("b");
    await drag("middle");
    await page.keyboard.down("Space");
    await drag("left");
    await page.keyboard.up("Space");
    await assertShown(person, page, view, "by the middle button and Space");
    await page.click("#fit");
    await assertShown(person, page, await person.closer(), "fitted in again");
  },

  // By keys too: with Move arrows move what is seen; with another tool it follows the cursor, so that nothing is painted unseen.
  async arrows(person, page) {
    await person.example();
    await person.press("v");
    const before = await person.closer();
    await person.press("ArrowRight", "Shift+ArrowDown");
    await assertShown(person, page, moved(before, -10, -100), "by the arrows");
    await person.press("b", ...Array(70).fill("Shift+ArrowLeft"));
    const { view, cursor } = await page.evaluate(async () => {
      const [{ hand }, { session }] = await Promise.all([import("/hand.js"), import("/session.js")]);
      return { view: { ...session.view }, cursor: session.view.toCanvas(hand.cursor) };
    });
    const { x, y, width, height } = await page.locator("#stage").boundingBox();
    assert.ok(cursor.x > 0 && cursor.x < width && cursor.y > 0 && cursor.y < height, JSON.stringify(cursor));
    assert.ok(view.left > before.left - x + 500, "the image has moved to the right");
    const painted = { x: x + cursor.x + 5, y: y + cursor.y };
    const [[gray]] = await colorsAt(page, [painted]);
    await person.press("Space");
    const [color] = await colorsAt(page, [painted]);
    assert.ok(isNear(color, [255, 150, 40].map((part) => gray + (part - gray) * 0.35), 6), `${color} over ${gray}`);
  },

  // Two fingers pinch and move the image; once there is a pen it paints, and one finger moves the image too.
  async fingers(person, page) {
    await person.example();
    let view = await person.closer();
    const browser = await page.context().newCDPSession(page);
    const touch = (type, ...points) =>
      browser.send("Input.dispatchTouchEvent", { type, touchPoints: points.map((point, id) => ({ ...point, id })) });
    const { x, y } = await page.locator("#stage").boundingBox();
    const at = (right, down) => ({ x: Math.round(x) + right, y: Math.round(y) + down });
    await page.locator("#tool-brush").tap();
    await touch("touchStart", at(200, 200));
    await touch("touchStart", at(200, 200), at(300, 200));
    await touch("touchMove", at(180, 230), at(330, 230));
    await touch("touchEnd");
    view = zoomed(moved(view, 5, 30), 1.5, at(255, 230));
    await assertShown(person, page, view, "pinched");

    const { area } = await answer(page, "");
    for (const [type, point] of [["mousePressed", at(100, 100)], ["mouseMoved", at(140, 100)], ["mouseReleased", at(140, 100)]]) {
      await browser.send("Input.dispatchMouseEvent", { type, ...point, button: "left", buttons: 1, clickCount: 1, pointerType: "pen" });
    }
    const radius = 12 / view.zoom;
    const painted = await person.area() - area;
    const expected = 2 * radius * 40 / view.zoom + Math.PI * radius ** 2;
    assert.ok(Math.abs(painted - expected) < 4 * radius, `${painted} pixels of the pen, not ${expected}`);
    await person.press("Control+z");
    await touch("touchStart", at(200, 200));
    await touch("touchMove", at(260, 190));
    await touch("touchEnd");
    await assertShown(person, page, moved(view, 60, -10), "moved by one finger");
  },

  // Of two fingers that pinch one is lifted: the other moves the image on, and pinches again with the next from where it has come to.
  async lifted(person, page) {
    await person.example();
    let view = await person.closer();
    const browser = await page.context().newCDPSession(page);
    const touch = (type, ...points) =>
      browser.send("Input.dispatchTouchEvent", { type, touchPoints: points.map((point, id) => ({ id, ...point })) });
    const { x, y } = await page.locator("#stage").boundingBox();
    const at = (right, down) => ({ x: Math.round(x) + right, y: Math.round(y) + down });
    await page.locator("#tool-brush").tap();
    await touch("touchStart", at(200, 200));
    await touch("touchStart", at(200, 200), at(300, 200));
    await touch("touchMove", at(200, 200), at(320, 200));
    view = zoomed(moved(view, 10, 0), 1.2, at(260, 200));
    await touch("touchEnd", { ...at(320, 200), id: 1 });
    await touch("touchMove", at(240, 230));
    view = moved(view, 40, 30);
    await assertShown(person, page, view, "moved by the finger that stays");
    await touch("touchStart", at(240, 230), at(340, 230));
    await touch("touchMove", at(220, 230), at(340, 230));
    await touch("touchEnd");
    await assertShown(person, page, zoomed(moved(view, -10, 0), 1.2, at(280, 230)), "pinched again");
  },

  // A lesion is followed through a loop as closely as one looks at it; only another image is shown whole.
  async followed(person, page) {
    const path = join(person.folder, "images", "image.dcm");
    await person.choose([path]);
    const view = () => page.evaluate(async () => {
      const { session: { view: { zoom, left, top } } } = await import("/session.js");
      return { zoom, left, top };
    });
    const isWhole = async () => {
      const { zoom } = await person.view();
      await person.until(async (expected) => (await import("/session.js")).session.view.zoom === expected, zoom);
    };
    await isWhole();
    await person.press("+", "+", "+");
    const { x, y } = await page.locator("#stage").boundingBox();
    await page.mouse.move(x + 200, y + 200);
    await page.mouse.down();
    await page.mouse.move(x + 170, y + 160, { steps: 3 });
    await page.mouse.up();
    const close = await view();
    assert.ok(close.zoom > 1.9 * (await person.view()).zoom);
    await page.locator("#frame").fill("2");
    await page.waitForFunction(() => /2 of 2/.test(document.querySelector("#frames").textContent)
      && document.querySelector("#status").textContent === "");
    assert.deepEqual(await view(), close, "another frame");
    const resize = async (width, height) => {
      const before = await page.locator("#canvas").getAttribute("width");
      await page.setViewportSize({ width, height });
      await page.waitForFunction((old) => document.querySelector("#canvas").getAttribute("width") !== old, before);
    };
    await resize(1000, 700);
    assert.deepEqual(await view(), close, "another size of the window");
    await person.press("0");
    await isWhole();
    await resize(1280, 860);
    await isWhole();
    await person.press("+", "+");
    await page.setInputFiles("#files", [path]);
    await person.settled(2);
    await isWhole();
    await person.press("+", "+", "k");
    await isWhole();
  },
};

/** That the canvas shows the example's pixels where a view has them, those of the lesion aside, and that no other lesion was painted. */
async function assertShown(person, page, view, said) {
  const { area, lesions } = await answer(page, "");
  const isBackground = ({ x, y }) => lesions.every(({ box: [left, top, width, height] }) =>
    x < left - 5 || x > left + width + 5 || y < top - 5 || y > top + height + 5);
  const image = await grayOf(page, join(person.folder, "images", "phantom_0001.png"));
  const seen = (await seenPixels(page, image, view)).filter(isBackground);
  const colors = await colorsAt(page, seen.map(({ place }) => place));
  const right = seen.filter((pixel, i) => isNear(colors[i], grayColor(pixel))).length;
  assert.ok(seen.length > 1000 && right > 0.97 * seen.length, `${said}: ${right} of ${seen.length} pixels are there`);
  assert.equal(await person.area(), area, said);
}

function moved(view, right, down) {
  return { ...view, left: view.left + right, top: view.top + down };
}

/** A view that is zoomed about a place of the page, which stays where it is. */
function zoomed({ left, top, zoom }, factor, { x, y }) {
  return { left: x - (x - left) * factor, top: y - (y - top) * factor, zoom: zoom * factor };
}
