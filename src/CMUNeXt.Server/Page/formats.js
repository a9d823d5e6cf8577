// @ts-check
// Which files are images, by what the browser says of them, by their names, and DICOM by its signature; and what belongs to their names.

const ENDINGS = /\.(png|jpe?g|jfif|bmp|dib|tiff?|webp|gif|dcm)$/i;
const MASK = /[_-]mask$/i;

// As a frame's files are saved.
const FRAME = /_(\d{4,})$/;

// The table of contents of a medium has DICOM's signature too, and is no image.
const CONTENTS = /^dicomdir$/i;

// Not a name that is all ending, not the last number of a UID, and nothing with spaces: the archive's descriptions have dots.
const ENDING = /(?<=[^/])\.(?!\d+$)[^./\s]*$/;

/** @param {File} file @returns {Promise<boolean>} */
export async function isImage(file) {
  return file.type.startsWith("image/") || ENDINGS.test(file.name)
    || (!CONTENTS.test(lastOf(file.name)) && (await file.slice(128, 132).text().catch(() => "")) === "DICM");
}

/** A name without its folder. @param {string} name */
function lastOf(name) {
  return name.replace(/^.*\//, "");
}

/** A name without its ending, in its folder. @param {string} name */
export function stemOf(name) {
  return name.replace(ENDING, "").split("/").filter((part) => part !== "" && part !== "." && part !== "..").join("/") || "image";
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
 * Which names of images a reference mask is of: those beside it called so, else the only one called so anywhere; where there is none,
 * those that are called so but for the number of a frame.
 * @param {string} mask its name @param {string[]} names @returns {number[]} places in the names
 */
export function imagesOf(mask, names) {
  const stem = stemOf(mask).replace(MASK, "");
  const whole = calledAs(stem, names);
  return whole.length > 0 ? whole : calledAs(stem.replace(FRAME, ""), names);
}

/** The frame that a reference mask is of by its name; null where it is called as the image is. @param {string} mask @param {string} name */
export function frameOf(mask, name) {
  const stem = lastOf(stemOf(mask).replace(MASK, ""));
  return stem === lastOf(stemOf(name)) ? null : Number(FRAME.exec(stem)?.[1]);
}

/** @param {string} stem @param {string[]} names */
function calledAs(stem, names) {
  const placesOf = (/** @type {(name: string) => boolean} */ fits) => [...names.keys()].filter((i) => fits(names[i]));
  const beside = placesOf((name) => stemOf(name) === stem);
  const alike = placesOf((name) => lastOf(stemOf(name)) === lastOf(stem));
  return beside.length > 0 ? beside : alike.length === 1 ? alike : [];
}
