// @ts-check
// Which part of the image the canvas shows: zoom and offset, in CSS pixels.

/** How near to the edge a point that is followed comes, in CSS pixels. */
const MARGIN = 20;

export class Viewport {
  constructor() {
    this.zoom = 1;
    /** The zoom that shows the whole image. */
    this.fitted = 1;
    this.left = 0;
    this.top = 0;
    /** Whether it shows the whole image, and nobody has moved it since. */
    this.isFitted = true;
  }

  /** Shows the whole image. @param {number} imageWidth @param {number} imageHeight @param {number} width @param {number} height */
  fit(imageWidth, imageHeight, width, height) {
    this.zoom = Math.min(width / imageWidth, height / imageHeight) || 1;
    this.fitted = this.zoom;
    this.left = (width - imageWidth * this.zoom) / 2;
    this.top = (height - imageHeight * this.zoom) / 2;
    this.isFitted = true;
  }

  /** Zooms about a point that stays where it is. @param {number} factor @param {number} x @param {number} y */
  zoomAt(factor, x, y) {
    const zoom = Math.min(Math.max(40, this.fitted), Math.max(Math.min(0.05, this.fitted), this.zoom * factor));
    this.left = x - ((x - this.left) * zoom) / this.zoom;
    this.top = y - ((y - this.top) * zoom) / this.zoom;
    this.zoom = zoom;
    this.isFitted = false;
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.left += dx;
    this.top += dy;
    this.isFitted = false;
  }

  /**
   * Moves on to a point of the image that lies outside.
   * @param {{ x: number, y: number }} point @param {number} width @param {number} height
   */
  follow(point, width, height) {
    if (!this.isFitted) {
      const { x, y } = this.toCanvas(point);
      const within = (/** @type {number} */ at, /** @type {number} */ size) => Math.min(size - MARGIN, Math.max(MARGIN, at));
      this.pan(within(x, width) - x, within(y, height) - y);
    }
  }

  /** From canvas to image coordinates. @param {number} x @param {number} y */
  toImage(x, y) {
    return { x: (x - this.left) / this.zoom, y: (y - this.top) / this.zoom };
  }

  /** From image to canvas coordinates. @param {{ x: number, y: number }} point */
  toCanvas(point) {
    return { x: this.left + point.x * this.zoom, y: this.top + point.y * this.zoom };
  }
}
