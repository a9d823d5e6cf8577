namespace CMUNeXt.Images;

/// <summary>
/// Pixels in memory of the caller's, such as a bitmap of a user interface or a frame of a camera: a view, nothing is copied.
/// </summary>
public readonly ref struct PixelBuffer
{
    /// <summary>Views pixels.</summary>
    /// <param name="pixels">Rows from the top, pixels from the left; at least (height - 1) x stride bytes and a row of pixels.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="stride">The bytes from one row to the next, at least those of a row's pixels.</param>
    /// <param name="format">What a pixel's bytes are.</param>
    /// <exception cref="ArgumentOutOfRangeException">Width or height is below 1, or there is no such format.</exception>
    /// <exception cref="ArgumentException">The stride is shorter than a row, or there are too few bytes.</exception>
    public PixelBuffer(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        (BytesPerPixel, Red, Green, Blue) = format switch
        {
            PixelFormat.Grey8 => (1, 0, 0, 0),
            PixelFormat.Grey16 => (2, 1, 1, 1),
            PixelFormat.Rgb24 => (3, 0, 1, 2),
            PixelFormat.Bgr24 => (3, 2, 1, 0),
            PixelFormat.Rgba32 => (4, 0, 1, 2),
            PixelFormat.Bgra32 => (4, 2, 1, 0),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such pixel format."),
        };
        long row = (long)width * BytesPerPixel;
        if (stride < row)
        {
            throw new ArgumentException(
                $"A row of {width} pixels of {format} has {row} bytes; a stride of {stride} is too short.", nameof(stride));
        }

        long needed = ((long)stride * (height - 1)) + row;
        if (pixels.Length < needed)
        {
            throw new ArgumentException(
                $"{width} x {height} pixels of {format} with a stride of {stride} need {needed} bytes, not {pixels.Length}.",
                nameof(pixels));
        }

        Pixels = pixels;
        Width = width;
        Height = height;
        Stride = stride;
        Format = format;
    }

    /// <summary>An image's pixels.</summary>
    internal PixelBuffer(Image image)
        : this(image.Pixels, image.Width, image.Height, image.Width * image.Channels,
            image.Channels == 1 ? PixelFormat.Grey8 : PixelFormat.Rgb24)
    {
    }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Pixels { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The bytes from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>What a pixel's bytes are.</summary>
    public PixelFormat Format { get; }

    /// <summary>1 for grey, 3 for colors.</summary>
    internal int Channels => Format is PixelFormat.Grey8 or PixelFormat.Grey16 ? 1 : 3;

    internal int BytesPerPixel { get; }

    /// <summary>The place of red among a pixel's bytes; of the luminance where the pixel is grey.</summary>
    internal int Red { get; }

    internal int Green { get; }

    internal int Blue { get; }

    /// <summary>A row's pixels.</summary>
    internal ReadOnlySpan<byte> Row(int y) => Pixels.Slice(y * Stride, Width * BytesPerPixel);
}
