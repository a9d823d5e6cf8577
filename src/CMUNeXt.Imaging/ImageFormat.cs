namespace CMUNeXt.Imaging;

/// <summary>The formats that are read. They are told apart by their content, not by the file's name.</summary>
public enum ImageFormat
{
    /// <summary>Portable Network Graphics.</summary>
    Png,

    /// <summary>JPEG in JFIF or Exif.</summary>
    Jpeg,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>TIFF and BigTIFF.</summary>
    Tiff,

    /// <summary>WebP, with or without loss; decoded by <c>CMUNeXt.Drawing</c>, which has to be added.</summary>
    WebP,

    /// <summary>GIF; decoded by <c>CMUNeXt.Drawing</c>, which has to be added.</summary>
    Gif,
}

internal static class ImageFormatNames
{
    /// <summary>The format's name as it is written.</summary>
    public static string Name(this ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();
}
