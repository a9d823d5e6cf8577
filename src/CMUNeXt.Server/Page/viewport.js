// @ts-check
// Which part of the image the canvas shows: zoom and offset, in CSS pixels.

export class Viewport {
  constructor() {
    this.zoom = 1;
    this.left = 0;
    this.top = 0;
    /** Whether it shows the whole image, and nobody has moved it since. */
    this.isFitted = true;
  }

  /** Shows the whole image. @param {number} imageWidth @param {number} imageHeight @param {number} width @param {number} height */
  fit(imageWidth, imageHeight, width, height) {
    this.zoom = Math.min(width / imageWidth, height / imageHeight) || 1;
    this.left = (width - imageWidth * this.zoom) / 2;
    this.top = (height - imageHeight * this.zoom) / 2;
    this.isFitted = true;
  }

  /** Zooms about a point that stays where it is. @param {number} factor @param {number} x @param {number} y */
  zoomAt(factor, x, y) {
    const zoom = Math.min(40, Math.max(0.05, this.zoom * factor));
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

  /** From canvas to image coordinates. @param {number} x @param {number} y */
  toImage(x, y) {
    return { x: (x - this.left) / this.zoom, y: (y - this.top) / this.zoom };
  }

  /** From image to canvas coordinates. @param {{ x: number, y: number }} point */
  toCanvas(point) {
    return { x: this.left + point.x * this.zoom, y: this.top + point.y * this.zoom };
  }
}
