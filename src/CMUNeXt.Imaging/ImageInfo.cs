using CMUNeXt.Masks;

namespace CMUNeXt.Imaging;

/// <summary>What the header of an image file says.</summary>
/// <param name="Format">The format, found by content.</param>
/// <param name="Width">The width in pixels as the image is shown, that is, after its orientation is honored.</param>
/// <param name="Height">The height in pixels as the image is shown.</param>
/// <param name="Layout">What is stored for each pixel.</param>
/// <param name="BitsPerSample">The bits of one stored sample, from 1 to 64; images of 1, 2, 4, 8 or 16 are decoded.</param>
/// <param name="Frames">The number of frames or pages.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height, PixelLayout Layout, int BitsPerSample, int Frames)
{
    /// <summary>The channels of the decoded image: 1 where the stored form is gray (with or without alpha), else 3.</summary>
    public int Channels => Layout is PixelLayout.Gray or PixelLayout.GrayAlpha ? 1 : 3;

    /// <summary>
    /// How many bits of a 16-bit sample the image uses, known once it is decoded: 8, 10 or 12 where no sample is larger, else 16. Such an
    /// image is read by these bits, since its high bytes alone would be black. Null where samples have 8 bits or fewer.
    /// </summary>
    public int? SignificantBits { get; init; }

    /// <summary>
    /// Whether samples of 16 bits other than 0 became 0 when 8 bits were made of them, known once the image is decoded. In a mask these
    /// may be classes.
    /// </summary>
    public bool LosesSmallSamples { get; init; }

    /// <summary>
    /// By what factor gray samples of 1, 2 or 4 bits are stretched in the decoded image: 255, 85 or 17; else 1. The grays of a BMP are
    /// those of its palette.
    /// </summary>
    public int Stretch => this is { Layout: PixelLayout.Gray, BitsPerSample: > 0 and < 8, Format: not ImageFormat.Bmp }
        ? byte.MaxValue / ((1 << BitsPerSample) - 1) : 1;

    /// <summary>
    /// Whether pixels differ in their alpha, known once the image is decoded, which drops it. In a mask of one color the alpha is the mask.
    /// </summary>
    public bool AlphaVaries { get; init; }

    /// <summary>The orientation in the file, as Exif numbers it: 1, upright, to 8. The decoded image is upright.</summary>
    public int Orientation { get; init; } = 1;

    /// <summary>
    /// The size of a pixel that the file gives in millimeters, as the image is shown; null where it gives none. A number of dots an inch
    /// that screens, printers and figures have says nothing of the body, and is none: better pixels than wrong millimeters.
    /// </summary>
    public PixelSize? PixelSize { get; init; }
}
