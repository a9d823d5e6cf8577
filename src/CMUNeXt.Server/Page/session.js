// @ts-check
// The one state of the page: the images that were added, which of them is shown, and how.

import { isKeyWanted, isMissing, languageOf } from "./api.js";
import { find, say, select } from "./elements.js";
import { Entry } from "./entry.js";
import { frameOf, imagesOf, isBeside, isImage, isMask } from "./formats.js";
import { fileSource, nameOf } from "./source.js";
import { onRemembered, recall } from "./storage.js";
import { text } from "./strings.js";
import { sorted } from "./strip.js";
import { Viewport } from "./viewport.js";

const DISPLAY = { opacity: 35, contourOnly: false, hidden: false, brightness: 100, contrast: 100, invert: false, selected: 0 };

export const session = {
  /** @type {Entry[]} */
  entries: [],
  /** @type {Entry | null} */
  current: null,
  view: new Viewport(),
  display: { ...DISPLAY },
  /** Whether a correction is on its way to what the browser keeps. */
  get isKeeping() {
    return keeping > 0;
  },

  /** Whether the browser refused to keep something that was not saved since. */
  get isUnsaved() {
    return this.entries.some(({ all }) => all.some(({ isUnkept }) => isUnkept));
  },

  /** The weights that are chosen; empty until the service has named its own. */
  get weights() {
    return select("weights").value;
  },

  /** The entry that is shown, once it is segmented. */
  get found() {
    return this.current?.finding ? this.current : null;
  },

  /** The entry that is shown, once it is segmented, and decoded. */
  get segmented() {
    return this.current?.bitmap ? this.current : null;
  },

  /** The entries in the order of the strip. */
  get ordered() {
    return sorted(this.entries, select("sort").value);
  },
};

/**
 * segment: the service has segmented an image; missing: it has nothing of the name that was asked for
 * @typedef {"refresh" | "draw" | "show" | "segment" | "missing"} Happening
 */
/** @type {Record<Happening, (() => void)[]>} */
const listeners = { refresh: [], draw: [], show: [], segment: [], missing: [] };
let nextId = 1;
/** How many corrections are on their way. */
let keeping = 0;
let loading = new AbortController();

/** Says what is done when something happens. @param {Happening} event @param {() => void} act */
export function on(event, act) {
  listeners[event].push(act);
}

/** The current entry has changed: everything follows. */
export function refresh() {
  // Undo takes a lesion away, too.
  if (session.segmented) {
    session.display.selected = Math.min(session.display.selected, Math.max(session.segmented.lesions.length - 1, 0));
  }
  listeners.refresh.forEach((act) => act());
  draw();
}

/** Only what is on the canvas has changed. */
export function draw() {
  listeners.draw.forEach((act) => act());
}

/** @param {Entry | null} entry null where there is none any more */
export function show(entry) {
  session.current = entry;
  session.display.selected = 0;
  listeners.show.forEach((act) => act());
  refresh();
  settle();
}

/** How many images stay decoded. */
const MOST_AWAKE = 12;
/** Those that were shown last, or lay beside one, the latest first. @type {Entry[]} */
let latest = [];

// When the strip has drawn an image, and looked at its lesions, it may rest until it is shown or the next.
function settle() {
  const { current, entries, ordered } = session;
  const place = current === null ? -1 : ordered.indexOf(current);
  const near = place < 0 ? [] : [ordered[place], ...ordered.slice(place + 1, place + 2), ...ordered.slice(Math.max(place - 1, 0), place)];
  const there = new Set(entries);
  latest = [...new Set([...near, ...latest, ...entries])].filter((entry) => there.has(entry)).slice(0, MOST_AWAKE);
  latest.forEach((entry) => there.delete(entry));
  there.forEach((entry) => entry.rest());
  near.filter(({ isResting }) => isResting).forEach((entry) => void wake(entry));
}

