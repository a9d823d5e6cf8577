// @ts-check
// The controls beside the image: threshold and display, scale, reference mask, saving.

import { button, find, input, say } from "./elements.js";
import { cancel, chooseTool, hand, keep } from "./hand.js";
import { number } from "./measure.js";
import { forgetScale } from "./measuring.js";
import { emptyReport, everything, fileStem, maskPng, offer, overlayPng, report } from "./saving.js";
import { draw, on, refresh, resetDisplay, review, save, session } from "./session.js";
import { stage } from "./stage.js";
import { forgetAll } from "./storage.js";
import { language, text } from "./strings.js";
import { comparisonText, scaleText } from "./telling.js";

/** @typedef {import("./entry.js").Entry} Entry */
/** @typedef {import("./history.js").State} State */

export function startControls() {
  connectThreshold();
  connectDisplay();
  connectScale();
  connectReference();
  connectSaving();
  on("refresh", showValues);
}

/** Acts on the shown image, where there is one. @param {(entry: Entry) => unknown} act */
function withEntry(act) {
  return () => (session.found ? act(session.found) : undefined);
}

/** Acts on it once it is decoded too: a mask is decided by the probability of each pixel. @param {(entry: Entry) => unknown} act */
function withPixels(act) {
  return () => (session.segmented ? act(session.segmented) : undefined);
}

function connectThreshold() {
  /**
   * What there was before the slider moved: corrections are not lost, but undone and redone. A finding that comes meanwhile brings a mask
   * of its own.
   * @type {{ entry: Entry, finding: unknown, state: State } | null}
   */
  let before = null;
  const startOf = (/** @type {Entry} */ entry) =>
    before?.entry === entry && before.finding === entry.finding ? before : { entry, finding: entry.finding, state: entry.state };
  input("threshold").addEventListener("input", withPixels((entry) => {
    const start = startOf(entry);
    const step = Number(input("threshold").value);
    // Back where it was the slider has changed nothing, and the browser sends no "change".
    if (step === start.state.step) {
      entry.mask = start.state.mask;
      entry.came(start.state);
      before = null;
    } else {
      entry.decide(step);
      before = start;
    }
    refresh();
  }));
  input("threshold").addEventListener("change", withPixels((entry) => {
    keep(entry, startOf(entry).state);
    before = null;
  }));
  input("showAll").addEventListener("change", withPixels((entry) => {
    cancel();
    const before = entry.state;
    entry.showAll = input("showAll").checked;
    entry.decide();
    keep(entry, before);
  }));
}

function connectDisplay() {
  for (const id of /** @type {const} */ (["opacity", "brightness", "contrast"])) {
    input(id).addEventListener("input", () => {
      session.display[id] = Number(input(id).value);
      showValues();
      draw();
    });
  }
  for (const id of /** @type {const} */ (["contourOnly", "invert"])) {
    input(id).addEventListener("change", () => {
      session.display[id] = input(id).checked;
      draw();
    });
  }
  button("resetDisplay").addEventListener("click", resetDisplay);
}

function connectScale() {
  button("calibrate").addEventListener("click", () => {
    const mm = Number(input("lineLength").value.replace(",", "."));
    if (!(mm > 0) || !Number.isFinite(mm)) {
      say(text("scaleType"));
      input("lineLength").focus();
      return;
    }
    hand.calibrating = mm;
    say(text("scaleDraw", number(mm, 1, language())));
    chooseTool("caliper");
    stage.focus();
  });
  button("forgetScale").addEventListener("click", withEntry((entry) => {
    forgetScale(entry);
    refresh();
  }));
}

function connectReference() {
  button("chooseReference").addEventListener("click", () => input("reference").click());
  input("reference").addEventListener("change", withEntry(async (entry) => {
    const [file] = input("reference").files ?? [];
    if (file) {
      say(await entry.compareWith(file));
      refresh();
    }
    input("reference").value = "";
  }));
  button("removeReference").addEventListener("click", withEntry((entry) => {
    entry.reference = null;
    refresh();
  }));
}

