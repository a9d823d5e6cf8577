using System.Buffers.Binary;
using CMUNeXt.Masks;

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
    /// <param name="significantBits">
    /// With <see cref="PixelFormat.Gray16"/>, how many low bits of a sample the source uses, 8 to 16, larger samples being white; null
    /// takes <see cref="SignificantBitsFor"/> the largest sample, as with image files. State it for a camera or a loop: a dark frame alone
    /// does not tell it. The other formats have 8.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Width or height is below 1, there is no such format, or the format has no samples of so many bits.
    /// </exception>
    /// <exception cref="ArgumentException">The stride is shorter than a row, or there are too few bytes.</exception>
    public PixelBuffer(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelFormat format, int? significantBits = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        (BytesPerPixel, Red, Green, Blue) = format switch
        {
            PixelFormat.Gray8 => (1, 0, 0, 0),
            PixelFormat.Gray16 => (2, 0, 0, 0),
            PixelFormat.Rgb24 => (3, 0, 1, 2),
            PixelFormat.Bgr24 => (3, 2, 1, 0),
            PixelFormat.Rgba32 => (4, 0, 1, 2),
            PixelFormat.Bgra32 => (4, 2, 1, 0),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such pixel format."),
        };
        int mostBits = format == PixelFormat.Gray16 ? 16 : 8;
        ArgumentOutOfRangeException.ThrowIfLessThan(significantBits ?? 8, 8, nameof(significantBits));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(significantBits ?? 8, mostBits, nameof(significantBits));
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
        SignificantBits = significantBits ?? (format == PixelFormat.Gray16 ? SignificantBitsFor(Largest()) : 8);
    }

    /// <summary>Views an image.</summary>
    /// <param name="image">The image.</param>
    public PixelBuffer(Image image)
        : this((image ?? throw new ArgumentNullException(nameof(image))).Pixels, image.Width, image.Height, image.Width * image.Channels,
            image.Channels == 1 ? PixelFormat.Gray8 : PixelFormat.Rgb24)
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

    /// <summary>How many low bits of a sample are used; the upper 8 of these are what a network sees.</summary>
    public int SignificantBits { get; }

    /// <summary>
    /// How many low bits of 16 are taken to be used where no sample is larger: 8, 10, 12, or 16 for all that is more. Scanners of 8, 10 or
    /// 12 bits write their values into 16 without stretching them, and the high byte alone would be black.
    /// </summary>
    /// <param name="largest">The largest sample.</param>
    public static int SignificantBitsFor(int largest) => largest switch { < 1 << 8 => 8, < 1 << 10 => 10, < 1 << 12 => 12, _ => 16 };

    /// <summary>Copies the pixels, for what takes an image: an overlay, a file.</summary>
    /// <returns>
    /// Gray, or red, green and blue. Of samples of 16 bits it has the upper 8 of those that are used; transparency is left out.
    /// </returns>
    /// <exception cref="ArgumentException">No array holds so many values.</exception>
    public Image ToImage()
    {
        byte[] image = new byte[PixelCount.Of(Width, Height, Channels)];
        if (Format == PixelFormat.Gray16)
        {
            WriteEightBits(image);
            return new Image(Width, Height, 1, image);
        }

        Span<byte> rest = image;
        for (int y = 0; y < Height; y++)
        {
            for (ReadOnlySpan<byte> row = Row(y); !row.IsEmpty; row = row[BytesPerPixel..], rest = rest[Channels..])
            {
                rest[0] = row[Red];
                if (Channels == 3)
                {
                    rest[1] = row[Green];
                    rest[2] = row[Blue];
                }
            }
        }

        return new Image(Width, Height, Channels, image);
    }

    /// <summary>1 for gray, 3 for colors.</summary>
    internal int Channels => Format is PixelFormat.Gray8 or PixelFormat.Gray16 ? 1 : 3;

    internal int BytesPerPixel { get; }

    /// <summary>The place of red among a pixel's bytes; of the luminance where the pixel is gray.</summary>
    internal int Red { get; }

    internal int Green { get; }

    internal int Blue { get; }

    /// <summary>A row's pixels.</summary>
    internal ReadOnlySpan<byte> Row(int y) => Pixels.Slice(y * Stride, Width * BytesPerPixel);

    /// <summary>Makes 8 bits of 16: the upper 8 of those that are used.</summary>
    /// <param name="gray">Receives height x width values.</param>
    internal void WriteEightBits(Span<byte> gray)
    {
        for (int y = 0, i = 0; y < Height; y++)
        {
            for (ReadOnlySpan<byte> row = Row(y); !row.IsEmpty; row = row[2..], i++)
            {
                gray[i] = (byte)Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(row) >> (SignificantBits - 8), byte.MaxValue);
            }
        }
    }

    private int Largest()
    {
        int largest = 0;
        for (int y = 0; y < Height; y++)
        {
            for (ReadOnlySpan<byte> row = Row(y); !row.IsEmpty; row = row[2..])
            {
                largest = Math.Max(largest, BinaryPrimitives.ReadUInt16LittleEndian(row));
            }
        }

        return largest;
    }
}
