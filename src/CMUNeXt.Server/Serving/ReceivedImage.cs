using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Serving;

/// <summary>An image that a request brought, and what its file says of the size of its pixels.</summary>
/// <param name="Pixels">The image, or the frame of a loop.</param>
/// <param name="Frame">The frame, from 1.</param>
/// <param name="Frames">The number of frames of the file.</param>
/// <param name="Size">The size of a pixel wherever it is known at all; null where it is not, or not the same everywhere.</param>
/// <param name="Boxes">The parts of it that have this size; null where all of it does, or there is no such size.</param>
/// <param name="SizeOf">The size of a pixel in a part of it; null where it is not known.</param>
internal sealed record ReceivedImage(
    Image Pixels, int Frame, int Frames, PixelSize? Size, IReadOnlyList<BoundingBox>? Boxes, Func<BoundingBox, PixelSize?> SizeOf)
{
    /// <summary>What messages call an image that has no name.</summary>
    public const string Unnamed = "the image";

    private const int SignatureOffset = 128;

    // How the reader of images begins to say it; it knows nothing of DICOM.
    private const string UnknownKind = "not an image of a kind that is read";

    /// <summary>The orientation in the file, as Exif numbers it: 1, upright, to 8. The pixels are upright.</summary>
    public int Orientation { get; init; } = 1;

    /// <summary>Decodes an image or DICOM file.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="frame">The frame of a loop, from 1.</param>
    /// <param name="pixelLimit">The most pixels.</param>
    /// <param name="take">Told of what a deflated file becomes before it is kept; null for no count.</param>
    /// <exception cref="BadFileException">It is damaged, no image, or too large.</exception>
    /// <exception cref="BadHttpRequestException">There is no such frame.</exception>
    public static ReceivedImage Decode(ReadOnlyMemory<byte> encoded, string name, int frame, long pixelLimit, Action<long>? take)
    {
        if (!IsDicom(encoded.Span))
        {
            Image pixels = Decode(encoded, name, pixelLimit, out ImageInfo info);
            CheckFrame(frame, 1);
            return new ReceivedImage(pixels, frame, 1, info.PixelSize, null, _ => info.PixelSize) { Orientation = info.Orientation };
        }

        using DicomFile file = DicomFile.Parse(encoded, name, LimitsFor(pixelLimit), take);
        return Decode(file, frame);
    }

    /// <summary>Decodes a frame of a DICOM file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="frame">The frame, from 1.</param>
    /// <exception cref="BadFileException">It is damaged, or has no image that is read.</exception>
    /// <exception cref="BadHttpRequestException">There is no such frame.</exception>
    public static ReceivedImage Decode(DicomFile file, int frame)
    {
        DicomImage image = file.OpenImage();
        CheckFrame(frame, image.FrameCount);
        Image pixels = image.ReadFrame(frame - 1);
        IEnumerable<PixelSize?> known = image.Regions.Select(static region => (PixelSize?)region.PixelSize);
        PixelSize?[] sizes = [.. known.DefaultIfEmpty(image.PixelSizeOf(Whole(pixels))).Distinct()];
        PixelSize? size = sizes.Length == 1 ? sizes[0] : null;
        BoundingBox[]? boxes = size is null || image.Regions.Count == 0 ? null : [.. image.Regions.Select(static region => region.Box)];
        return new ReceivedImage(pixels, frame, image.FrameCount, size, boxes, image.PixelSizeOf);
    }

    /// <summary>What a DICOM file may cost.</summary>
    /// <param name="pixelLimit">The most pixels of a frame.</param>
    public static DicomLimits LimitsFor(long pixelLimit) =>
        new() { Pixels = pixelLimit, InflatedBytes = (int)(8 * Math.Min(pixelLimit, Array.MaxLength / 8)) };

    /// <summary>Checks that a file has a frame.</summary>
    /// <exception cref="BadHttpRequestException">There is no such frame.</exception>
    public static void CheckFrame(int frame, int frames)
    {
        if (frame < 1 || frame > frames)
        {
            throw new BadHttpRequestException($"The frame is from 1 to {frames}, not {frame}.");
        }
    }

    /// <summary>Lesions with their areas and axes in millimeters, where the size of their pixels is known.</summary>
    public IReadOnlyList<Lesion> Measure(IReadOnlyList<Lesion> lesions) => Lesion.Measure(lesions, SizeOf);

    /// <summary>The area of measured lesions in square millimeters; null where one could not be measured.</summary>
    public double? AreaOf(IReadOnlyList<Lesion> lesions) => Lesion.AreaMm2Of(lesions, SizeOf(Whole(Pixels)));

    private static Image Decode(ReadOnlyMemory<byte> encoded, string name, long pixelLimit, out ImageInfo info)
    {
        try
        {
            return ImageFile.Decode(encoded, name, out info, new ImageLimits { Pixels = pixelLimit });
        }
        catch (BadFileException e) when (e.Problem.StartsWith(UnknownKind, StringComparison.Ordinal))
        {
            throw new BadFileException(
                name, $"{e.Problem}, and no DICOM file: a bare data set becomes one with \"dcmconv --read-dataset IN OUT\"", e);
        }
    }

    private static BoundingBox Whole(Image image) => new(0, 0, image.Width, image.Height);

    private static bool IsDicom(ReadOnlySpan<byte> file) =>
        file.Length > SignatureOffset + 4 && file[SignatureOffset..].StartsWith("DICM"u8);
}
