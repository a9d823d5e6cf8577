"""Writes the masks of segmentation objects as pydicom reads them, one byte a pixel: segmentation.py (FILE MASK)...

Prints the labels of each object's segments.
"""
import sys

import numpy
import pydicom

arguments = sys.argv[1:]
for path, mask in zip(arguments[0::2], arguments[1::2]):
    data = pydicom.dcmread(path)
    frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    classes = numpy.zeros(frames.shape[1:], numpy.uint8)
    for frame, groups in zip(frames, data.PerFrameFunctionalGroupsSequence):
        classes[frame == 1] = groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
    classes.tofile(mask)
    print(*(segment.SegmentLabel for segment in data.SegmentSequence), sep='|')
