using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

namespace CMUNeXt.Server.Serving;

/// <summary>An image that a request brought, and what its file says of the size of its pixels.</summary>
/// <param name="Pixels">The image; of a DICOM file the first frame.</param>
/// <param name="Frames">The number of frames of the file.</param>
/// <param name="Size">The size of a pixel wherever it is known at all; null where it is not, or not the same everywhere.</param>
/// <param name="SizeOf">The size of a pixel in a part of it; null where it is not known.</param>
internal sealed record ReceivedImage(Image Pixels, int Frames, PixelSize? Size, Func<BoundingBox, PixelSize?> SizeOf)
{
    private const int SignatureOffset = 128;

    /// <summary>Decodes an image or DICOM file.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="pixelLimit">The most pixels.</param>
    /// <exception cref="BadFileException">It is damaged, no image, or too large.</exception>
    public static ReceivedImage Decode(ReadOnlyMemory<byte> encoded, string name, long pixelLimit)
    {
        if (!IsDicom(encoded.Span))
        {
            Image pixels = ImageFile.Decode(encoded, name, out ImageInfo info, new ImageLimits { Pixels = pixelLimit });
            return new ReceivedImage(pixels, 1, info.PixelSize, _ => info.PixelSize);
        }

        using DicomFile file = DicomFile.Parse(
            encoded, name, new DicomLimits { Pixels = pixelLimit, InflatedBytes = (int)(8 * pixelLimit) });
        DicomImage image = file.OpenImage();
        Image frame = image.ReadFrame(0);
        IEnumerable<PixelSize?> known = image.Regions.Select(static region => (PixelSize?)region.PixelSize);
        PixelSize?[] sizes = [.. known.DefaultIfEmpty(image.PixelSizeOf(Whole(frame))).Distinct()];
        return new ReceivedImage(frame, image.FrameCount, sizes.Length == 1 ? sizes[0] : null, image.PixelSizeOf);
    }

    /// <summary>Lesions with their areas and axes in millimeters, where the size of their pixels is known.</summary>
    public IReadOnlyList<Lesion> Measure(IReadOnlyList<Lesion> lesions) =>
        [.. lesions.Select(lesion => SizeOf(lesion.Box) is { } size ? lesion.Measure(size) : lesion)];

    /// <summary>The size of a pixel that holds for all lesions; null where there is no such one.</summary>
    public PixelSize? SizeFor(IReadOnlyList<Lesion> lesions)
    {
        PixelSize?[] sizes = [.. lesions.Select(lesion => SizeOf(lesion.Box)).DefaultIfEmpty(Size).Distinct()];
        return sizes.Length == 1 ? sizes[0] : null;
    }

    private static BoundingBox Whole(Image image) => new(0, 0, image.Width, image.Height);

    private static bool IsDicom(ReadOnlySpan<byte> file) =>
        file.Length > SignatureOffset + 4 && file[SignatureOffset..].StartsWith("DICM"u8);
}
