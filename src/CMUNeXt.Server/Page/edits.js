// @ts-check
// What is done to the whole mask of the shown image, and undone. A stroke under way is dropped: half of it would be in the mask, and in no
// step of the history.

import { cancel, keep } from "./hand.js";
import { without } from "./mask.js";
import { refresh, save, session } from "./session.js";

/** @param {(entry: import("./entry.js").Entry) => Uint8Array} change */
export function edit(change) {
  cancel();
  const entry = session.segmented;
  if (entry) {
    const before = entry.state;
    entry.correct(change(entry));
    keep(entry, before);
  }
}

export function undo() {
  goTo((entry) => entry.history.undo(entry.mask, entry.width));
}

export function redo() {
  goTo((entry) => entry.history.redo(entry.mask, entry.width));
}

/** @param {(entry: import("./entry.js").Entry) => import("./history.js").Origin | null} move */
function goTo(move) {
  cancel();
  const entry = session.segmented;
  const origin = entry && move(entry);
  if (entry && origin) {
    entry.came(origin);
    void save(entry);
    refresh();
  }
}

/** @param {number} i */
export function selectLesion(i) {
  session.display.selected = i;
  refresh();
}

/** @param {number} i */
export function deleteLesion(i) {
  const lesion = session.segmented?.lesions[i];
  if (lesion) {
    edit((entry) => without(entry.mask, entry.labels, lesion.component.label));
  }
}
