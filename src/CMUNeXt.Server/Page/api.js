// @ts-check
// The calls to the service that this page came from.

import { recallWord, rememberWord } from "./storage.js";
import { language, text } from "./strings.js";

/**
 * @typedef {{ area: number, box: number[], contour: number[][], confidence?: number }} Lesion
 * @typedef {{
 *   width: number, height: number, frame: number, frames: number, orientation: number,
 *   weights: string, weights_sha256: string, threshold: number, settings?: string,
 *   area: number, lesions: Lesion[],
 *   presence: number, presence_threshold?: number, warnings?: string[], mm_per_pixel?: [number, number], mm_per_pixel_boxes?: number[][],
 *   probability: string, image?: string, milliseconds: { decode: number, compute: number, encode: number },
 * }} Finding
 * @typedef {{ weights: string, frame: number, withImage: boolean }} SegmentQuery withImage: where the browser does not show the image
 *   itself
 * @typedef {{ name: string }} WeightsEntry
 * @typedef {{ id: string, date: string, patient: string, patient_id: string, description: string }} Study
 * @typedef {{ id: string, series: string, number: number, frames: number }} StudyImage
 */

/** The language of the service's own words. */
export const SERVICE_LANGUAGE = "en";

/** A refusal by the service, in its own words. */
export class ServiceError extends Error {
  /** @param {string} message @param {number} status @param {number} retryAfter seconds */
  constructor(message, status, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Whether the service wants an API key, and was given none. @param {unknown} error */
export function isKeyWanted(error) {
  return error instanceof ServiceError && error.status === 401;
}

/** Whether the service has nothing of the name that was asked for, such as weights. @param {unknown} error */
export function isMissing(error) {
  return error instanceof ServiceError && error.status === 404;
}

/** The language of an error's words. @param {unknown} error */
export function languageOf(error) {
  return error instanceof ServiceError ? SERVICE_LANGUAGE : language();
}

/** @returns {Promise<WeightsEntry[]>} */
export async function listWeights() {
  return (await call("api/v1/weights", {})).weights;
}

/** The address of the archive that the service opens studies of; null where there is none. @returns {Promise<string | null>} */
export async function archiveAddress() {
  return (await call("api/v1/archive", {})).address ?? null;
}

/** @param {string} search a part of a patient's name or identifier @returns {Promise<{ studies: Study[], are_all: boolean }>} */
export function findStudies(search) {
  return call(`api/v1/archive/studies?${new URLSearchParams({ search })}`, {});
}

/** @param {string} study @returns {Promise<StudyImage[]>} */
export async function findImages(study) {
  return (await call(`api/v1/archive/studies/${study}/images`, {})).images;
}

/**
 * Stores a mask in the archive, beside its image.
 * @param {string} image @param {Blob} mask PNG
 * @param {{ weights: string, frame: number, threshold: number, all: boolean, corrected: boolean }} made
 * @returns {Promise<string[]>} the archive's identifiers of what is stored
 */
export async function storeMask(image, mask, { weights, frame, threshold, all, corrected }) {
  const query = new URLSearchParams({
    weights, frame: String(frame), threshold: String(threshold), all: String(all), corrected: String(corrected),
  });
  const request = { method: "POST", body: mask, headers: { "Content-Type": "image/png" } };
  return (await patiently(`api/v1/archive/images/${image}/mask?${query}`, request)).stored;
}

/**
 * Segments an image.
 * @param {string} path @param {Blob | null} image @param {SegmentQuery} query @param {AbortSignal} signal
 * @returns {Promise<Finding>}
 */
export function segment(path, image, { weights, frame, withImage }, signal) {
  const query = new URLSearchParams({
    include: withImage ? "probability,image" : "probability", frame: String(frame), ...(weights && { weights }),
  });
  return patiently(`${path}?${query}`, { method: "POST", body: image, headers: { "Content-Type": "application/octet-stream" }, signal });
}

/** Asks again while the service is busy. @param {string} path @param {RequestInit} request @returns {Promise<any>} */
async function patiently(path, request) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(path, request);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status !== 429 || attempt === 20) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000 * error.retryAfter));
    }
  }
}

// What a header can carry.
const KEY = /^[\x20-\x7e]+$/;

/** Asks the service; for the API key too, where it wants one. @param {string} path @param {RequestInit} request @returns {Promise<any>} */
async function call(path, request) {
  const key = KEY.exec(recallWord("sessionStorage", "key") ?? "")?.[0];
  const headers = { ...request.headers, ...(key && { Authorization: `Bearer ${key}` }) };
  const response = await fetch(path, { ...request, headers }).catch((error) => {
    throw request.signal?.aborted ? error : new Error(text("unreachable"));
  });
  if (response.status === 401) {
    const given = prompt(text("askKey"));
    if (given) {
      rememberWord("sessionStorage", "key", given.trim());
      return call(path, request);
    }
  }
  // A refusal is one without its words too; an answer that breaks off is none.
  const body = await response.json().catch((error) => {
    if (response.ok) {
      throw request.signal?.aborted ? error : new Error(text("unreachable"));
    }
    return {};
  });
  if (!response.ok) {
    const message = body.detail ?? body.title ?? `${response.status} ${response.statusText}`;
    throw new ServiceError(message, response.status, Math.max(body.retry_after_seconds ?? 1, 0.1));
  }
  return body;
}
