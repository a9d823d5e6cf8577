// @ts-check
// The page's elements by id, and small ones made.

import { language } from "./strings.js";

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

/** Puts words into an element. @param {HTMLElement} element @param {string} words @param {string} spoken the words' language */
export function put(element, words, spoken = language()) {
  element.textContent = words;
  element.lang = spoken;
}

/** Tells something in the status line. @param {string} words @param {string} [spoken] the words' language, where it is not the page's */
export function say(words, spoken) {
  put(find("status"), words, spoken);
}
