// @ts-check
// What is done to a mask: one byte a pixel, 0 nothing, 1 lesion, row by row. The same rules as the service's.

/** Pixels above a threshold. `probability` is stored so that `value > threshold` is exact for thresholds of (k + 0.5) / 255.
 * @param {Uint8Array} probability 0 to 255
 * @param {number} step k of the threshold (k + 0.5) / 255
 */
export function above(probability, step) {
  const mask = new Uint8Array(probability.length);
  for (let i = 0; i < mask.length; i++) {
    mask[i] = probability[i] > step ? 1 : 0;
  }
  return mask;
}

/** Eight pixels in a byte. @param {Uint8Array} mask */
export function packed(mask) {
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) {
    bits[i >> 3] |= mask[i] << (i & 7);
  }
  return bits;
}

/** @param {Uint8Array} bits @param {number} length */
export function unpacked(bits, length) {
  const mask = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    mask[i] = (bits[i >> 3] >> (i & 7)) & 1;
  }
  return mask;
}

/** @typedef {{ label: number, area: number, left: number, top: number, right: number, bottom: number, start: number }} Component */

/**
 * Connected components of eight neighbors, the largest first.
 * @param {Uint8Array} mask @param {number} width @param {number} height
 * @returns {{ labels: Int32Array, components: Component[] }}
 */
export function components(mask, width, height) {
  const labels = new Int32Array(mask.length);
  /** @type {Component[]} */
  const found = [];
  const stack = new Int32Array(mask.length);
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || labels[start] !== 0) {
      continue;
    }
    const component = { label: found.length + 1, area: 0, left: width, top: height, right: 0, bottom: 0, start };
    let depth = 0;
    stack[depth++] = start;
    labels[start] = component.label;
    while (depth > 0) {
      const at = stack[--depth];
      const x = at % width;
      const y = (at - x) / width;
      component.area++;
      component.left = Math.min(component.left, x);
      component.right = Math.max(component.right, x);
      component.top = Math.min(component.top, y);
      component.bottom = Math.max(component.bottom, y);
      for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
        for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
          const next = ny * width + nx;
          if (mask[next] !== 0 && labels[next] === 0) {
            labels[next] = component.label;
            stack[depth++] = next;
          }
        }
      }
    }
    found.push(component);
  }
  found.sort((a, b) => b.area - a.area || a.start - b.start);
  return { labels, components: found };
}

/** @param {Uint8Array} mask */
export function area(mask) {
  let sum = 0;
  for (const value of mask) {
    sum += value;
  }
  return sum;
}

/** Fills every hole: background that no path of four neighbors joins to the border.
 * @param {Uint8Array} mask @param {number} width @param {number} height */
export function fillHoles(mask, width, height) {
  const outside = new Uint8Array(mask.length);
  const stack = new Int32Array(mask.length + 2 * (width + height));
  let depth = 0;
  /** @param {number} at */
  const visit = (at) => {
    if (mask[at] === 0 && outside[at] === 0) {
      outside[at] = 1;
      stack[depth++] = at;
    }
  };
  for (let x = 0; x < width; x++) {
    visit(x);
    visit((height - 1) * width + x);
  }
  for (let y = 0; y < height; y++) {
    visit(y * width);
    visit(y * width + width - 1);
  }
  while (depth > 0) {
    const at = stack[--depth];
    const x = at % width;
    if (x > 0) visit(at - 1);
    if (x < width - 1) visit(at + 1);
    if (at >= width) visit(at - width);
    if (at < mask.length - width) visit(at + width);
  }
  return mask.map((value, i) => (value !== 0 || outside[i] === 0 ? 1 : 0));
}

/** @param {Uint8Array} mask @param {number} width @param {number} height */
export function keepLargest(mask, width, height) {
  const { labels, components: all } = components(mask, width, height);
  return all.length === 0 ? mask.slice() : mask.map((_, i) => (labels[i] === all[0].label ? 1 : 0));
}

