using System.Security.Cryptography;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Objects;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Server.Api;
using CMUNeXt.Server.Serving;

namespace CMUNeXt.Server.Archive;

/// <summary>The DICOM objects of a mask that a person looked at.</summary>
/// <param name="file">The image that it is of.</param>
/// <param name="settings">What made it, of which frame.</param>
/// <param name="isCorrected">Whether a person changed it.</param>
/// <param name="pixelLimit">The most pixels of a mask.</param>
/// <param name="now">The time, which tells a mask from an earlier one of the image.</param>
internal sealed class MaskObjects(DicomFile file, SegmentSettings settings, bool isCorrected, long pixelLimit, DateTimeOffset now)
{
    // Each is a tree of its own in the report. A person draws a few; noise has hundreds of thousands.
    private const int MostLesions = 1000;

    /// <summary>Writes the mask, its measurements and, of an image with one frame, its overlay.</summary>
    /// <param name="encoded">The mask as a gray PNG, lesions above 0.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The files' paths.</returns>
    /// <exception cref="BadFileException">
    /// The mask is none, or of another size, or of too many lesions, or the image is damaged, or does not identify itself.
    /// </exception>
    public IReadOnlyList<string> Write(ReadOnlyMemory<byte> encoded, string folder)
    {
        DicomImage image = file.OpenImage();
        ReceivedImage.CheckFrame(settings.Frame, image.FrameCount);
        Mask mask = Decode(encoded, image);
        int count = mask.FindComponents().Components.Count;
        if (count > MostLesions)
        {
            throw new BadFileException("the mask", $"has {count} lesions, and a report at most {MostLesions}: erase its specks");
        }

        ResultAlgorithm by = new()
        {
            Network = settings.Weights.Metadata.Network.Name,
            WeightsSha256 = settings.Weights.Sha256,
            Threshold = settings.Threshold,
            Settings = string.Join(", ", SettingsInWords()),
            MaskSha256 = Convert.ToHexStringLower(SHA256.HashData(mask.Pixels)),
            SeenAt = now,
            IsCorrected = isCorrected,
        };
        IReadOnlyList<Lesion> lesions = Lesion.Measure(
            Lesion.Find(mask, Array.ConvertAll(mask.Pixels, static value => (float)value)), image.PixelSizeOf);
        int frame = settings.Frame - 1;
        Image pixels = image.ReadFrame(frame);
        IReadOnlyList<string> warnings = InputCheck.Warnings(pixels);
        string segmentation = Path.Combine(folder, "mask.dcm");
        AtomicFile.Write(segmentation, stream => SegmentationObject.Write(stream, file, frame, mask, classes: 1, by));
        string report = Path.Combine(folder, "report.dcm");
        AtomicFile.Write(report, stream => MeasurementReport.Write(stream, file, frame, lesions, warnings, by));
        if (image.FrameCount > 1)
        {
            return [segmentation, report];
        }

        string overlay = Path.Combine(folder, "overlay.dcm");
        using SecondaryCapture capture = SecondaryCapture.Create(overlay, file, by);
        capture.WriteFrame(0, Overlay.DrawFound(pixels, mask, lesions, classes: 1, isUnlike: warnings.Count > 0));
        capture.Complete();
        return [segmentation, report, overlay];
    }

    // As a prediction says them.
    private IEnumerable<string> SettingsInWords()
    {
        if (settings.All)
        {
            yield return "healthy images too";
        }

        if (settings.Weights.Settings is { } flips)
        {
            yield return flips;
        }
    }

    private Mask Decode(ReadOnlyMemory<byte> encoded, DicomImage image)
    {
        Image gray = ImageFile.DecodeGray(encoded, "the mask", new ImageLimits { Pixels = pixelLimit });
        return (gray.Width, gray.Height) == (image.Width, image.Height)
            ? new Mask(gray.Width, gray.Height, Array.ConvertAll(gray.Pixels, static value => value > 0 ? (byte)1 : (byte)0))
            : throw new BadFileException(
                "the mask", $"is {gray.Width} x {gray.Height}, and the image {image.Width} x {image.Height}");
    }
}