function connectSaving() {
  input("reviewed").addEventListener("change", () => {
    cancel();
    review(input("reviewed").checked);
  });
  button("saveMask").addEventListener("click", withEntry((entry) =>
    told(async () => offer(`${fileStem(entry)}_mask.png`, await maskPng(entry)))));
  button("saveOverlay").addEventListener("click", withEntry((entry) =>
    told(async () => offer(`${fileStem(entry)}_overlay.png`, await overlayPng(entry.copy)))));
  button("saveAll").addEventListener("click", async () => {
    const unkept = session.entries.filter(({ frames }) => frames.some(({ isUnkept }) => isUnkept));
    const mark = (/** @type {Entry[]} */ all, /** @type {boolean} */ isUnkept) => {
      all.forEach((entry) => {
        entry.isUnkept = isUnkept;
      });
      refresh();
    };
    // Before the zip is there: what is done meanwhile is not in it.
    const zip = everything(session.entries);
    mark(unkept.flatMap(({ frames }) => frames), false);
    try {
      offer("cmunext-session.zip", await zip);
    } catch (error) {
      // Other frames may be shown by now.
      mark(unkept.flatMap(({ all }) => all).filter(({ isDecided }) => isDecided), true);
      say(text("saveFailed", error instanceof Error ? error.message : String(error)));
    }
  });
  // What the browser's own command prints is what is seen, and no report of an earlier state.
  let isReporting = false;
  window.addEventListener("beforeprint", () => {
    if (!isReporting) {
      emptyReport(find("report"));
    }
  });
  button("print").addEventListener("click", () => told(async () => {
    await report(find("report"), session.entries);
    isReporting = true;
    window.print();
    isReporting = false;
  }));
  button("restore").addEventListener("click", withPixels((entry) => {
    cancel();
    const before = entry.state;
    entry.decide();
    entry.history.record(before, entry.state, entry.width);
    void save(entry);
    refresh();
  }));
  button("forget").addEventListener("click", () => {
    if (confirm(text("forgetSure"))) {
      session.entries.forEach((entry) => entry.forget());
      void forgetAll().catch(() => say(text("forgetFailed")));
    }
  });
}

/** Says so where something cannot be made, as where the browser has no memory for it. @param {() => Promise<void>} act */
async function told(act) {
  try {
    await act();
  } catch (error) {
    say(text("makeFailed", error instanceof Error ? error.message : String(error)));
  }
}

function showValues() {
  const entry = session.found;
  const { display } = session;
  showSlider("threshold", entry?.step ?? 127, number(((entry?.step ?? 127) + 0.5) / 255, 2, language()));
  for (const id of /** @type {const} */ (["opacity", "brightness", "contrast"])) {
    showSlider(id, display[id], `${display[id]} %`);
  }
  input("contourOnly").checked = display.contourOnly;
  input("invert").checked = display.invert;
  input("showAll").checked = entry?.showAll ?? false;
  input("showAll").disabled = !(entry?.isBelowPresence ?? false);
  input("reviewed").checked = entry?.reviewed ?? false;
  for (const id of ["threshold", "reviewed", "saveMask", "saveOverlay", "saveAll", "print", "chooseReference", "calibrate"]) {
    input(id).disabled = entry === null;
  }
  button("restore").disabled = !(entry?.corrected ?? false);
  button("forgetScale").disabled = !entry?.scale;
  button("removeReference").disabled = !entry?.reference;
  find("scaleText").textContent = hand.calibrating === null ? scaleText(entry) : text("scaleDraw", number(hand.calibrating, 1, language()));
  const comparison = entry?.comparison ?? null;
  find("comparisonText").textContent = comparison === null ? text("comparisonNone") : comparisonText(comparison);
}

/** @param {string} id @param {number} value @param {string} words */
function showSlider(id, value, words) {
  input(id).value = String(value);
  /** @type {HTMLOutputElement} */ (document.querySelector(`output[for="${id}"]`)).textContent = words;
}
