// Writes the masks of segmentation objects as dcmjs reads them, one byte a pixel: segmentation.mjs (FILE MASK)...
import { readFileSync, writeFileSync } from 'node:fs';
import dcmjs from 'dcmjs';

dcmjs.log.setLevel('error');
const { BitArray, DicomMessage, DicomMetaDictionary } = dcmjs.data;
const files = process.argv.slice(2);
for (let i = 0; i < files.length; i += 2) {
  const bytes = readFileSync(files[i]);
  const message = DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const data = DicomMetaDictionary.naturalizeDataset(message.dict);
  const bits = BitArray.unpack([data.PixelData].flat()[0]);
  const mask = new Uint8Array(data.Rows * data.Columns);
  [data.PerFrameFunctionalGroupsSequence].flat().forEach((groups, frame) => {
    const segment = [groups.SegmentIdentificationSequence].flat()[0].ReferencedSegmentNumber;
    for (let pixel = 0; pixel < mask.length; pixel++) {
      if (bits[frame * mask.length + pixel]) {
        mask[pixel] = segment;
      }
    }
  });
  writeFileSync(files[i + 1], mask);
}