/** @param {Uint8Array} mask @param {Int32Array} labels @param {number} label */
export function without(mask, labels, label) {
  return mask.map((value, i) => (labels[i] === label ? 0 : value));
}

/** Paints every pixel whose center lies within a radius of the stroke from one point to another.
 * @param {Uint8Array} mask @param {number} width @param {number} height
 * @param {{ x: number, y: number }} from in image coordinates, a pixel's center at .5
 * @param {{ x: number, y: number }} to @param {number} radius @param {number} value */
export function stroke(mask, width, height, from, to, radius, value) {
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - radius));
  const right = Math.min(width - 1, Math.ceil(Math.max(from.x, to.x) + radius));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - radius));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + radius));
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - from.x;
      const py = y + 0.5 - from.y;
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      if (Math.hypot(px - along * dx, py - along * dy) <= Math.max(radius, 0.5)) {
        mask[y * width + x] = value;
      }
    }
  }
}

/** Fills a closed path by the even-odd rule at the pixels' centers.
 * @param {Uint8Array} mask @param {number} width @param {number} height
 * @param {{ x: number, y: number }[]} path @param {number} value */
export function fillPath(mask, width, height, path, value) {
  for (let y = 0; y < height; y++) {
    const crossings = [];
    for (let i = 0; i < path.length; i++) {
      const a = path[i];
      const b = path[(i + 1) % path.length];
      if (a.y <= y + 0.5 !== b.y <= y + 0.5) {
        crossings.push(a.x + ((y + 0.5 - a.y) / (b.y - a.y)) * (b.x - a.x));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      for (let x = Math.max(0, Math.ceil(crossings[i] - 0.5)); x <= Math.min(width - 1, Math.floor(crossings[i + 1] - 0.5)); x++) {
        mask[y * width + x] = value;
      }
    }
  }
}

/** Whether a pixel of the mask has a neighbor of four outside it.
 * @param {Uint8Array} mask @param {number} width @param {number} height @param {number} at */
export function isBorder(mask, width, height, at) {
  const x = at % width;
  return mask[at] !== 0 && (x === 0 || x === width - 1 || at < width || at >= mask.length - width
    || mask[at - 1] === 0 || mask[at + 1] === 0 || mask[at - width] === 0 || mask[at + width] === 0);
}

/** The borders of pixels between mask and background as closed paths along pixel edges.
 * @param {Uint8Array} mask @param {number} width @param {number} height
 * @returns {number[][][]} paths of [x, y] corners */
export function contours(mask, width, height) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] !== 0;
  // Directed edges with the lesion on the right, by their starting corner: bits for right, down, left, up.
  const stride = width + 1;
  const edges = new Uint8Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] === 0) {
        continue;
      }
      if (!at(x, y - 1)) edges[y * stride + x] |= 1;
      if (!at(x + 1, y)) edges[y * stride + x + 1] |= 2;
      if (!at(x, y + 1)) edges[(y + 1) * stride + x + 1] |= 4;
      if (!at(x - 1, y)) edges[(y + 1) * stride + x] |= 8;
    }
  }
  const steps = [[1, 0], [0, 1], [-1, 0], [0, -1]];
  const paths = [];
  for (let start = 0; start < edges.length; start++) {
    while (edges[start] !== 0) {
      const path = [];
      let corner = start;
      let direction = Math.log2(edges[start] & -edges[start]);
      do {
        path.push([corner % stride, Math.floor(corner / stride)]);
        edges[corner] &= ~(1 << direction);
        corner += steps[direction][0] + steps[direction][1] * stride;
        // Left turn first, so that diagonal neighbors belong to one contour, as to one component.
        direction = [3, 0, 1].map((turn) => (direction + turn) % 4).find((next) => edges[corner] & (1 << next)) ?? -1;
      } while (direction >= 0 && corner !== start);
      paths.push(path);
    }
  }
  return paths;
}
