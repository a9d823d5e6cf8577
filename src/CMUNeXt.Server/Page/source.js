// @ts-check
// Where an image comes from: a file of this person's, or the archive that the service names.

import { segment } from "./api.js";
import { sha256 } from "./storage.js";

/**
 * @typedef {{
 *   name: string, file: File | null, image: string | null,
 *   key: () => Promise<string | null>,
 *   segment: (query: import("./api.js").SegmentQuery, signal: AbortSignal) => Promise<import("./api.js").Finding>,
 * }} Source
 */

/** What a file is called: with the folders below the one that was chosen. @param {File} file */
export function nameOf(file) {
  return file.webkitRelativePath || file.name;
}

/** A file that was dropped, pasted or chosen. @param {File} file @returns {Source} */
export function fileSource(file) {
  return {
    name: nameOf(file),
    file,
    image: null,
    key: () => sha256(file),
    segment: (query, signal) => segment("api/v1/segment", file, query, signal),
  };
}

/** An image of the archive. @param {string} image the archive's identifier @param {string} name @returns {Source} */
export function archiveSource(image, name) {
  return {
    name,
    file: null,
    image,
    key: async () => image,
    segment: (query, signal) => segment(`api/v1/archive/images/${image}/segment`, null, query, signal),
  };
}
