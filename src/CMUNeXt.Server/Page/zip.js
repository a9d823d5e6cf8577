// @ts-check
// A ZIP file whose entries are stored as they are: PNG and JPEG are compressed already.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) {
    n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  }
  return n;
});

/** What the numbers of the format hold; its larger form needs other headers. */
const MOST_FILES = 0xffff;
const MOST_BYTES = 0xffffffff;

/** @param {{ name: string, content: Uint8Array }[]} files @param {Date} time @returns {Blob} */
export function zip(files, time) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, content } of files) {
    const encodedName = new TextEncoder().encode(name);
    const common = commonHeader(content, encodedName.length, time);
    const local = join([bytes(4, 0x04034b50), common, encodedName]);
    directory.push(join([
      bytes(4, 0x02014b50), bytes(2, 20), common, bytes(2, 0), bytes(2, 0), bytes(2, 0), bytes(4, 0), bytes(4, offset), encodedName,
    ]));
    parts.push(local, content);
    offset += local.length + content.length;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  if (files.length > MOST_FILES || offset + size > MOST_BYTES) {
    throw new RangeError(`${files.length} files of ${offset} bytes are more than a zip holds`);
  }
  const end = join([
    bytes(4, 0x06054b50), bytes(4, 0), bytes(2, files.length), bytes(2, files.length), bytes(4, size), bytes(4, offset), bytes(2, 0),
  ]);
  return new Blob(/** @type {BlobPart[]} */ ([...parts, ...directory, end]), { type: "application/zip" });
}

/** @param {Uint8Array} content @param {number} nameLength @param {Date} time */
function commonHeader(content, nameLength, time) {
  const clock = (time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1);
  const date = ((time.getFullYear() - 1980) << 9) | ((time.getMonth() + 1) << 5) | time.getDate();
  const utf8 = 0x0800;
  return join([
    bytes(2, 20), bytes(2, utf8), bytes(2, 0), bytes(2, clock), bytes(2, date), bytes(4, crc32(content)),
    bytes(4, content.length), bytes(4, content.length), bytes(2, nameLength), bytes(2, 0),
  ]);
}

/** @param {Uint8Array} content */
function crc32(content) {
  let crc = 0xffffffff;
  for (const value of content) {
    crc = TABLE[(crc ^ value) & 255] ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Little endian. @param {number} count @param {number} value */
function bytes(count, value) {
  return Uint8Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255);
}

/** @param {Uint8Array[]} parts */
function join(parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
