using CMUNeXt.Images;

using SkiaSharp;

namespace CMUNeXt.Imaging.Formats;

/// <summary>An image file in memory whose header has been read.</summary>
internal sealed class EncodedImage : IDisposable
{
    private readonly ReadOnlyMemory<byte> encoded;
    private readonly int orientation;
    private readonly SKCodec? codec;
    private readonly TiffDirectory? page;

    private EncodedImage(ReadOnlyMemory<byte> encoded, ImageInfo stored, int orientation, SKCodec? codec = null, TiffDirectory? page = null)
    {
        this.encoded = encoded;
        this.orientation = orientation;
        this.codec = codec;
        this.page = page;
        Info = Orientation.SwapsAxes(orientation) ? stored with { Width = stored.Height, Height = stored.Width } : stored;
    }

    public ImageInfo Info { get; }

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">It is no image, or the header is damaged.</exception>
    public static EncodedImage Open(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            throw new InvalidDataException("the file is empty: copy it again from its source");
        }

        return Recognise(encoded.Span) switch
        {
            ImageFormat.Png => OpenPng(encoded),
            ImageFormat.Tiff => OpenTiff(encoded),
            ImageFormat format => OpenSkia(encoded, format),
        };
    }

    /// <summary>Decodes the pixels, upright.</summary>
    /// <exception cref="InvalidDataException">They are damaged, or the limits do not allow them.</exception>
    public Image Decode(ImageLimits limits, bool grey)
    {
        if ((long)Info.Width * Info.Height > limits.Pixels)
        {
            throw new InvalidDataException(
                $"{Info.Width} x {Info.Height} pixels, more than the {limits.Pixels / 1e6:0.##} megapixels allowed: make the image smaller");
        }

        if (Info.Frames > limits.Frames)
        {
            throw new InvalidDataException(
                $"it holds {Info.Frames} {(Info.Format == ImageFormat.Tiff ? "pages" : "frames")} where {limits.Frames} may be: split it into one file for each");
        }

        Image stored = Info.Format switch
        {
            ImageFormat.Png => PngReader.Read(PngChunks.Read(encoded, headOnly: false), grey),
            ImageFormat.Tiff => ReadTiff(limits),
            _ => SkiaReader.Read(codec!, Info.Format, Info.Channels == 1),
        };
        Image upright = Orientation.Apply(stored, orientation);
        return grey ? Luminance.Of(upright) : upright;
    }

    public void Dispose() => codec?.Dispose();

    private static ImageFormat Recognise(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(PngHeader.Signature))
        {
            return ImageFormat.Png;
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }

        if (TiffDirectory.Recognises(file))
        {
            return ImageFormat.Tiff;
        }

        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8))
        {
            return ImageFormat.WebP;
        }

        return file.StartsWith("BM"u8)
            ? ImageFormat.Bmp
            : throw new InvalidDataException("not an image of a kind that is read (PNG, JPEG, BMP, TIFF, WebP), whatever its name says");
    }

    private static EncodedImage OpenPng(ReadOnlyMemory<byte> encoded)
    {
        PngChunks head = PngChunks.Read(encoded, headOnly: true);
        PngHeader header = head.Header;
        ImageInfo info = new(ImageFormat.Png, header.Width, header.Height, header.Layout, header.Depth, head.Frames);
        return new EncodedImage(encoded, info, head.Orientation);
    }

    private static EncodedImage OpenTiff(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length < 16)
        {
            throw new InvalidDataException("the TIFF ends too early: copy the file again from its source");
        }

        List<TiffDirectory> pages = TiffDirectory.ReadAll(encoded);
        TiffDirectory page = pages[0];
        if (page.Width is <= 0 or > int.MaxValue || page.Height is <= 0 or > int.MaxValue || page.BitsPerSample is <= 0 or > 64)
        {
            throw new InvalidDataException($"a damaged TIFF: its header says {page.Width} x {page.Height} of {page.BitsPerSample} bits");
        }

        ImageInfo info = new(
            ImageFormat.Tiff, (int)page.Width, (int)page.Height, TiffReader.LayoutOf(page), (int)page.BitsPerSample, TiffReader.Frames(pages));
        return new EncodedImage(encoded, info, page.Orientation, page: page);
    }

    private static EncodedImage OpenSkia(ReadOnlyMemory<byte> encoded, ImageFormat format)
    {
        (PixelLayout Layout, int Bits) bitmap = format == ImageFormat.Bmp ? BmpHeader.Read(encoded.Span) : default;
        SKCodec codec = SkiaReader.Open(encoded, format);
        (PixelLayout layout, int bits) = format == ImageFormat.Bmp ? bitmap
            : codec.Info.ColorType == SKColorType.Gray8 ? (PixelLayout.Grey, 8)
            : codec.Info.AlphaType == SKAlphaType.Opaque ? (PixelLayout.Rgb, 8)
            : (PixelLayout.Rgba, 8);
        ImageInfo info = new(format, codec.Info.Width, codec.Info.Height, layout, bits, Math.Max(1, codec.FrameCount));
        return new EncodedImage(encoded, info, (int)codec.EncodedOrigin, codec);
    }

    private Image ReadTiff(ImageLimits limits)
    {
        try
        {
            return TiffReader.Read(encoded, page!, limits.Pixels);
        }
        catch (Exception e) when (e is not InvalidDataException)
        {
            // On damaged files LibTiff fails in whatever way its decoders run into them.
            throw new InvalidDataException("the TIFF's pixels are damaged: copy the file again from its source", e);
        }
    }
}
