// @ts-check
// The page's elements by id, and small ones made.

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const find = (id) => /** @type {T} */ (document.getElementById(id));
/** @param {string} id */
export const button = (id) => /** @type {HTMLButtonElement} */ (find(id));
/** @param {string} id */
export const input = (id) => /** @type {HTMLInputElement} */ (find(id));
/** @param {string} id */
export const select = (id) => /** @type {HTMLSelectElement} */ (find(id));

/** @param {string} name @param {string} words */
export function make(name, words) {
  const made = document.createElement(name);
  made.textContent = words;
  return made;
}

/** Tells something in the status line. @param {string} words */
export function say(words) {
  find("status").textContent = words;
}
