"""Writes the pixels of DICOM files as pydicom reads them: pixels.py (FILE STORED RENDERED)...

STORED gets the stored values, a pixel's samples side by side, 16 bits with the low byte first; RENDERED gets the colors that they stand
for, red, green and blue with 8 bits each, and is left out where there is only gray.
"""
import sys

import numpy
import pydicom
from pydicom.pixel_data_handlers.util import apply_color_lut, convert_color_space

arguments = sys.argv[1:]
for path, stored, rendered in zip(arguments[0::3], arguments[1::3], arguments[2::3]):
    data = pydicom.dcmread(path)
    pixels = data.pixel_array
    photometric = data.PhotometricInterpretation
    pixels.astype(pixels.dtype.newbyteorder('<')).tofile(stored)
    if photometric == 'RGB':
        (pixels >> 8 if data.BitsStored == 16 else pixels).astype(numpy.uint8).tofile(rendered)
    elif photometric == 'PALETTE COLOR':
        colors = apply_color_lut(pixels, data)
        bits = data.RedPaletteColorLookupTableDescriptor[2]
        (colors >> 8 if bits == 16 else colors).astype(numpy.uint8).tofile(rendered)
    elif photometric.startswith('YBR_FULL'):
        convert_color_space(pixels, 'YBR_FULL', 'RGB').astype(numpy.uint8).tofile(rendered)
