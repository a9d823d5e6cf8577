using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Preparation;

/// <summary>Judges how a file stores its pixels.</summary>
internal static class ImageType
{
    /// <summary>Format, layout and bits in words, such as <c>png gray 8-bit</c>.</summary>
    public static string Describe(ImageInfo info)
    {
        string layout = info.Layout switch
        {
            PixelLayout.GrayAlpha => "gray-alpha",
            _ => info.Layout.ToString().ToLowerInvariant(),
        };
        return $"{info.Format.ToString().ToLowerInvariant()} {layout} {info.BitsPerSample}-bit";
    }

    /// <summary>Whether an image can stay as it is: the prepared layout holds PNG of 8 bits, gray or RGB.</summary>
    public static bool IsPrepared(ImageInfo info) =>
        info is { Format: ImageFormat.Png, BitsPerSample: 8, Layout: PixelLayout.Gray or PixelLayout.Rgb };

    /// <summary>Whether a mask is stored as masks usually are: gray, or in colors where these are classes, and 1 to 8 bits.</summary>
    public static bool IsUsualMask(ImageInfo info, bool colored) => info.BitsPerSample <= 8
        && (info.Layout == PixelLayout.Gray || (colored && info.Layout is PixelLayout.Rgb or PixelLayout.Palette));

    /// <summary>What is lost on the way to 8 bits of gray or RGB, or null where nothing is.</summary>
    public static string? Loss(ImageInfo info) => info switch
    {
        { SignificantBits: 8, Layout: PixelLayout.Gray or PixelLayout.Rgb } => "no sample needs more than 8 bits",
        { SignificantBits: 10 or 12 } => $"of 16 bits {info.SignificantBits} are used, and 8 of these are kept",
        { BitsPerSample: > 8, Layout: PixelLayout.GrayAlpha or PixelLayout.Rgba } => "8 of 16 bits are kept, and the alpha is dropped",
        { BitsPerSample: > 8 } => "8 of 16 bits are kept",
        { Layout: PixelLayout.GrayAlpha or PixelLayout.Rgba } => "the alpha is dropped",
        _ => null,
    };
}
