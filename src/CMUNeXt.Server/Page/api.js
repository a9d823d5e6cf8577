// @ts-check
// The calls to the service that this page came from.

import { text } from "./strings.js";

/**
 * @typedef {{ area: number, box: number[], contour: number[][], confidence?: number }} Lesion
 * @typedef {{
 *   width: number, height: number, frames: number, weights: string, weights_sha256: string, threshold: number, area: number, lesions: Lesion[],
 *   presence: number, presence_threshold?: number, warnings?: string[], mm_per_pixel?: [number, number],
 *   probability: string, image?: string, milliseconds: { decode: number, compute: number, encode: number },
 * }} Finding
 * @typedef {{ name: string }} WeightsEntry
 */

/** A refusal by the service, in its own words. */
export class ServiceError extends Error {
  /** @param {string} message @param {number} status @param {number} retryAfter seconds, 0 where it says nothing */
  constructor(message, status, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** @returns {Promise<WeightsEntry[]>} */
export async function listWeights() {
  return (await call("api/v1/weights", {})).weights;
}

/**
 * Segments an encoded image; waits and asks again while the service is busy.
 * @param {Blob} image
 * @param {string} weights
 * @param {boolean} withImage whether the image comes back as PNG, being in a format that the browser does not show
 * @param {AbortSignal} signal
 * @returns {Promise<Finding>}
 */
export async function segment(image, weights, withImage, signal) {
  const query = new URLSearchParams({ include: withImage ? "probability,image" : "probability", ...(weights && { weights }) });
  for (let attempt = 0; ; attempt++) {
    try {
      const headers = { "Content-Type": "application/octet-stream" };
      return await call(`api/v1/segment?${query}`, { method: "POST", body: image, headers, signal });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status !== 429 || attempt === 20) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(error.retryAfter, 1)));
    }
  }
}

/** Asks the service; for the API key too, where it wants one. @param {string} path @param {RequestInit} request @returns {Promise<any>} */
async function call(path, request) {
  const key = sessionStorage.getItem("key");
  const response = await fetch(path, { ...request, headers: { ...request.headers, ...(key && { Authorization: `Bearer ${key}` }) } }).catch((error) => {
    throw request.signal?.aborted ? error : new Error(text("unreachable"));
  });
  if (response.status === 401) {
    const given = prompt(text("askKey"));
    if (given) {
      sessionStorage.setItem("key", given);
      return call(path, request);
    }
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const message = body.detail ?? body.title ?? `${response.status} ${response.statusText}`;
    throw new ServiceError(message, response.status, Number(response.headers.get("Retry-After") ?? 0));
  }
  return body;
}
