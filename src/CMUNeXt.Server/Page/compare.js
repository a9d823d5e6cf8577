// @ts-check
// A mask beside a reference mask, by the same definitions as the service's own metrics.

import { isBorder } from "./mask.js";

/** @typedef {{ iou: number, dice: number, hd95: number | null, missed: number, extra: number }} Metrics */

/**
 * @param {Uint8Array} mask @param {Uint8Array} reference @param {number} width @param {number} height
 * @param {import("./measure.js").Scale | null} scale
 * @returns {Metrics}
 */
export function compare(mask, reference, width, height, scale) {
  let both = 0;
  let missed = 0;
  let extra = 0;
  for (let i = 0; i < mask.length; i++) {
    both += mask[i] & reference[i];
    missed += reference[i] & ~mask[i];
    extra += mask[i] & ~reference[i];
  }
  const union = both + missed + extra;
  return {
    iou: union === 0 ? 1 : both / union,
    dice: union === 0 ? 1 : (2 * both) / (2 * both + missed + extra),
    hd95: both + missed === 0 || both + extra === 0 ? null : hd95(mask, reference, width, height, scale),
    missed,
    extra,
  };
}

/**
 * The larger of the two directed 95th percentiles between borders.
 * @param {Uint8Array} a @param {Uint8Array} b @param {number} width @param {number} height
 * @param {import("./measure.js").Scale | null} scale
 */
function hd95(a, b, width, height, scale) {
  return Math.max(percentile(distances(a, b, width, height, scale)), percentile(distances(b, a, width, height, scale)));
}

/**
 * @param {Uint8Array} from @param {Uint8Array} to @param {number} width @param {number} height
 * @param {import("./measure.js").Scale | null} scale
 */
function distances(from, to, width, height, scale) {
  const squared = distanceTransform(to, width, height, scale);
  const all = [];
  for (let i = 0; i < from.length; i++) {
    if (isBorder(from, width, height, i)) {
      all.push(Math.sqrt(squared[i]));
    }
  }
  return all.sort((x, y) => x - y);
}

/** @param {number[]} sorted */
function percentile(sorted) {
  const place = 0.95 * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

// Squared distance of each pixel to the nearest border pixel: exact, columns then rows (Felzenszwalb, Huttenlocher, 2012).
/** @param {Uint8Array} mask @param {number} width @param {number} height @param {import("./measure.js").Scale | null} scale */
function distanceTransform(mask, width, height, scale) {
  const far = 1e20;
  const squared = new Float64Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    squared[i] = isBorder(mask, width, height, i) ? 0 : far;
  }
  for (let x = 0; x < width; x++) {
    lowerEnvelope(squared, x, width, height, scale?.y ?? 1);
  }
  for (let y = 0; y < height; y++) {
    lowerEnvelope(squared, y * width, 1, width, scale?.x ?? 1);
  }
  return squared;
}

/** @param {Float64Array} values @param {number} start @param {number} stride @param {number} count @param {number} spacing */
function lowerEnvelope(values, start, stride, count, spacing) {
  const f = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    f[i] = values[start + i * stride];
  }
  const vertex = new Int32Array(count);
  const from = new Float64Array(count + 1);
  let last = 0;
  from[0] = -Infinity;
  from[1] = Infinity;
  const height = (/** @type {number} */ q) => f[q] + (q * spacing) ** 2;
  for (let q = 1; q < count; q++) {
    let meet;
    for (;;) {
      meet = (height(q) - height(vertex[last])) / (2 * spacing * (q - vertex[last]));
      if (meet > from[last] || last === 0) {
        break;
      }
      last--;
    }
    if (meet <= from[last]) {
      vertex[last] = q;
    } else {
      vertex[++last] = q;
      from[last] = meet;
    }
    from[last + 1] = Infinity;
  }
  for (let q = 0, k = 0; q < count; q++) {
    while (from[k + 1] < q * spacing) {
      k++;
    }
    values[start + q * stride] = ((q - vertex[k]) * spacing) ** 2 + f[vertex[k]];
  }
}
