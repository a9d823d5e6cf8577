using System.Globalization;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Dicom.Objects;

/// <summary>
/// A secondary capture (PS3.3, A.8) that is being written: overlays that every viewer shows, as an image (A.8.1), or as the frames of a
/// loop (A.8.5). The same source, algorithm and overlays make the same bytes. Its identifier follows from source and algorithm alone, since
/// it stands before the overlays: what changes them is stated there, as <see cref="ResultAlgorithm.Settings"/> or as
/// <see cref="ResultAlgorithm.MaskSha256"/>.
/// </summary>
public sealed class SecondaryCapture : IDisposable
{
    private const string SingleFrameClass = "1.2.840.10008.5.1.4.1.1.7";
    private const string MultiFrameClass = "1.2.840.10008.5.1.4.1.1.7.4";
    private const int SeriesNumber = 9002;

    // The pace of overlays of a loop that states none, in milliseconds from one frame to the next.
    private const double UnknownFrameTime = 100;

    private readonly PendingFile file;
    private readonly DicomImage image;
    private readonly long firstFrame;
    private readonly bool[] isWritten;

    private SecondaryCapture(PendingFile file, DicomImage image, DataSet data, long length)
    {
        this.file = file;
        this.image = image;
        isWritten = new bool[image.FrameCount];
        DataSetWriter.WriteHead(file.Content, data, length);
        firstFrame = file.Content.Position;
        file.Content.SetLength(firstFrame + length + (length & 1));
        file.Content.Flush();
    }

    /// <summary>The most bytes of overlays that a file can hold: they are not compressed.</summary>
    public static long MostBytes => DataSetWriter.MostPixelBytes;

    /// <summary>The bytes of the overlays of an image or loop.</summary>
    /// <param name="image">The image or loop.</param>
    public static long BytesOf(DicomImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return 3L * image.Width * image.Height * image.FrameCount;
    }

    /// <summary>Begins a DICOM file, which stands under its name once it is complete.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="source">The image or loop; patient, study and the time between frames are copied.</param>
    /// <param name="by">What makes the overlays.</param>
    /// <exception cref="BadFileException">
    /// The source does not identify itself, or its overlays are more than a file can hold.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The SHA-256 of the weights is none, or that of a corrected mask is missing.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static SecondaryCapture Create(string path, DicomFile source, ResultAlgorithm by)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(by);
        DicomImage image = source.OpenImage();
        long length = BytesOf(image);
        if (length > MostBytes)
        {
            throw new BadFileException(source.Name, $"its overlays have {length} bytes, more than a DICOM file can hold uncompressed");
        }

        DataSet data = source.Checked(() => Describe(source, image, by));
        PendingFile file = new(path);
        try
        {
            return new SecondaryCapture(file, image, data, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes the overlay of a frame. Frames come in any order, and from any number of threads at once.</summary>
    /// <param name="frame">The frame, from 0.</param>
    /// <param name="overlay">The overlay, RGB, of the image's size.</param>
    /// <exception cref="ArgumentException">The overlay has another size than the image, or is gray.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteFrame(int frame, Image overlay)
    {
        ArgumentNullException.ThrowIfNull(overlay);
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, isWritten.Length);
        if ((overlay.Width, overlay.Height, overlay.Channels) != (image.Width, image.Height, 3))
        {
            throw new ArgumentException(
                $"The overlay is {overlay.Width} x {overlay.Height} x {overlay.Channels}, not {image.Width} x {image.Height} x 3.",
                nameof(overlay));
        }

        RandomAccess.Write(file.Content.SafeFileHandle, overlay.Pixels, firstFrame + ((long)frame * overlay.Pixels.Length));
        isWritten[frame] = true;
    }

    /// <summary>Moves the file to its name.</summary>
    /// <exception cref="InvalidOperationException">There is not an overlay for each frame.</exception>
    /// <exception cref="IOException">The file cannot be written, or not under its name.</exception>
    public void Complete()
    {
        if (Array.IndexOf(isWritten, false) is var missing and >= 0)
        {
            throw new InvalidOperationException($"The overlay of frame {missing + 1} is missing.");
        }

        file.Complete();
    }

    /// <summary>Closes the file; one that is not complete is removed.</summary>
    public void Dispose() => file.Dispose();

    private static DataSet Describe(DicomFile file, DicomImage image, ResultAlgorithm by)
    {
        SourceImage source = new(file);
        bool isLoop = image.FrameCount > 1;
        string sopClass = isLoop ? MultiFrameClass : SingleFrameClass;
        DataSet data = source.CreateResult("SC", sopClass, 0, SeriesNumber, "Lesion contours", by, found: null);
        data.Add(DicomAttribute.Laterality, "");
        data.Copy(source.Data, DicomAttribute.Laterality);
        data.Add(DicomAttribute.Modality, "OT");
        data.Add(DicomAttribute.ConversionType, "WSD");
        data.Add(DicomAttribute.ImageType, "DERIVED\\SECONDARY");
        data.Add(DicomAttribute.DerivationDescription, $"Contours of lesions {by.Origin}, not for diagnosis");
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
        source.AddCompression(data);
        if (image.PixelSizeOf(new BoundingBox(0, 0, image.Width, image.Height)) is { } size)
        {
            data.Add(DicomAttribute.PixelSpacing, string.Create(CultureInfo.InvariantCulture, $"{size.Height:G8}\\{size.Width:G8}"));
        }
        else
        {
            data.Copy(source.Data, DicomAttribute.PixelAspectRatio);
        }

        if (isLoop)
        {
            data.Add(DicomAttribute.NumberOfFrames, image.FrameCount);
            data.Add(DicomAttribute.FrameIncrementPointer, DicomAttribute.FrameTime);
            data.Add(DicomAttribute.FrameTime, (image.FrameTime ?? UnknownFrameTime).ToString("G8", CultureInfo.InvariantCulture));
        }

        return data;
    }
}
