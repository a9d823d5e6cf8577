// @ts-check
// Which files are images, by what the browser says of them, by their names, and DICOM by its signature.

const ENDINGS = /\.(png|jpe?g|jfif|bmp|dib|tiff?|webp|gif|dcm)$/i;
const MASK = /[_-]mask$/i;

/** @param {File} file @returns {Promise<boolean>} */
export async function isImage(file) {
  return file.type.startsWith("image/") || ENDINGS.test(file.name) || (await file.slice(128, 132).text().catch(() => "")) === "DICM";
}

/** A name without its folder. @param {string} name */
function lastOf(name) {
  return name.replace(/^.*\//, "");
}

/** A name without its ending, in its folder. @param {string} name */
function stemOf(name) {
  return name.replace(/\.[^./]*$/, "");
}

/** Whether a file is called as a reference mask is. @param {string} name */
export function isMask(name) {
  return MASK.test(stemOf(name));
}

/** Whether a reference mask lies beside an image, and is called so. @param {string} mask its name @param {string} name the image's */
export function isBeside(mask, name) {
  return stemOf(mask).replace(MASK, "") === stemOf(name);
}

/**
 * Which names of images a reference mask is of: those beside it called so, else the only one called so anywhere.
 * @param {string} mask its name @param {string[]} names @returns {number[]} places in the names
 */
export function imagesOf(mask, names) {
  const stem = stemOf(mask).replace(MASK, "");
  const placesOf = (/** @type {(name: string) => boolean} */ fits) => [...names.keys()].filter((i) => fits(names[i]));
  const beside = placesOf((name) => isBeside(mask, name));
  const alike = placesOf((name) => lastOf(stemOf(name)) === lastOf(stem));
  return beside.length > 0 ? beside : alike.length === 1 ? alike : [];
}
