namespace CMUNeXt.Imaging;

/// <summary>What a file stores for each pixel.</summary>
public enum PixelLayout
{
    /// <summary>One luminance.</summary>
    Gray,

    /// <summary>A luminance and an alpha.</summary>
    GrayAlpha,

    /// <summary>Three colors.</summary>
    Rgb,

    /// <summary>Three colors and an alpha.</summary>
    Rgba,

    /// <summary>An index into a palette of colors.</summary>
    Palette,

    /// <summary>Another color space (CMYK, YCbCr, Lab), converted to RGB when read.</summary>
    Other,
}
