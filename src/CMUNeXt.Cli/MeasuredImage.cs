using CMUNeXt.Dicom;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli;

/// <summary>An image that was read, and what is known of the size of its pixels.</summary>
/// <param name="Pixels">The image.</param>
/// <param name="SizeOf">The size of a pixel in a part of it; null where it is not known.</param>
internal sealed record MeasuredImage(Image Pixels, Func<BoundingBox, PixelSize?> SizeOf)
{
    /// <summary>Reads an image, or a frame of a DICOM file.</summary>
    /// <param name="input">Which.</param>
    /// <param name="given">The size of a pixel where the user says it; it goes before what a file says.</param>
    /// <param name="tell">Takes a line where there is something to say of it.</param>
    public static MeasuredImage Read(ImageInput input, PixelSize? given, Action<string> tell)
    {
        if (input.Frame is not { } frame)
        {
            Image read = ImageFile.Load(input.Path, out ImageInfo info);
            if (info.SignificantBits < 16)
            {
                tell($"cmunext: {PrintableText.Of(input.Path)}: no sample uses more than {info.SignificantBits} of its 16 bits; "
                    + "it is read by these");
            }

            return new MeasuredImage(read, _ => given);
        }

        using DicomFile file = DicomFile.Open(input.Path);
        DicomImage image = file.OpenImage();
        return new MeasuredImage(image.ReadFrame(frame.Index), box => given ?? image.PixelSizeOf(box));
    }

    /// <summary>Lesions with their areas and axes in millimeters, where the size of their pixels is known.</summary>
    public IReadOnlyList<Lesion> Measure(IEnumerable<Lesion> lesions) =>
        [.. lesions.Select(lesion => SizeOf(lesion.Box) is { } size ? lesion.Measure(size) : lesion)];

    /// <summary>The area of measured lesions in square millimeters; null where one could not be measured.</summary>
    public double? AreaOf(IReadOnlyList<Lesion> lesions) => lesions.Count > 0
        ? lesions.All(static lesion => lesion.AreaMm2 is not null) ? lesions.Sum(static lesion => lesion.AreaMm2) : null
        : SizeOf(new BoundingBox(0, 0, Pixels.Width, Pixels.Height)) is null ? null : 0;
}
