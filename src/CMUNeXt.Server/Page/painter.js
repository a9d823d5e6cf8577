// @ts-check
// Draws an entry onto a canvas: image, mask, contours, axes, calipers, what a tool is doing.

import { contours } from "./mask.js";
import { caliperText } from "./telling.js";

/**
 * @typedef {{
 *   opacity: number, contourOnly: boolean, hidden: boolean, brightness: number, contrast: number, invert: boolean, selected: number,
 * }} Display
 * @typedef {import("./measure.js").Point} Point
 * @typedef {{ path?: Point[], line?: import("./measure.js").Line, cursor?: Point, radius?: number }} Preview
 */

const LESION = [255, 150, 40];
const MISSED = [60, 140, 255];
const EXTRA = [255, 60, 60];

/** The mask as a half-transparent image, kept until the mask changes. */
class Layer {
  constructor() {
    this.key = "";
    /** @type {OffscreenCanvas | null} */
    this.image = null;
    /** @type {Path2D | null} */
    this.contour = null;
  }

  /** @param {import("./entry.js").Entry} entry */
  update(entry) {
    const { width, height, mask, reference } = entry;
    const pixels = new ImageData(width, height);
    for (let i = 0; i < mask.length; i++) {
      const color = reference === null || mask[i] === reference[i] ? LESION : mask[i] ? EXTRA : MISSED;
      if (mask[i] || (reference !== null && reference[i])) {
        pixels.data.set([...color, 255], 4 * i);
      }
    }
    this.image = new OffscreenCanvas(width, height);
    /** @type {OffscreenCanvasRenderingContext2D} */ (this.image.getContext("2d")).putImageData(pixels, 0, 0);
    this.contour = pathOf(mask, width, height);
  }
}

// A filter that changes nothing costs a canvas of its own at each drawing.
/** @param {Display} display */
function filterOf({ brightness, contrast, invert }) {
  const isPlain = brightness === 100 && contrast === 100 && !invert;
  return isPlain ? "none" : `${invert ? "invert(1) " : ""}brightness(${brightness}%) contrast(${contrast}%)`;
}

/** @param {Uint8Array} mask @param {number} width @param {number} height */
export function pathOf(mask, width, height) {
  const path = new Path2D();
  for (const corners of contours(mask, width, height)) {
    corners.forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
    path.closePath();
  }
  return path;
}

export class Painter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.layer = new Layer();
  }

  /** Fits the canvas's pixels to its place on the page. */
  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.canvas.clientWidth * ratio);
    this.canvas.height = Math.round(this.canvas.clientHeight * ratio);
  }

  /** Says that an entry's mask or reference has changed. @param {import("./entry.js").Entry} entry */
  refresh(entry) {
    this.layer.update(entry);
  }

  /**
   * @param {import("./entry.js").Entry | null} entry @param {import("./viewport.js").Viewport} view
   * @param {Display} display @param {Preview} preview
   */
  draw(entry, view, display, preview) {
    const { context, canvas } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (entry === null || entry.bitmap === null) {
      return;
    }
    const ratio = canvas.width / canvas.clientWidth;
    context.setTransform(ratio * view.zoom, 0, 0, ratio * view.zoom, ratio * view.left, ratio * view.top);
    context.imageSmoothingEnabled = view.zoom < 3;
    context.filter = filterOf(display);
    context.drawImage(entry.bitmap, 0, 0);
    context.filter = "none";
    if (!display.hidden && this.layer.image !== null && this.layer.contour !== null) {
      if (!display.contourOnly) {
        context.globalAlpha = display.opacity / 100;
        context.imageSmoothingEnabled = false;
        context.drawImage(this.layer.image, 0, 0);
        context.globalAlpha = 1;
      }
      context.lineWidth = 2 / view.zoom;
      context.strokeStyle = `rgb(${LESION})`;
      context.stroke(this.layer.contour);
      this.drawAxes(entry, view, display.selected);
      this.drawNumbers(entry, view);
    }
    this.drawLines(entry, view);
    this.drawPreview(view, preview);
  }

  /** @param {import("./entry.js").Entry} entry @param {import("./viewport.js").Viewport} view @param {number} selected */
  drawAxes(entry, view, selected) {
    const lesion = entry.lesions[selected];
    if (lesion) {
      this.line(lesion.axes.long, view, "#fff");
      this.line(lesion.axes.short, view, "#fff");
    }
  }

  // Each above its lesion, as in the list and in what is saved; below where the screen ends above it.
  /** @param {import("./entry.js").Entry} entry @param {import("./viewport.js").Viewport} view */
  drawNumbers({ lesions }, view) {
    const height = 18 / view.zoom;
    for (const [i, { component: { left, right, top, bottom } }] of lesions.length > 1 ? lesions.entries() : []) {
      const isRoomAbove = view.top + (top - height) * view.zoom >= 0;
      this.label({ x: (left + right + 1) / 2, y: isRoomAbove ? top - height / 3 : bottom + height }, String(i + 1), view, "center");
    }
  }

  /** @param {import("./entry.js").Entry} entry @param {import("./viewport.js").Viewport} view */
  drawLines(entry, view) {
    entry.calipers.forEach((line) => {
      this.line(line, view, "#4fd6ff");
      this.label({ x: line.to.x + 6 / view.zoom, y: line.to.y }, caliperText(entry, line), view, "left");
    });
  }

  /** @param {import("./viewport.js").Viewport} view @param {Preview} preview */
  drawPreview(view, preview) {
    const { context } = this;
    context.lineWidth = 1.5 / view.zoom;
    context.strokeStyle = "#4fd6ff";
    if (preview.path && preview.path.length > 0) {
      context.beginPath();
      preview.path.forEach((p, i) => (i === 0 ? context.moveTo(p.x, p.y) : context.lineTo(p.x, p.y)));
      context.stroke();
    }
    if (preview.line) {
      this.line(preview.line, view, "#4fd6ff");
    }
    if (preview.cursor) {
      const { x, y } = preview.cursor;
      context.beginPath();
      if (preview.radius !== undefined) {
        context.arc(x, y, preview.radius, 0, 2 * Math.PI);
      } else {
        const arm = 8 / view.zoom;
        context.moveTo(x - arm, y);
        context.lineTo(x + arm, y);
        context.moveTo(x, y - arm);
        context.lineTo(x, y + arm);
      }
      context.strokeStyle = "#000";
      context.lineWidth = 3 / view.zoom;
      context.stroke();
      context.strokeStyle = "#fff";
      context.lineWidth = 1 / view.zoom;
      context.stroke();
    }
  }

  /** @param {import("./measure.js").Line} line @param {import("./viewport.js").Viewport} view @param {string} color */
  line({ from, to }, view, color) {
    const { context } = this;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.strokeStyle = "#000";
    context.lineWidth = 3 / view.zoom;
    context.stroke();
    context.strokeStyle = color;
    context.lineWidth = 1.25 / view.zoom;
    context.stroke();
  }

  /** @param {Point} at @param {string} words @param {import("./viewport.js").Viewport} view @param {CanvasTextAlign} align */
  label({ x, y }, words, view, align) {
    const { context } = this;
    context.textAlign = align;
    context.font = `${13 / view.zoom}px system-ui, sans-serif`;
    context.lineWidth = 3 / view.zoom;
    context.strokeStyle = "#000";
    context.fillStyle = "#fff";
    context.strokeText(words, x, y);
    context.fillText(words, x, y);
  }
}
