// @ts-check
// What was found in the shown image: the verdict, facts, the list of lesions.

import { languageOf, SERVICE_LANGUAGE } from "./api.js";
import { deleteLesion, selectLesion } from "./edits.js";
import { button, find, input, make, put } from "./elements.js";
import { areaText, lengthOf, lengthText, number } from "./measure.js";
import { removeCaliper } from "./measuring.js";
import { on, refresh, session, showFrame, tryAgain } from "./session.js";
import { language, text } from "./strings.js";
import { caliperText, presenceText, verdictText } from "./telling.js";

/** The loop whose frame is being chosen: the slider stays where it is held, whatever is segmented meanwhile. */
let choosing = /** @type {import("./entry.js").Entry | null} */ (null);

export function startFindings() {
  input("frame").addEventListener("input", () => {
    choosing = session.found;
    tellFrame(input("frame").value, input("frame").max);
  });
  for (const end of ["change", "pointerup", "pointercancel"]) {
    input("frame").addEventListener(end, () => { choosing = null; });
  }
  input("frame").addEventListener("change", () => {
    if (session.found) {
      void showFrame(session.found, Number(input("frame").value));
    }
  });
  button("again").addEventListener("click", () => {
    // The button that was pressed goes with the error.
    find("stage").focus({ preventScroll: true });
    void tryAgain();
  });
  on("refresh", () => {
    const entry = session.segmented;
    showFrames(session.found);
    tellVerdict(session.current);
    button("again").hidden = (session.current?.error ?? null) === null;
    find("facts").replaceChildren(
      ...(entry ? factsOf(entry) : []).flatMap(([name, value]) => [make("dt", name), make("dd", value)]),
      ...(entry ? calipersOf(entry) : []));
    const body = /** @type {HTMLElement} */ (document.querySelector("#lesions tbody"));
    const focused = body.contains(document.activeElement) ? document.activeElement?.id : undefined;
    body.replaceChildren(...(entry?.lesions ?? []).map(lesionRow));
    if (focused !== undefined) {
      (document.getElementById(focused) ?? find("stage")).focus();
    }
  });
}

/** @param {import("./entry.js").Entry | null} entry */
function showFrames(entry) {
  const frames = entry?.finding?.frames ?? 1;
  find("frames").hidden = frames === 1;
  if (choosing !== null && choosing === entry) {
    return;
  }
  choosing = null;
  input("frame").max = String(frames);
  input("frame").value = String(entry?.frame ?? 1);
  tellFrame(entry?.frame ?? 1, frames);
}

/** @param {string | number} frame @param {string | number} frames */
function tellFrame(frame, frames) {
  /** @type {HTMLOutputElement} */ (document.querySelector('output[for="frame"]')).textContent = text("frameOf", frame, frames);
}

/** Of what the verdict was last told. @type {{ finding?: import("./api.js").Finding | null, words: string, spoken: string }} */
let told = { words: "", spoken: "" };

// It is read out, with the warnings, to whoever does not see it: once, and again where it is another, or of another image or frame.
/** @param {import("./entry.js").Entry | null} entry */
function tellVerdict(entry) {
  const { finding = null, error = null } = entry ?? {};
  const [words, spoken] = entry !== null && finding !== null ? [verdictText(entry), language()] : [error?.message ?? "", languageOf(error)];
  if (finding !== told.finding) {
    find("warnings").replaceChildren(...(finding?.warnings ?? []).map(warningItem));
  }
  if (finding !== told.finding || words !== told.words || spoken !== told.spoken) {
    told = { finding, words, spoken };
    put(find("verdict"), words, spoken);
  }
}

/** @param {string} warning */
function warningItem(warning) {
  const item = document.createElement("li");
  put(item, warning, SERVICE_LANGUAGE);
  return item;
}

/** @param {import("./entry.js").Entry} entry @returns {[string, string][]} */
function factsOf(entry) {
  const { lesions, lesionScale } = entry;
  const finding = /** @type {import("./api.js").Finding} */ (entry.finding);
  const { decode, compute } = finding.milliseconds;
  return [
    [text("factArea"), areaText(lesions.reduce((sum, lesion) => sum + lesion.component.area, 0), lesionScale, language())],
    [text("factPresence"), presenceText(finding)],
    [text("factSize"), `${entry.width} x ${entry.height}`],
    [text("weights"), finding.weights],
    [text("factTime"), text("times", Math.round(entry.milliseconds), Math.round(decode), Math.round(compute))],
    ...(entry.corrected ? [/** @type {[string, string]} */ ([text("factCorrected"), text(entry.isUnkept ? "yesUnkept" : "yes")])] : []),
  ];
}

/** @param {import("./entry.js").Entry} entry @returns {HTMLElement[]} */
function calipersOf(entry) {
  return entry.calipers.flatMap((line, i) => {
    const value = make("dd", `${caliperText(entry, line)} `);
    value.append(rowButton(`caliper-${i}`, "✕", text("removeCaliper", i + 1), () => {
      removeCaliper(entry, line);
      refresh();
    }));
    return [make("dt", text("factCaliper", i + 1)), value];
  });
}

/** @param {import("./entry.js").ShownLesion} lesion @param {number} i */
function lesionRow(lesion, i) {
  const { scale } = lesion;
  const row = document.createElement("tr");
  row.setAttribute("aria-selected", String(i === session.display.selected));
  const { long, short } = lesion.axes;
  const axes = `${number(lengthOf(long, scale), 1, language())} x ${lengthText(lengthOf(short, scale), scale, language())}`;
  row.append(
    cellWith(rowButton(`lesion-${i}`, String(i + 1), text("selectLesion", i + 1), () => selectLesion(i))),
    make("td", areaText(lesion.component.area, scale, language())), make("td", axes),
    make("td", lesion.confidence === null ? "–" : `${number(100 * lesion.confidence, 0, language())} %`),
    cellWith(rowButton(`remove-${i}`, "✕", text("removeLesion", i + 1), () => deleteLesion(i))));
  return row;
}

/** @param {string} id @param {string} words @param {string} label @param {() => void} act */
function rowButton(id, words, label, act) {
  const made = /** @type {HTMLButtonElement} */ (make("button", words));
  made.type = "button";
  made.id = id;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

/** @param {HTMLElement} content */
function cellWith(content) {
  const cell = document.createElement("td");
  cell.append(content);
  return cell;
}
