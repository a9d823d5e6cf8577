// @ts-check
// The buttons above the image: tools, and what acts at once. The keyboard does the same by their keys.

import { deleteLesion, edit, redo, undo } from "./edits.js";
import { button, find, say } from "./elements.js";
import { chooseTool, hand, resizeBrush } from "./hand.js";
import { fillHoles, keepLargest } from "./mask.js";
import { on, session } from "./session.js";
import { fit, hide, stage, zoomBy } from "./stage.js";
import { text } from "./strings.js";
import { TOOLS } from "./tools.js";

const hasMask = () => (session.segmented?.lesions.length ?? 0) > 0;
const hasImage = () => session.segmented !== null;
const hasSize = () => TOOLS[hand.tool].hasSize;

/** @type {{ id: string, key: string, text: string, act: () => void, isEnabled: () => boolean }[]} */
export const ACTIONS = [
  { id: "undo", key: "Ctrl+Z", text: "undo", act: undo, isEnabled: () => session.segmented?.history.canUndo ?? false },
  { id: "redo", key: "Ctrl+Shift+Z", text: "redo", act: redo, isEnabled: () => session.segmented?.history.canRedo ?? false },
  { id: "smaller", key: "[", text: "smaller", act: () => resizeBrush(1 / 1.25), isEnabled: hasSize },
  { id: "larger", key: "]", text: "larger", act: () => resizeBrush(1.25), isEnabled: hasSize },
  {
    id: "fillHoles", key: "F", text: "fillHoles", act: () => edit((entry) => fillHoles(entry.mask, entry.width, entry.height)),
    isEnabled: hasMask,
  },
  {
    id: "keepLargest", key: "G", text: "keepLargest", act: () => edit((entry) => keepLargest(entry.mask, entry.width, entry.height)),
    isEnabled: hasMask,
  },
  { id: "deleteLesion", key: "Delete", text: "deleteLesion", act: () => deleteLesion(session.display.selected), isEnabled: hasMask },
  { id: "hide", key: "H", text: "hide", act: () => {}, isEnabled: hasImage },
  { id: "zoomIn", key: "+", text: "zoomIn", act: () => zoomBy(1.25), isEnabled: hasImage },
  { id: "zoomOut", key: "-", text: "zoomOut", act: () => zoomBy(1 / 1.25), isEnabled: hasImage },
  { id: "fit", key: "0", text: "fit", act: fit, isEnabled: hasImage },
];

/** Takes a tool into the hand, and says how it is used; arrow keys then act on the image. @param {string} name */
export function takeTool(name) {
  chooseTool(name);
  say(text(TOOLS[name].hint));
  stage.focus({ preventScroll: true });
}

/** Makes the buttons, in the language of the page. */
export function buildToolbar() {
  const bar = find("tools");
  bar.replaceChildren();
  for (const [name, tool] of Object.entries(TOOLS)) {
    bar.append(toolButton(`tool-${name}`, text(tool.text), tool.key, () => takeTool(name)));
  }
  for (const action of ACTIONS) {
    const made = toolButton(action.id, text(action.text), action.key, action.act);
    if (action.id === "hide") {
      made.addEventListener("pointerdown", () => hide(true));
      for (const end of ["pointerup", "pointerleave", "pointercancel"]) {
        made.addEventListener(end, () => hide(false));
      }
    }
    bar.append(made);
  }
}

export function startToolbar() {
  buildToolbar();
  on("refresh", () => {
    for (const name of Object.keys(TOOLS)) {
      button(`tool-${name}`).setAttribute("aria-pressed", String(name === hand.tool));
    }
    for (const action of ACTIONS) {
      button(action.id).disabled = !action.isEnabled();
    }
  });
}

/** @param {string} id @param {string} label @param {string} key @param {() => void} act */
function toolButton(id, label, key, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.id = id;
  made.textContent = label;
  made.title = `${label} (${key})`;
  made.setAttribute("aria-keyshortcuts", key.replace("Ctrl", "Control"));
  made.addEventListener("click", act);
  return made;
}
