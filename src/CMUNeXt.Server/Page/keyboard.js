// @ts-check
// The page by keyboard alone.

import { redo, selectLesion, undo } from "./edits.js";
import { find, make } from "./elements.js";
import { cancel, drag, hand, holdOther, isWorking, press, release, shownTool } from "./hand.js";
import { draw, move, refresh, removeShown, review, session } from "./session.js";
import { drawStroke, hide, stage } from "./stage.js";
import { text } from "./strings.js";
import { ACTIONS, takeTool } from "./toolbar.js";
import { TOOLS } from "./tools.js";

/** @type {Record<string, number[]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How far an arrow key moves what is seen, in pixels of the screen. */
const PAN = 10;

export function startKeyboard() {
  document.addEventListener("keydown", onKeyDown);
  document.addEventListener("keyup", onKeyUp);
  window.addEventListener("blur", () => {
    hand.isSpaceHeld = false;
    holdOther(false);
    hide(false);
  });
}

/** Opens the list of keys. */
export function showKeys() {
  const body = /** @type {HTMLElement} */ (document.querySelector("#keys tbody"));
  const rows = [
    ...Object.values(TOOLS).map((tool) => [tool.key, text(tool.text)]),
    ...ACTIONS.map((action) => [action.key, text(action.text)]),
    ["Ctrl / Alt", text("keyPaint")], ["J / K", text("keyNext")], ["X", text("removeImage")], ["R", text("reviewed")],
    ["O", text("contourOnly")],
    [text("wheel"), text("keyWheel")], [text("holdSpace"), text("keyPan")],
    [text("arrows"), text("keyArrows")], ["Space", text("keyDraw")], ["1 – 9", text("lesions")],
  ];
  body.replaceChildren(...rows.map(([key, meaning]) => {
    const row = document.createElement("tr");
    const cell = document.createElement("td");
    cell.append(make("kbd", key));
    row.append(cell, make("td", meaning));
    return row;
  }));
  /** @type {HTMLDialogElement} */ (find("keys")).showModal();
}

/** @param {KeyboardEvent} event */
function onKeyDown(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("input:not([type=checkbox]):not([type=range]), select, dialog, dialog *")) {
    return;
  }
  const { key } = event;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") {
    (event.shiftKey ? redo : undo)();
  } else if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "y") {
    redo();
  } else if (key === "Control" || key === "Alt") {
    // Once: the wheel may have given the tool back meanwhile.
    if (!event.repeat) {
      holdOther(true);
    }
    return;
  } else if (isTypedWithAlt(event)) {
    // Alt is held for the key, not for the other tool.
    holdOther(false);
    onPlainKey(event, target);
  } else if (event.ctrlKey || event.metaKey || event.altKey || !onPlainKey(event, target)) {
    return;
  }
  event.preventDefault();
}

/** Whether it is a bracket of one of the many keyboards where Alt makes it. @param {KeyboardEvent} event */
function isTypedWithAlt({ key, altKey, metaKey }) {
  return altKey && !metaKey && (key === "[" || key === "]");
}

/** @param {KeyboardEvent} event */
function onKeyUp(event) {
  if (event.key.toUpperCase() === "H") {
    hide(false);
  } else if (event.key === "Control" || event.key === "Alt") {
    holdOther(false);
  } else if (event.key === " ") {
    hand.isSpaceHeld = false;
    draw();
  }
}

/** @param {KeyboardEvent} event @param {HTMLElement} target @returns {boolean} whether the key means something */
function onPlainKey(event, target) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const tool = Object.keys(TOOLS).find((name) => TOOLS[name].key === key);
  const action = ACTIONS.find((candidate) => candidate.key === (key === "Backspace" ? "Delete" : key));
  if (target === stage && onStageKey(event)) {
    return true;
  }
  if (key === "H") {
    hide(true);
  } else if (tool !== undefined) {
    takeTool(tool);
  } else if (key === "J" || key === "K") {
    move(key === "J" ? 1 : -1);
  } else if (key === "X") {
    removeShown();
  } else if (key === "R") {
    cancel();
    review(!(session.current?.reviewed ?? false));
  } else if (key === "O") {
    session.display.contourOnly = !session.display.contourOnly;
    refresh();
  } else if (key === "?") {
    showKeys();
  } else if (/^[1-9]$/.test(key) && Number(key) <= (session.segmented?.lesions.length ?? 0)) {
    selectLesion(Number(key) - 1);
  } else if (action !== undefined) {
    if (action.isEnabled()) {
      action.act();
    }
  } else {
    return false;
  }
  return true;
}

// On the image arrows move the cursor, or what is seen, and Space works the tool there.
/** @param {KeyboardEvent} event @returns {boolean} */
function onStageKey(event) {
  const entry = session.segmented;
  if (entry && event.key in ARROWS) {
    const [dx, dy] = ARROWS[event.key];
    const far = event.shiftKey ? 10 : 1;
    if (shownTool() === "pan") {
      session.view.pan(-PAN * far * dx, -PAN * far * dy);
      draw();
    } else {
      moveCursor(entry, dx * far, dy * far);
    }
    return true;
  }
  if (event.key === " ") {
    if (!event.repeat) {
      onSpace();
    }
    return true;
  }
  if ((event.key === "Enter" || event.key === "Escape") && isWorking()) {
    (event.key === "Enter" ? release : cancel)();
    return true;
  }
  return false;
}

/** @param {import("./entry.js").Entry} entry @param {number} dx @param {number} dy */
function moveCursor({ width, height }, dx, dy) {
  const from = hand.cursor ?? session.view.toImage(stage.clientWidth / 2, stage.clientHeight / 2);
  hand.cursor = { x: Math.min(width, Math.max(0, from.x + dx)), y: Math.min(height, Math.max(0, from.y + dy)) };
  hand.isKeyboard = true;
  follow(hand.cursor);
  if (isWorking()) {
    drag(hand.cursor);
    drawStroke();
  } else {
    draw();
  }
}

// Nothing is painted unseen.
/** @param {import("./measure.js").Point} cursor */
function follow(cursor) {
  session.view.follow(cursor, stage.clientWidth, stage.clientHeight);
}

function onSpace() {
  if (!hand.isKeyboard || hand.cursor === null || hand.tool === "pan") {
    hand.isSpaceHeld = true;
    draw();
    return;
  }
  follow(hand.cursor);
  if (isWorking()) {
    drag(hand.cursor);
    drawStroke();
  } else {
    press(hand.cursor);
    if (TOOLS[hand.tool].hasSize) {
      release();
    } else {
      drawStroke();
    }
  }
}
