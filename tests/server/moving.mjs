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
