// @ts-check
// Puts the page together.

import { languageOf, listWeights } from "./api.js";
import { askForArchive, startArchive } from "./archive.js";
import { startControls } from "./controls.js";
import { button, find, say, select } from "./elements.js";
import { startFiles } from "./files.js";
import { startFindings } from "./findings.js";
import { isWorking } from "./hand.js";
import { showKeys, startKeyboard } from "./keyboard.js";
import { startPointer } from "./pointer.js";
import { loadAgain, move, on, refresh, removeShown, session, show, startSharing } from "./session.js";
import { startStage } from "./stage.js";
import { recallWord, rememberWord } from "./storage.js";
import { LANGUAGES, speak, text } from "./strings.js";
import { showStrip } from "./strip.js";
import { buildToolbar, startToolbar } from "./toolbar.js";
import { warmUp } from "./warmup.js";

function startStrip() {
  button("help").addEventListener("click", showKeys);
  button("previous").addEventListener("click", () => move(-1));
  button("next").addEventListener("click", () => move(1));
  button("removeImage").addEventListener("click", removeShown);
  select("sort").addEventListener("change", refresh);
  on("refresh", () => {
    const shown = session.ordered;
    showStrip(find("thumbnails"), shown, session, show);
    const place = session.current === null ? -1 : shown.indexOf(session.current);
    button("previous").disabled = place <= 0;
    button("next").disabled = place < 0 || place === shown.length - 1;
    button("removeImage").disabled = place < 0;
  });
}

function startWeights() {
  select("weights").addEventListener("change", () => void loadAgain());
}

/** Asks the service once, and again where it does not answer. @param {() => Promise<void>} question */
function once(question) {
  /** @type {Promise<void> | null} */
  let asked = null;
  return () => {
    asked ??= question().catch((error) => {
      asked = null;
      throw error;
    });
    return asked;
  };
}

// Of a service that was started again with other weights, the first are chosen where those that were are no more.
async function fillWeights() {
  const chosen = session.weights;
  const names = (await listWeights()).map(({ name }) => name);
  select("weights").replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
}

const askForWeights = once(fillWeights);
const askOnceForArchive = once(askForArchive);

async function ask() {
  await askForWeights();
  await askOnceForArchive();
}

/** @param {Error} error */
function tell(error) {
  say(error.message, languageOf(error));
}

function startLanguage() {
  const choice = select("language");
  const wanted = recallWord("localStorage", "language") ?? navigator.language.slice(0, 2);
  choice.replaceChildren(...Object.entries(LANGUAGES).map(([key, words]) => new Option(words.languageName, key, false, key === wanted)));
  speak(choice.value);
  choice.addEventListener("change", () => {
    rememberWord("localStorage", "language", choice.value);
    speak(choice.value);
    buildToolbar();
    refresh();
  });
}

startLanguage();
startToolbar();
startStage();
startFindings();
startControls();
startWeights();
startArchive();
startStrip();
startPointer();
startKeyboard();
startFiles();
startSharing();
window.addEventListener("beforeunload", (event) => {
  if (isWorking() || session.isKeeping || session.isUnsaved) {
    event.preventDefault();
  }
});
refresh();
// Where it did not answer at first, as without a key, it is asked once it has segmented an image.
on("segment", () => void ask().catch(tell));
on("missing", () => void fillWeights().catch(tell));
ask().then(warmUp).catch(tell);
