// @ts-check
// The archive that the service names: its ultrasound studies in a list, opened here, and masks stored beside their images.

import { archiveAddress, findImages, findStudies, languageOf, storeMask } from "./api.js";
import { button, find, input, make, put, say } from "./elements.js";
import { maskPng } from "./saving.js";
import { addSources, on, session } from "./session.js";
import { archiveSource } from "./source.js";
import { text } from "./strings.js";

const OPENERS = ["openArchive", "addFromArchive"];
const dialog = /** @type {HTMLDialogElement} */ (find("archive"));

export function startArchive() {
  on("refresh", () => {
    button("store").hidden = (session.segmented?.source.image ?? null) === null;
  });
  button("store").addEventListener("click", () => void store().catch((error) => say(error.message, languageOf(error))));
  find("archiveForm").addEventListener("submit", (event) => {
    event.preventDefault();
    void list();
  });
  for (const opener of OPENERS) {
    button(opener).addEventListener("click", () => {
      dialog.showModal();
      void list();
    });
  }
}

/** Asks whether there is an archive. */
export async function askForArchive() {
  const address = await archiveAddress();
  for (const opener of OPENERS) {
    button(opener).hidden = address === null;
  }
}

let asked = 0;

// An answer that comes after a later question is nobody's any more.
async function list() {
  const mine = ++asked;
  put(find("archiveStatus"), text("archiveAsking"));
  try {
    const { studies, are_all: areAll } = await findStudies(input("archiveSearch").value);
    if (mine !== asked) {
      return;
    }
    find("studies").replaceChildren(...studies.map(studyItem));
    put(find("archiveStatus"), text(areAll ? "archiveFound" : "archiveMore", studies.length));
  } catch (error) {
    if (mine === asked) {
      fail(error);
    }
  }
}

/** @param {import("./api.js").Study} study */
function studyItem(study) {
  const words = [dateOf(study), nameOf(study.patient), study.patient_id, study.description].filter((part) => part !== "");
  const opener = rowButton(words.join(" · ") || study.id, async () => {
    const isOpen = opener.getAttribute("aria-expanded") === "true";
    opener.setAttribute("aria-expanded", String(!isOpen));
    images.replaceChildren(...(isOpen ? [] : imageItems(study, await findImages(study.id))));
  });
  opener.setAttribute("aria-expanded", "false");
  const images = document.createElement("ul");
  const item = document.createElement("li");
  item.append(opener, images);
  return item;
}

/** @param {import("./api.js").Study} study @param {import("./api.js").StudyImage[]} images */
function imageItems(study, images) {
  const all = images.length > 1 ? [[text("archiveAll", images.length), images]] : [];
  const each = images.map((image) => [labelOf(image), [image]]);
  return [...all, ...each].map(([words, chosen]) => {
    const item = document.createElement("li");
    item.append(rowButton(String(words), async () => {
      dialog.close();
      const sources = /** @type {import("./api.js").StudyImage[]} */ (chosen)
        .map((image) => archiveSource(image.id, fileNameOf(study, image)));
      await addSources(sources);
    }));
    return item;
  });
}

// Without the patient's name, since it becomes the name of saved files; the identifier tells one image from another of the same day.
/** @param {import("./api.js").Study} study @param {import("./api.js").StudyImage} image */
function fileNameOf(study, image) {
  return `${dateOf(study)} ${labelOf(image)} ${image.id.slice(0, 8)}`.trim();
}

/** @param {import("./api.js").StudyImage} image */
function labelOf({ series, number, frames }) {
  const loop = frames > 1 ? ` (${text("archiveFrames", frames)})` : "";
  return `${series === "" ? "" : `${series} `}${text("archiveImage", number)}${loop}`;
}

/** @param {import("./api.js").Study} study */
function dateOf({ date }) {
  return date.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");
}

// DICOM's "Family^Given=…": the first way of writing alone.
/** @param {string} name */
function nameOf(name) {
  return name.split("=")[0].split("^").filter((part) => part !== "").join(" ");
}

/** @param {string} words @param {() => Promise<void>} act */
function rowButton(words, act) {
  const made = /** @type {HTMLButtonElement} */ (make("button", words));
  made.type = "button";
  made.addEventListener("click", () => void act().catch(fail));
  return made;
}

/** @param {unknown} error */
function fail(error) {
  put(find("archiveStatus"), error instanceof Error ? error.message : String(error), languageOf(error));
}

async function store() {
  const entry = session.segmented;
  if (entry?.finding && entry.source.image) {
    const { corrected, showAll: all, finding: { weights, frame }, step, source: { image } } = entry;
    say(text("storing"));
    const stored = await storeMask(image, await maskPng(entry), { weights, frame, threshold: (step + 0.5) / 255, all, corrected });
    say(text("stored", stored.length));
  }
}
