// @ts-check
// Which files are images, by what the browser says of them, by their names, and DICOM by its signature.

const ENDINGS = /\.(png|jpe?g|jfif|bmp|dib|tiff?|webp|gif|dcm)$/i;
const MASK = /[_-]mask$/i;

/** @param {File} file @returns {Promise<boolean>} */
export async function isImage(file) {
  return file.type.startsWith("image/") || ENDINGS.test(file.name) || (await file.slice(128, 132).text().catch(() => "")) === "DICM";
}

/** A name without its folder and ending. @param {string} name */
export function bareName(name) {
  return name.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
}

/** The stem of the image that a file is the reference mask of, by its name; null for any other. @param {File} file */
export function maskedStem(file) {
  const stem = bareName(file.name);
  return MASK.test(stem) ? stem.replace(MASK, "") : null;
}
