namespace CMUNeXt.Imaging;

/// <summary>
/// The decoder of one image format. Formats beyond those here are added to <see cref="ImageFile"/> or an <see cref="ImageReader"/>.
/// </summary>
public abstract class ImageDecoder
{
    /// <summary>PNG, with every layout and depth that its specification knows.</summary>
    public static ImageDecoder Png => new PngDecoder();

    /// <summary>JPEG of 8 bits, sequential and progressive, with the pixels of libjpeg-turbo, which OpenCV reads with.</summary>
    public static ImageDecoder Jpeg => new JpegDecoder();

    /// <summary>Windows bitmaps: palettes, run lengths, bit fields, 24 and 32 bits.</summary>
    public static ImageDecoder Bmp => new BmpDecoder();

    /// <summary>TIFF and BigTIFF.</summary>
    public static ImageDecoder Tiff => new TiffDecoder();

    /// <summary>The format.</summary>
    public abstract ImageFormat Format { get; }

    /// <summary>Whether a file begins as one of this format does.</summary>
    /// <param name="file">The whole file.</param>
    public abstract bool Recognizes(ReadOnlyMemory<byte> file);

    /// <summary>Reads the header.</summary>
    /// <param name="file">The whole file, which is recognized.</param>
    /// <exception cref="InvalidDataException">The header is damaged; the message says so without the file's name.</exception>
    public abstract EncodedImage Open(ReadOnlyMemory<byte> file);
}
