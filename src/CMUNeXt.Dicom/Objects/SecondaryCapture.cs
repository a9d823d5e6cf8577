using System.Globalization;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Dicom.Objects;

/// <summary>
/// Secondary captures (PS3.3, A.8): overlays that every viewer shows, as an image (A.8.1), or as the frames of a loop (A.8.5).
/// </summary>
public static class SecondaryCapture
{
    private const string SingleFrameClass = "1.2.840.10008.5.1.4.1.1.7";
    private const string MultiFrameClass = "1.2.840.10008.5.1.4.1.1.7.4";
    private const int SeriesNumber = 9002;

    /// <summary>
    /// Writes overlays as a DICOM file: one for each frame of the source. The same source and algorithm make the same bytes.
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="source">The image or loop; patient, study and the time between frames are copied.</param>
    /// <param name="overlays">The overlays in order, RGB, of the image's size; each is asked for when the one before is written.</param>
    /// <param name="by">What made them.</param>
    /// <exception cref="BadFileException">The source does not identify itself, or its overlays are more than a file can hold.</exception>
    /// <exception cref="ArgumentException">
    /// An overlay has another size than the image or is grey, or there is not one for each frame.
    /// </exception>
    public static void Write(Stream stream, DicomFile source, IEnumerable<Image> overlays, ResultAlgorithm by)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(overlays);
        ArgumentNullException.ThrowIfNull(by);
        DicomImage image = source.OpenImage();
        long length = 3L * image.Width * image.Height * image.FrameCount;
        if (length > DataSetWriter.MostPixelBytes)
        {
            throw new BadFileException(source.Name, $"its overlays have {length} bytes, more than a DICOM file can hold uncompressed");
        }

        DataSet data = source.Checked(() => Describe(source, image, by));
        DataSetWriter.Write(stream, data, length, overlays.Select(overlay => PixelsOf(overlay, image)));
    }

    private static ReadOnlyMemory<byte> PixelsOf(Image overlay, DicomImage image) =>
        (overlay.Width, overlay.Height, overlay.Channels) == (image.Width, image.Height, 3)
            ? overlay.Pixels
            : throw new ArgumentException(
                $"The overlay is {overlay.Width} x {overlay.Height} x {overlay.Channels}, not {image.Width} x {image.Height} x 3.",
                nameof(overlay));

    private static DataSet Describe(DicomFile file, DicomImage image, ResultAlgorithm by)
    {
        SourceImage source = new(file);
        bool isLoop = image.FrameCount > 1;
        DataSet data = source.CreateResult(
            "SC", isLoop ? MultiFrameClass : SingleFrameClass, 0, SeriesNumber, "Lesion outlines, not for diagnosis", by);
        data.Add(DicomAttribute.Laterality, "");
        data.Copy(source.Data, DicomAttribute.Laterality);
        data.Add(DicomAttribute.Modality, "OT");
        data.Add(DicomAttribute.ConversionType, "WSD");
        data.Add(DicomAttribute.ImageType, "DERIVED\\SECONDARY");
        data.Add(DicomAttribute.DerivationDescription, "Outlines of lesions found by a neural network, not for diagnosis");
        data.Add(DicomAttribute.SourceImageSequence, [source.SourceReference(0)]);
        data.Add(DicomAttribute.PatientOrientation, "");
        data.Add(DicomAttribute.SamplesPerPixel, 3);
        data.Add(DicomAttribute.PhotometricInterpretation, "RGB");
        data.Add(DicomAttribute.PlanarConfiguration, 0);
        data.Add(DicomAttribute.Rows, image.Height);
        data.Add(DicomAttribute.Columns, image.Width);
        data.Add(DicomAttribute.BitsAllocated, 8);
        data.Add(DicomAttribute.BitsStored, 8);
        data.Add(DicomAttribute.HighBit, 7);
        data.Add(DicomAttribute.PixelRepresentation, 0);

        // What the device has written into the image is in the overlay too.
        data.Add(DicomAttribute.BurnedInAnnotation, source.Data.FirstText(DicomAttribute.BurnedInAnnotation) == "NO" ? "NO" : "YES");
        data.Copy(
            source.Data, DicomAttribute.LossyImageCompression, DicomAttribute.LossyImageCompressionRatio,
            DicomAttribute.LossyImageCompressionMethod);
        if (image.PixelSizeOf(new BoundingBox(0, 0, image.Width, image.Height)) is { } size)
        {
            data.Add(DicomAttribute.PixelSpacing, string.Create(CultureInfo.InvariantCulture, $"{size.Height:G8}\\{size.Width:G8}"));
        }

        if (isLoop)
        {
            data.Add(DicomAttribute.NumberOfFrames, image.FrameCount);
            data.Add(DicomAttribute.FrameIncrementPointer, DicomAttribute.FrameTime);
            data.Add(DicomAttribute.FrameTime, image.FrameTime.ToString("G8", CultureInfo.InvariantCulture));
        }

        return data;
    }
}
