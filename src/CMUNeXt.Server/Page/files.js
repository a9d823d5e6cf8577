// @ts-check
// Images in: dropped, pasted, chosen, or the example.

import { button, input, say } from "./elements.js";
import { add, refresh, session } from "./session.js";
import { text } from "./strings.js";

export function startFiles() {
  for (const [opener, chooser] of [["choose", "files"], ["add", "files"], ["chooseFolder", "folder"]]) {
    button(opener).addEventListener("click", () => input(chooser).click());
  }
  for (const chooser of ["files", "folder"]) {
    input(chooser).addEventListener("change", () => {
      void add([...(input(chooser).files ?? [])]);
      input(chooser).value = "";
    });
  }
  button("example").addEventListener("click", async () => {
    const blob = await fetch("example.png").then((response) => response.blob()).catch(() => null);
    if (blob === null) {
      say(text("unreachable"));
    } else {
      await add([new File([blob], "example.png", { type: "image/png" })]);
    }
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => void drop(event));
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) {
      void add(files);
    }
  });
}

// Over the reference mask's place a file is a reference mask; of several it is not known which.
/** @param {DragEvent} event */
async function drop(event) {
  event.preventDefault();
  if (event.dataTransfer === null) {
    return;
  }
  const isReference = /** @type {HTMLElement} */ (event.target).closest("#comparison") !== null;
  const { files, unread } = await filesOf(event.dataTransfer);
  const [file] = files;
  if (isReference && session.segmented && file && files.length === 1 && unread === 0) {
    say(await session.segmented.compareWith(file));
    refresh();
  } else {
    await add(files, unread);
  }
}

/** @typedef {{ files: File[], unread: number }} Found unread: how many files and folders cannot be read */

/** @param {DataTransfer} transfer @returns {Promise<Found>} files, those in folders too */
async function filesOf(transfer) {
  const roots = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (roots.length === 0) {
    return { files: [...transfer.files], unread: 0 };
  }
  /** @type {Found} */
  const found = { files: [], unread: 0 };
  for (const root of roots) {
    await visit(root, found);
  }
  return found;
}

// One that cannot be read is left out, and not all others with it.
/** @param {any} entry @param {Found} found */
async function visit(entry, found) {
  await walk(entry, found).catch(() => {
    found.unread++;
  });
}

/** @param {any} entry @param {Found} found */
async function walk(entry, found) {
  if (entry.isFile) {
    /** @type {File} */
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));

    // One in a folder keeps its path, as one of a folder that is chosen does.
    const path = entry.fullPath.replace(/^\//, "");
    found.files.push(path === file.name ? file : new File([file], path, { type: file.type, lastModified: file.lastModified }));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) {
      return;
    }
    for (const child of some) {
      await visit(child, found);
    }
  }
}
