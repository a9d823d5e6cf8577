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

    /// <summary>WebP, with or without loss.</summary>
    WebP,
}
