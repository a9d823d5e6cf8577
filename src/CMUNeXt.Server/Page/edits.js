// @ts-check
// What is done to the whole mask of the shown image, and undone.

import { keep } from "./hand.js";
import { without } from "./mask.js";
import { refresh, save, session } from "./session.js";

/** @param {(entry: import("./entry.js").Entry) => Uint8Array} change */
export function edit(change) {
  const entry = session.segmented;
  if (entry) {
    const before = entry.mask;
    entry.mask = change(entry);
    keep(entry, before);
  }
}

export function undo() {
  const entry = session.segmented;
  if (entry?.history.canUndo) {
    entry.history.undo(entry.mask, entry.width);
    entry.changed(entry.history.canUndo);
    void save(entry);
    refresh();
  }
}

export function redo() {
  const entry = session.segmented;
  if (entry?.history.canRedo) {
    entry.history.redo(entry.mask, entry.width);
    entry.changed();
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