/** @param {Entry} entry */
async function wake(entry) {
  const problem = await entry.wake().catch((error) => (error instanceof Error ? error : new Error(String(error))));
  if (session.current === entry) {
    if (problem) {
      entry.error = problem;
      say(text("failed", entry.name, problem.message), languageOf(problem));
    }
    listeners.show.forEach((act) => act());
    refresh();
  }
}

/** Shows the next image, or the one before. @param {number} direction */
export function move(direction) {
  const shown = session.ordered;
  const next = session.current === null ? shown[0] : shown[shown.indexOf(session.current) + direction];
  if (next) {
    show(next);
  }
}

/** Takes the shown image out of the session, and shows the next one; asks first where a person's work goes with it. */
export function removeShown() {
  const { current, ordered } = session;
  if (current === null || (current.hasWork && !confirm(text("removeImageAsk", current.name)))) {
    return;
  }
  const place = ordered.indexOf(current);
  session.entries = session.entries.filter((entry) => entry !== current);
  show(ordered[place + 1] ?? ordered[place - 1] ?? null);
  // The button that was pressed is disabled now.
  if (session.current === null) {
    find("choose").focus();
  }
  say(text("removedImage", current.name));
}

/** @param {boolean} isReviewed */
export function review(isReviewed) {
  const entry = session.found;
  if (entry) {
    entry.reviewed = isReviewed;
    void save(entry);
    refresh();
  }
}

export function resetDisplay() {
  Object.assign(session.display, { ...DISPLAY, selected: session.display.selected });
  refresh();
}

/** Keeps the entry's mask in this browser. @param {Entry} entry */
export async function save(entry) {
  const { key, correction } = entry;
  if (key !== null) {
    share(key, correction, entry);
  }
  keeping++;
  try {
    await entry.save();
    entry.isUnkept &&= entry.key !== key;
  } catch {
    if (!session.isUnsaved) {
      say(text("unkept"));
    }
    if (!entry.isUnkept) {
      entry.isUnkept = true;
      refresh();
    }
  } finally {
    keeping--;
  }
}

// The browser keeps one correction of equal images: what is decided of one is decided of all, lest the next that is saved replace it.
/**
 * @param {string} key @param {import("./storage.js").Correction} correction @param {Entry | null} from
 * @returns {boolean} whether there are others
 */
function share(key, correction, from) {
  const equal = session.entries.flatMap(({ all }) => all).filter((entry) => entry !== from && entry.key === key
    && entry.width === correction.width && entry.height === correction.height);
  equal.forEach((entry) => entry.adopt(correction));
  return equal.length > 0;
}

/** Takes over what other tabs remember of the images that are here too. */
export function startSharing() {
  onRemembered(async (key) => {
    const correction = await recall(key).catch(() => undefined);
    if (correction && share(key, correction, null)) {
      refresh();
    }
  });
}

/** Adds image files, and segments them. @param {Iterable<File>} files @param {number} unread how many others cannot be read */
export async function add(files, unread = 0) {
  const all = [...files];
  const kept = await Promise.all(all.map(isImage));
  const images = all.filter((_, i) => kept[i]);
  const lost = unread > 0 ? text("unread", unread) : "";
  if (images.length === 0) {
    say(lost || text("noImages"));
    return;
  }
  const others = images.filter((file) => !isMask(nameOf(file))).map(nameOf);
  const known = session.entries.map((entry) => entry.name);
  const isReference = (/** @type {File} */ file) =>
    isMask(nameOf(file)) && [others, known].some((names) => imagesOf(nameOf(file), names).length > 0);
  const leftOut = images.length < all.length ? text("leftOut", all.length - images.length, all.length) : "";
  const remark = [lost, leftOut].filter(Boolean).join(" ");
  const before = [...session.entries];
  await addSources(images.filter((file) => !isReference(file)).map(fileSource), remark);
  await takeReferences(images.filter(isReference), [session.entries.filter((entry) => !before.includes(entry)), before]);
}

