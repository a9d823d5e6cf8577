"""Prints the measurements of structured reports as pydicom reads them: report.py FILE...

A line for each lesion: the template of its group, its tracking identifier, concept=value unit, and the contour's points; then the
instance and the frame that it was selected from.
"""
import sys

import pydicom


def meaning(item):
    return item.ConceptNameCodeSequence[0].CodeMeaning


for path in sys.argv[1:]:
    data = pydicom.dcmread(path)
    for container in data.ContentSequence:
        if container.ValueType != 'CONTAINER':
            continue
        for group in container.ContentSequence:
            if group.ValueType == 'TEXT':
                print(meaning(group), group.TextValue, sep='=')
                continue
            values = [f'Template={group.ContentTemplateSequence[0].TemplateIdentifier}']
            for item in group.ContentSequence:
                if meaning(item) == 'Tracking Identifier':
                    values.append(f'{meaning(item)}={item.TextValue}')
                elif item.ValueType == 'NUM':
                    measured = item.MeasuredValueSequence[0]
                    values.append(f'{meaning(item)}={measured.NumericValue} {measured.MeasurementUnitsCodeSequence[0].CodeValue}')
                elif item.ValueType == 'SCOORD':
                    image = item.ContentSequence[0].ReferencedSOPSequence[0]
                    values.append('Points=' + ' '.join(f'{value:g}' for value in item.GraphicData))
                    values.append(f'Image={image.ReferencedSOPInstanceUID}')
                    values.append(f"Frame={image.get('ReferencedFrameNumber', '')}")
            print('|'.join(values))
