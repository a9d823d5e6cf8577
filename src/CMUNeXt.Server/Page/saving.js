// @ts-check
// What is saved: mask, overlay, contours, a table of the session, all in one zip; and the report that is printed.

import { bitmapOf } from "./decode.js";
import { make } from "./elements.js";
import { stemOf } from "./formats.js";
import { contours } from "./mask.js";
import { areaText, lengthOf, lengthText, number } from "./measure.js";
import { pathOf } from "./painter.js";
import { language, text } from "./strings.js";
import { caliperText, comparisonText, presenceText, scaleText, verdictText } from "./telling.js";
import { zip } from "./zip.js";

/** @typedef {import("./entry.js").Entry} Entry */

/** @param {Entry} entry @returns {Promise<Blob>} 0 and 255, at the image's own size */
export function maskPng(entry) {
  const canvas = new OffscreenCanvas(entry.width, entry.height);
  const pixels = new ImageData(entry.width, entry.height);
  for (let i = 0; i < entry.mask.length; i++) {
    const value = entry.mask[i] * 255;
    pixels.data.set([value, value, value, 255], 4 * i);
  }
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** @param {Entry} entry @returns {Promise<Blob>} the image as it is, with the contours */
export async function overlayPng(entry) {
  const canvas = new OffscreenCanvas(entry.width, entry.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const bitmap = await bitmapOf(/** @type {{ image: Blob }} */ (entry.encoded).image);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  context.strokeStyle = "rgb(255 150 40)";
  context.lineWidth = Math.max(1.5, entry.width / 300);
  context.stroke(pathOf(entry.mask, entry.width, entry.height));
  if (entry.lesions.length > 1) {
    drawNumbers(context, entry);
  }
  return canvas.convertToBlob({ type: "image/png" });
}

// Each above its lesion, or below where the image ends above it.
/** @param {OffscreenCanvasRenderingContext2D} context @param {Entry} entry */
function drawNumbers(context, { lesions, width, height }) {
  const size = Math.max(12, Math.round(width / 40));
  context.font = `bold ${size}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.strokeStyle = "#000";
  context.fillStyle = "#fff";
  lesions.forEach(({ component: { left, right, top, bottom } }, i) => {
    const x = Math.min(width - size, Math.max(size, (left + right + 1) / 2));
    const y = top >= 2 * size ? top - size : Math.min(height - size, bottom + 1 + size);
    context.strokeText(String(i + 1), x, y);
    context.fillText(String(i + 1), x, y);
  });
}

/** @param {Entry} entry */
export function contoursJson(entry) {
  const scale = entry.lesionScale;
  return JSON.stringify({
    notice: text("notice"),
    file: entry.name,
    archive_image: entry.source.image,
    frame: entry.finding?.frame,
    weights: entry.finding?.weights,
    weights_sha256: entry.finding?.weights_sha256,
    settings: entry.finding?.settings,
    width: entry.width,
    height: entry.height,
    corrected: entry.corrected,
    reviewed: entry.reviewed,
    threshold: (entry.step + 0.5) / 255,
    presence: entry.finding?.presence,
    presence_threshold: entry.finding?.presence_threshold,
    on_request: entry.isOnRequest,
    mm_per_pixel: scale && [scale.x, scale.y],
    calipers: entry.calipers.map((line) => ({ from: [line.from.x, line.from.y], to: [line.to.x, line.to.y], ...measuredBy(entry, line) })),
    contours: contours(entry.mask, entry.width, entry.height),
  }, null, 2);
}

/** @param {Entry} entry @param {import("./measure.js").Line} caliper */
function measuredBy(entry, caliper) {
  const scale = entry.scaleOn(caliper);
  return { length: lengthOf(caliper, scale), unit: unitOf(scale) };
}

/** @param {import("./measure.js").Scale | null} scale */
function unitOf(scale) {
  return scale === null ? "px" : "mm";
}

const COLUMNS = [
  "file", "archive_image", "frame", "width", "height", "lesions", "area_px", "area_mm2", "long_axis", "short_axis", "axis_unit",
  "scale_from", "calipers", "confidence", "presence", "presence_threshold", "on_request", "threshold", "iou", "dice", "hd95",
  "hd95_unit", "corrected", "reviewed", "weights", "weights_sha256", "settings", "warnings", "error",
];

/** @param {Entry[]} saved a table of the session, a line an image or a frame */
export function sessionCsv(saved) {
  const rows = saved.map((entry) => {
    const { lesions: [largest], lesionScale: scale, comparison } = entry;
    const area = entry.lesions.reduce((sum, lesion) => sum + lesion.component.area, 0);
    return [
      plain(entry.name), entry.source.image ?? "", entry.finding?.frame ?? "", entry.width, entry.height, entry.lesions.length, area,
      scale ? (area * scale.x * scale.y).toFixed(2) : "",
      largest ? lengthOf(largest.axes.long, largest.scale).toFixed(2) : "",
      largest ? lengthOf(largest.axes.short, largest.scale).toFixed(2) : "",
      unitOf((largest ?? entry).scale), entry.scale === null ? "" : entry.isFileScale ? "file" : "line",
      entry.calipers.map((line) => measuredBy(entry, line)).map(({ length, unit }) => `${length.toFixed(2)} ${unit}`).join(" "),
      largest?.confidence?.toFixed(4) ?? "", entry.finding?.presence?.toFixed(4) ?? "",
      entry.finding?.presence_threshold?.toFixed(4) ?? "", entry.isOnRequest, ((entry.step + 0.5) / 255).toFixed(4),
      comparison?.iou.toFixed(4) ?? "", comparison?.dice.toFixed(4) ?? "", comparison?.hd95?.toFixed(2) ?? "",
      comparison ? unitOf(comparison.scale) : "", entry.corrected, entry.reviewed, plain(entry.finding?.weights ?? ""),
      entry.finding?.weights_sha256 ?? "", plain(entry.finding?.settings ?? ""),
      plain((entry.finding?.warnings ?? []).join(" ")), plain(entry.error?.message ?? ""),
    ];
  });
  return [COLUMNS, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n") + "\r\n";
}

// A text that a spreadsheet would take for a formula begins with an apostrophe; the wide forms are formulas to some too. A number may be
// negative, and is none.
/** @param {string} words */
function plain(words) {
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(words) ? `'${words}` : words;
}

/** @param {unknown} value */
function csvField(value) {
  const words = String(value);
  return /[",\r\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}

/** @param {Entry[]} entries */
export async function everything(entries) {
  const encoder = new TextEncoder();
  const saved = savedOf(entries);
  const files = [
    { name: "session.csv", content: encoder.encode(sessionCsv(saved)) },
    { name: "NOTICE.txt", content: encoder.encode(`${text("notice")}\n`) },
  ];
  const taken = new Set();
  for (const entry of saved.filter(isSegmented)) {
    const stem = freeStem(fileStem(entry), taken);
    files.push(
      { name: `${stem}_mask.png`, content: await bytesOf(await maskPng(entry)) },
      { name: `${stem}_overlay.png`, content: await bytesOf(await overlayPng(entry)) },
      { name: `${stem}_contours.json`, content: encoder.encode(contoursJson(entry)) },
    );
    // Else the masks of the whole session lie in memory together.
    entry.pack();
  }
  return zip(files, new Date());
}

/** All that is saved, with the frames of loops, as it is now. @param {Entry[]} entries */
function savedOf(entries) {
  return entries.flatMap(({ frames }) => frames).map(({ copy }) => copy);
}

/** @param {Entry} entry */
function isSegmented({ finding }) {
  return finding !== null;
}

/** What the files of an entry begin with: those of a loop's frame as "cmunext predict" calls them. @param {Entry} entry */
export function fileStem({ name, finding }) {
  return stemOf(name) + (finding && finding.frames > 1 ? `_${String(finding.frame).padStart(4, "0")}` : "");
}

/** One that no other has. @param {string} stem @param {Set<string>} taken */
function freeStem(stem, taken) {
  // Some file systems take names that differ in case, or in how an accent is written, for one.
  const formOf = (/** @type {string} */ name) => name.normalize("NFC").toLowerCase();
  let free = stem;
  for (let i = 2; taken.has(formOf(free)); i++) {
    free = `${stem} (${i})`;
  }
  taken.add(formOf(free));
  return free;
}

/** @param {Blob} blob */
async function bytesOf(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

// The name comes first, so that it is of the same frame: while the content is made another may come.
/** Offers a file to the browser. @param {string} name @param {Blob} blob */
export function offer(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replaceAll("/", "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Fills the article that only a printer shows. @param {HTMLElement} article @param {Entry[]} entries */
export async function report(article, entries) {
  const title = make("h1", text("reportTitle"));
  const made = make("p", text("reportMade", new Date().toLocaleString(language())));
  const sections = [];
  for (const entry of savedOf(entries).filter(isSegmented)) {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(await overlayPng(entry));
    image.alt = entry.name;
    await image.decode();
    const lines = entry.lesions.map(({ component, confidence, scale, axes }, i) => make("li", [
      `${i + 1}: ${areaText(component.area, scale, language())}`,
      `${lengthText(lengthOf(axes.long, scale), scale, language())} x ${lengthText(lengthOf(axes.short, scale), scale, language())}`,
      confidence === null ? "" : `${text("confidence")} ${number(100 * confidence, 0, language())} %`,
    ].filter(Boolean).join(", ")));
    const section = document.createElement("section");
    const list = document.createElement("ul");
    list.append(...lines);
    section.append(make("h2", entry.name), image, list, ...factsOf(entry).map((fact) => make("p", fact)));
    sections.push(section);
  }
  emptyReport(article);
  article.append(title, make("p", text("notice")), made, ...sections);
}

/** @param {HTMLElement} article */
export function emptyReport(article) {
  // The browser keeps an image until its address is revoked.
  article.querySelectorAll("img").forEach(({ src }) => URL.revokeObjectURL(src));
  article.replaceChildren();
}

/** @param {Entry} entry @returns {string[]} */
function factsOf(entry) {
  const finding = /** @type {import("./api.js").Finding} */ (entry.finding);
  const { comparison } = entry;
  return [
    ...(entry.lesions.length === 0 || entry.isOnRequest ? [verdictText(entry)] : []),
    ...(finding.warnings ?? []),
    ...entry.calipers.map((line, i) => `${text("factCaliper", i + 1)}: ${caliperText(entry, line)}`),
    ...(entry.scale === null ? [] : [scaleText(entry)]),
    ...(comparison === null ? [] : [comparisonText(comparison, "comparisonReport")]),
    [
      `${text("weights")} ${finding.weights}`,
      ...(finding.settings ? [finding.settings] : []),
      ...(finding.frames > 1 ? [`${text("factFrame")} ${text("frameOf", finding.frame, finding.frames)}`] : []),
      `${text("factPresence")} ${presenceText(finding)}`,
      `${text("threshold")} ${number((entry.step + 0.5) / 255, 2, language())}`,
      ...(entry.corrected ? [text("factCorrected")] : []),
      ...(entry.reviewed ? [text("reviewed")] : []),
    ].join(", "),
  ];
}
