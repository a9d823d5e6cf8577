// @ts-check
// Corrected masks survive a reload: in this browser alone, by the SHA-256 of the image's file (of an image of the archive by its identifier
// there) and of the weights, never the image itself. So do words: the language, and the API key for as long as the tab is open.

const NAME = "cmunext";
const STORE = "corrections";

/**
 * @typedef {import("./history.js").State & {
 *   width: number, height: number, reviewed: boolean, scale: import("./measure.js").Scale | null,
 *   calipers?: import("./measure.js").Line[],
 * }} Correction calipers: a correction of an earlier page has none
 */

/**
 * What names a file's content; null without a secure origin, where the browser hashes nothing.
 * @param {Blob} file @returns {Promise<string | null>}
 */
export async function sha256(file) {
  if (!crypto.subtle) {
    return null;
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (value) => value.toString(16).padStart(2, "0")).join("");
}

/** @param {string} key @returns {Promise<Correction | undefined>} */
export function recall(key) {
  return run("readonly", (store) => store.get(key));
}

/** The tabs of this page, which tell each other what they remember; null where the browser lets the site store nothing. */
const tabs = openTabs();

function openTabs() {
  try {
    return new BroadcastChannel(NAME);
  } catch {
    return null;
  }
}

let isAsked = false;

/** @param {string | null} key @param {Correction} correction */
export async function remember(key, correction) {
  if (key === null) {
    throw new Error("nothing says what image it is");
  }
  await run("readwrite", (store) => store.put(correction, key));
  tabs?.postMessage(key);
  if (!isAsked) {
    isAsked = true;
    // Else a browser may delete it where room is scarce, or after a week without a visit.
    void navigator.storage?.persist?.().catch(() => {});
  }
}

/**
 * Changes what is remembered under every key that begins alike.
 * @param {string} start @param {(correction: Correction) => Correction | null} change null where it stays
 */
export async function amend(start, change) {
  /** @type {string[]} */
  const changed = [];
  await run("readwrite", (store) => {
    const request = store.openCursor(IDBKeyRange.bound(start, `${start}\uffff`));
    request.addEventListener("success", () => {
      const cursor = request.result;
      if (cursor !== null) {
        const correction = change(cursor.value);
        if (correction !== null) {
          cursor.update(correction);
          changed.push(String(cursor.key));
        }
        cursor.continue();
      }
    });
    return request;
  });
  changed.forEach((key) => tabs?.postMessage(key));
}

/** Says what is done when another tab remembers something. @param {(key: string) => void} act */
export function onRemembered(act) {
  tabs?.addEventListener("message", ({ data }) => act(data));
}

export function forgetAll() {
  return run("readwrite", (store) => store.clear());
}

/** @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest} work @returns {Promise<any>} */
async function run(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      // A request that succeeds is undone where the browser has no room when it commits.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @typedef {"localStorage" | "sessionStorage"} Place */

/** The words since the page was opened: all there are where the browser lets the site store nothing. @type {Map<string, string>} */
const words = new Map();

/** @param {Place} place @param {string} name @returns {string | null} */
export function recallWord(place, name) {
  try {
    return words.get(name) ?? window[place].getItem(name);
  } catch {
    return null;
  }
}

/** @param {Place} place @param {string} name @param {string} word */
export function rememberWord(place, name, word) {
  words.set(name, word);
  try {
    window[place].setItem(name, word);
  } catch {
    // It is remembered until the page is closed.
  }
}
