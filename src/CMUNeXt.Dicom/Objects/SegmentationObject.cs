using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Masks;

namespace CMUNeXt.Dicom.Objects;

/// <summary>
/// Segmentation objects (PS3.3, A.51): the mask of one frame, one bit a pixel, one segment for each class. An ultrasound image has no frame
/// of reference, so positions are those of its pixels, and every loop's frame has an object of its own.
/// </summary>
public static class SegmentationObject
{
    private const string SopClass = "1.2.840.10008.5.1.4.1.1.66.4";
    private const int SeriesNumber = 9001;

    // The most characters of a long string (PS3.5, 6.2).
    private const int LongestLabel = 64;

    /// <summary>
    /// Writes the mask of an image, or of a frame of a loop, as a DICOM file. The same source, algorithm and mask make the same bytes;
    /// another mask makes an object with another identifier.
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="source">The image; patient and study are copied.</param>
    /// <param name="frame">The frame, from 0; of an image with one frame 0.</param>
    /// <param name="mask">The mask, of the image's size.</param>
    /// <param name="classes">The number of classes that are not background, at least 1; the mask has none above it.</param>
    /// <param name="by">What made it.</param>
    /// <exception cref="BadFileException">The source does not identify itself, so that nothing can refer to it.</exception>
    /// <exception cref="ArgumentException">
    /// The mask has another size than the image, or a class above the number; or the SHA-256 of the weights is none, or that of a corrected
    /// mask is missing.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame, or the number of classes is below 1.</exception>
    public static void Write(Stream stream, DicomFile source, int frame, Mask mask, int classes, ResultAlgorithm by)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(by);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        (DataSet data, byte[] pixels) = source.Checked(() => (Describe(source, frame, mask, classes, by), Pack(mask, classes)));
        DataSetWriter.Write(stream, data, pixels);
    }

    private static DataSet Describe(DicomFile file, int frame, Mask mask, int classes, ResultAlgorithm by)
    {
        DicomImage image = file.OpenImage();
        if (mask.Width != image.Width || mask.Height != image.Height)
        {
            throw new ArgumentException(
                $"The mask is {mask.Width} x {mask.Height}, the image {image.Width} x {image.Height}.", nameof(mask));
        }

        // A class that has no segment would be lost without a word.
        if (mask.Pixels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)Math.Min(classes, byte.MaxValue)) is var place and >= 0)
        {
            throw new ArgumentException(
                $"The mask has the class {mask.Pixels[place]}, and the object none above {classes}.", nameof(mask));
        }

        SourceImage source = new(file);
        int number = SourceImage.NumberOf(image, frame);
        string found = $"{classes} {Sha256.Of(mask.Pixels)}";
        DataSet data = source.CreateResult("SEG", SopClass, number, SeriesNumber, "Lesion masks", by, found);
        AddImage(data, image, classes, by);
        data.Copy(source.Data, DicomAttribute.PixelAspectRatio);
        source.AddCompression(data);
        AddReferences(data, source, number);
        AddFrames(data, source, number, classes);
        data.Add(DicomAttribute.SegmentSequence, [.. Enumerable.Range(1, classes).Select(label => Segment(label, classes, by))]);
        return data;
    }

    private static void AddImage(DataSet data, DicomImage image, int classes, ResultAlgorithm by)
    {
        data.Add(DicomAttribute.Modality, "SEG");
        data.Add(DicomAttribute.ImageType, "DERIVED\\PRIMARY");
        data.Add(DicomAttribute.PatientOrientation, "");
        data.Add(DicomAttribute.SamplesPerPixel, 1);
        data.Add(DicomAttribute.PhotometricInterpretation, "MONOCHROME2");
        data.Add(DicomAttribute.NumberOfFrames, classes);
        data.Add(DicomAttribute.Rows, image.Height);
        data.Add(DicomAttribute.Columns, image.Width);
        data.Add(DicomAttribute.BitsAllocated, 1);
        data.Add(DicomAttribute.BitsStored, 1);
        data.Add(DicomAttribute.HighBit, 0);
        data.Add(DicomAttribute.PixelRepresentation, 0);
        data.Add(DicomAttribute.LossyImageCompression, "00");
        data.Add(DicomAttribute.SegmentationType, "BINARY");
        data.Add(DicomAttribute.ContentLabel, "LESIONS");
        data.Add(DicomAttribute.ContentDescription, $"Lesions {by.Origin}, not for diagnosis");
        data.Add(DicomAttribute.ContentCreatorName, ResultAlgorithm.Manufacturer);
    }

    private static void AddReferences(DataSet data, SourceImage source, int frame)
    {
        data.Add(DicomAttribute.SourceImageSequence, [source.SourceReference(frame)]);
        data.Add(DicomAttribute.ReferencedSeriesSequence,
        [
            new DataSet
            {
                { DicomAttribute.SeriesInstanceUID, source.SeriesUid },
                { DicomAttribute.ReferencedInstanceSequence, [source.Reference(0)] },
            },
        ]);
    }

    // Frames of a segmentation are told apart by their segment alone.
    private static void AddFrames(DataSet data, SourceImage source, int frame, int classes)
    {
        string dimensions = DerivedUid.Of(data.Text(DicomAttribute.SOPInstanceUID)!, "dimensions");
        data.Add(DicomAttribute.DimensionOrganizationSequence, [new DataSet { { DicomAttribute.DimensionOrganizationUID, dimensions } }]);
        data.Add(DicomAttribute.DimensionIndexSequence,
        [
            new DataSet
            {
                { DicomAttribute.DimensionOrganizationUID, dimensions },
                { DicomAttribute.DimensionIndexPointer, DicomAttribute.ReferencedSegmentNumber },
                { DicomAttribute.FunctionalGroupPointer, DicomAttribute.SegmentIdentificationSequence },
            },
        ]);
        data.Add(DicomAttribute.SharedFunctionalGroupsSequence, [[]]);
        data.Add(DicomAttribute.PerFrameFunctionalGroupsSequence, [.. Enumerable.Range(1, classes).Select(label =>
            Frame(source, frame, label))]);
    }

    private static DataSet Frame(SourceImage source, int frame, int label) => new()
    {
        { DicomAttribute.FrameContentSequence, [new DataSet { { DicomAttribute.DimensionIndexValues, label } }] },
        {
            DicomAttribute.DerivationImageSequence,
            [
                new DataSet
                {
                    { DicomAttribute.DerivationCodeSequence, Code.Segmentation.ToSequence() },
                    { DicomAttribute.SourceImageSequence, [source.SourceReference(frame)] },
                },
            ]
        },
        { DicomAttribute.SegmentIdentificationSequence, [new DataSet { { DicomAttribute.ReferencedSegmentNumber, label } }] },
    };

    private static DataSet Segment(int label, int classes, ResultAlgorithm by) => new()
    {
        { DicomAttribute.SegmentNumber, label },
        { DicomAttribute.SegmentLabel, LabelOf(by.NameOf(label) ?? (classes == 1 ? "Lesion" : $"Class {label}")) },
        { DicomAttribute.SegmentAlgorithmType, by.IsCorrected ? "SEMIAUTOMATIC" : "AUTOMATIC" },
        { DicomAttribute.SegmentAlgorithmName, by.Network },
        { DicomAttribute.SegmentedPropertyCategoryCodeSequence, Code.AbnormalStructure.ToSequence() },
        { DicomAttribute.SegmentedPropertyTypeCodeSequence, Code.Lesion.ToSequence() },
        {
            DicomAttribute.SegmentationAlgorithmIdentificationSequence,
            [
                new DataSet
                {
                    { DicomAttribute.AlgorithmFamilyCodeSequence, Code.ArtificialIntelligence.ToSequence() },
                    { DicomAttribute.AlgorithmName, by.Network },
                    { DicomAttribute.AlgorithmVersion, ResultAlgorithm.Version },
                    { DicomAttribute.AlgorithmParameters, by.Parameters },
                    { DicomAttribute.AlgorithmSource, ResultAlgorithm.Manufacturer },
                },
            ]
        },
    };

    // A backslash would make two values of it.
    private static string LabelOf(string name) => name[..Math.Min(name.Length, LongestLabel)].Replace('\\', '/');

    // Eight pixels a byte, the first in its lowest bit, and no gap between the frames (PS3.5, 8.1.1).
    private static byte[] Pack(Mask mask, int classes)
    {
        byte[] packed = new byte[(((long)mask.Pixels.Length * classes) + 7) / 8];
        long bit = 0;
        for (int label = 1; label <= classes; label++)
        {
            foreach (byte pixel in mask.Pixels)
            {
                if (pixel == label)
                {
                    packed[bit >> 3] |= (byte)(1 << (int)(bit & 7));
                }

                bit++;
            }
        }

        return packed;
    }
}