/**
 * Adds images from wherever they are, shows the first of them, and segments them.
 * @param {import("./source.js").Source[]} sources @param {string} remark what is said in the end
 */
export async function addSources(sources, remark = "") {
  const added = sources.map((source) => new Entry(nextId++, source));
  session.entries.push(...added);
  if (added.length > 0) {
    show(added[0]);
  }
  await load(added, remark);
}

/** Segments another frame of a loop, and shows it. @param {Entry} entry @param {number} frame from 1 */
export async function showFrame(entry, frame) {
  entry.frame = frame;
  await load([entry]);
}

// A mask that is named after an image is its reference mask: of one that came with it, else of one that was there.
/** @param {File[]} masks @param {Entry[][]} pools */
async function takeReferences(masks, pools) {
  // Where two are of one image, the one beside it comes last, and stays.
  const names = pools.flat().map((entry) => entry.name);
  const liesBeside = (/** @type {File} */ mask) => names.some((name) => isBeside(nameOf(mask), name));
  const problems = [];
  for (const mask of [...masks.filter((one) => !liesBeside(one)), ...masks.filter(liesBeside)]) {
    const found = pools.map((entries) => imagesOf(nameOf(mask), entries.map((entry) => entry.name)).map((i) => entries[i]));
    for (const entry of found.find((entries) => entries.length > 0) ?? []) {
      const frame = frameOf(nameOf(mask), entry.name);
      const { finding } = entry;
      const isShown = frame === null || (finding !== null && finding.frames > 1 && finding.frame === frame);
      problems.push(isShown ? await entry.compareWith(mask) : text("comparisonFrame", nameOf(mask), frame));
    }
  }
  const problem = problems.find((one) => one !== "");
  if (problem !== undefined) {
    say(problem);
  }
  refresh();
}

/** Segments every image again, by other weights: first the one that is shown. */
export async function loadAgain() {
  loading.abort();
  loading = new AbortController();
  refresh();
  await load(shownFirst(session.entries));
}

/** Segments the images again that could not be segmented. */
export async function tryAgain() {
  const failed = session.entries.filter(({ error }) => error !== null);
  failed.forEach((entry) => {
    entry.frame = entry.failedFrame ?? entry.frame;
    entry.error = null;
  });
  refresh();
  await load(shownFirst(failed));
}

/** @param {Entry[]} entries */
function shownFirst(entries) {
  const { current } = session;
  return [...entries].sort((a, b) => Number(b === current) - Number(a === current));
}

/** @param {Entry[]} added @param {string} remark what is said in the end */
async function load(added, remark = "") {
  const { signal } = loading;
  const { weights } = session;
  const isThere = (/** @type {Entry} */ entry) => session.entries.includes(entry);
  /** @type {Error | null} */
  let refusal = null;
  for (const [done, entry] of added.entries()) {
    if (!isThere(entry)) {
      continue;
    }
    if (refusal !== null) {
      // Whoever gives no key for one image is not asked for each.
      entry.error = refusal;
      refresh();
      continue;
    }
    say(text("waiting", done + 1, added.length));
    try {
      await entry.load(weights, signal);
    } catch {
      return;
    }
    refusal = isKeyWanted(entry.error) ? entry.error : null;
    if (entry.error === null) {
      listeners.segment.forEach((act) => act());
    } else if (isMissing(entry.error)) {
      listeners.missing.forEach((act) => act());
    }
    if (!isThere(entry)) {
      continue;
    }
    remark = (await entry.takeComingReference()) || remark;
    const { current } = session;
    if (current === null || current === entry || (current.finding === null && entry.finding !== null)) {
      show(entry);
    } else {
      refresh();
      settle();
    }
  }
  const failed = added.find((entry) => entry.error !== null && isThere(entry));
  say(failed?.error ? text("failed", failed.name, failed.error.message) : remark, languageOf(failed?.error));
}
