// @ts-check
// Corrected masks survive a reload: in this browser alone, by the SHA-256 of the image's file, never the image itself.

const NAME = "cmunext";
const STORE = "corrections";

/** @typedef {{ mask: Uint8Array, width: number, height: number, reviewed: boolean, scale: import("./measure.js").Scale | null }} Correction */

/** @param {Blob} file @returns {Promise<string>} */
export async function sha256(file) {
  const content = await file.arrayBuffer();
  if (!crypto.subtle) {
    // Without a secure origin the browser hashes nothing; name and length then stand for the content.
    return `${file instanceof File ? file.name : ""}-${content.byteLength}`;
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (value) => value.toString(16).padStart(2, "0")).join("");
}

/** @param {string} key @returns {Promise<Correction | undefined>} */
export function recall(key) {
  return run("readonly", (store) => store.get(key));
}

/** @param {string} key @param {Correction} correction */
export function remember(key, correction) {
  return run("readwrite", (store) => store.put(correction, key));
}

/** @param {string} key */
export function forget(key) {
  return run("readwrite", (store) => store.delete(key));
}

export function forgetAll() {
  return run("readwrite", (store) => store.clear());
}

/** @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest} work @returns {Promise<any>} */
async function run(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const request = work(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
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
