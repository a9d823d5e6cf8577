"""Measures what --crop-to-region brings: images of a data set on the screen of a device, as DICOM files.

crop-to-region.py make SCREEN.dcm DATA LIST OUTPUT
    puts each image that LIST names (DATA/images/NAME.png) into the tissue region of a real screen, whose texts and scales stay around it,
    and writes OUTPUT/NAME.dcm with the region, and OUTPUT/NAME.truth.png, its mask in the same place. Needs pydicom, NumPy and Pillow.

crop-to-region.py score OUTPUT PREDICTIONS
    prints the mean IoU of images with a lesion, how many of them have no mask at all, and how many healthy images have one.
"""
import pathlib
import sys

import numpy
import pydicom
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


def make(screen, data, names, output):
    source = pydicom.dcmread(screen)
    region = source.SequenceOfUltrasoundRegions[0]
    left, top = region.RegionLocationMinX0, region.RegionLocationMinY0
    width = min(region.RegionLocationMaxX1 + 1, source.Columns) - left
    height = min(region.RegionLocationMaxY1 + 1, source.Rows) - top
    background = source.pixel_array
    background = numpy.repeat(background[..., None], 3, 2) if background.ndim == 2 else background
    output.mkdir(parents=True, exist_ok=True)
    for line in names.read_text().split('\n'):
        name = line.strip()
        if not name:
            continue
        image = Image.open(data / 'images' / f'{name}.png').convert('RGB')
        mask = data / 'masks' / '0' / f'{name}.png'
        mask = Image.open(mask).convert('L') if mask.exists() else Image.new('L', image.size)
        scale = min(width / image.width, height / image.height)
        size = round(image.width * scale), round(image.height * scale)
        x, y = left + (width - size[0]) // 2, top + (height - size[1]) // 2
        pixels = background.copy()
        pixels[top:top + height, left:left + width] = 0
        pixels[y:y + size[1], x:x + size[0]] = numpy.asarray(image.resize(size, Image.BILINEAR))
        truth = numpy.zeros(pixels.shape[:2], numpy.uint8)
        truth[y:y + size[1], x:x + size[0]] = numpy.asarray(mask.resize(size, Image.NEAREST))
        Image.fromarray(truth).save(output / f'{name}.truth.png')

        source.PixelData = pixels.astype(numpy.uint8).tobytes()
        source.SOPInstanceUID = source.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[name])
        source.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        source.SamplesPerPixel, source.PlanarConfiguration, source.PhotometricInterpretation = 3, 0, 'RGB'
        source.BitsAllocated, source.BitsStored, source.HighBit, source.PixelRepresentation = 8, 8, 7, 0
        source['PixelData'].VR = 'OB'
        source.save_as(output / f'{name}.dcm')


def score(output, predictions):
    overlaps, missed, marked, healthy = [], 0, 0, 0
    for path in sorted(output.glob('*.truth.png')):
        truth = numpy.asarray(Image.open(path)) > 127
        mask = numpy.asarray(Image.open(predictions / path.name.replace('.truth.png', '_mask.png'))) > 127
        if truth.any():
            overlaps.append((truth & mask).sum() / (truth | mask).sum())
            missed += not mask.any()
        else:
            healthy += 1
            marked += mask.any()
    print(f'{len(overlaps)} with a lesion: mean IoU {numpy.mean(overlaps):.4f}, {missed} without any mask' if overlaps else 'no lesion')
    print(f'{healthy} healthy: {marked} with a mask')


if __name__ == '__main__':
    arguments = [pathlib.Path(value) for value in sys.argv[2:]]
    make(*arguments) if sys.argv[1] == 'make' else score(*arguments)
