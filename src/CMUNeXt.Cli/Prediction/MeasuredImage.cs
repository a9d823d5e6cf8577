using CMUNeXt.Dicom;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>An image that was read, what is known of the size of its pixels, and which part of it is looked at.</summary>
/// <param name="Pixels">The image.</param>
/// <param name="SizeOf">The size of a pixel in a part of it; null where it is not known.</param>
/// <param name="Region">The part that is looked at; null is all of it.</param>
internal sealed record MeasuredImage(Image Pixels, Func<BoundingBox, PixelSize?> SizeOf, BoundingBox? Region = null)
{
    /// <summary>Reads the file of an image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="given">The size of a pixel where the user says it.</param>
    /// <param name="tell">Takes a line where there is something to say of it.</param>
    /// <returns>What decodes it.</returns>
    public static Func<MeasuredImage> Read(string path, PixelSize? given, Action<string> tell)
    {
        byte[] encoded = ImageFile.ReadEncoded(path);
        return () =>
        {
            Image decoded = ImageFile.Decode(encoded, path, out ImageInfo info);
            if (info.SignificantBits < 16)
            {
                tell($"cmunext: {PrintableText.Of(path)}: no sample uses more than {info.SignificantBits} of its 16 bits; "
                    + "it is read by these");
            }

            return new MeasuredImage(decoded, _ => given ?? info.PixelSize);
        };
    }

    /// <summary>Reads a frame of a DICOM image.</summary>
    /// <param name="image">The image or loop.</param>
    /// <param name="frame">The frame, from 0.</param>
    /// <param name="given">The size of a pixel where the user says it; it goes before what the file says.</param>
    /// <param name="cropToRegion">Only the part that shows tissue is looked at, where the file says which that is.</param>
    public static MeasuredImage Read(DicomImage image, int frame, PixelSize? given, bool cropToRegion) =>
        new(image.ReadFrame(frame), box => given ?? image.PixelSizeOf(box), cropToRegion ? image.Tissue : null);

    /// <summary>What is looked at.</summary>
    public Image Part => Region is { } box ? Pixels.Crop(box.X, box.Y, box.Width, box.Height) : Pixels;

    /// <summary>Segments what is looked at; the findings stand where they are in the whole image.</summary>
    public Segmentation Segment(Func<Image, Segmentation> segment) => Region is { } box
        ? segment(Part).PlacedIn(Pixels.Width, Pixels.Height, box.X, box.Y)
        : segment(Pixels);

    /// <summary>Lesions with their areas and axes in millimeters, where the size of their pixels is known.</summary>
    public IReadOnlyList<Lesion> Measure(IReadOnlyList<Lesion> lesions) => Lesion.Measure(lesions, SizeOf);

    /// <summary>The area of measured lesions in square millimeters; null where one could not be measured.</summary>
    public double? AreaOf(IReadOnlyList<Lesion> lesions) =>
        Lesion.AreaMm2Of(lesions, SizeOf(Region ?? new BoundingBox(0, 0, Pixels.Width, Pixels.Height)));
}
