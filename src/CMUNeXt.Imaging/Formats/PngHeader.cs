using System.Buffers.Binary;

namespace CMUNeXt.Imaging.Formats;

/// <summary>The IHDR chunk of a PNG.</summary>
internal sealed record PngHeader(int Width, int Height, int Depth, int ColorType, bool Interlaced)
{
    public const int Gray = 0;
    public const int Rgb = 2;
    public const int Palette = 3;
    public const int GrayAlpha = 4;
    public const int Rgba = 6;

    /// <summary>The first eight bytes of every PNG.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The samples of a stored pixel.</summary>
    public int Samples => ColorType switch { Rgb => 3, GrayAlpha => 2, Rgba => 4, _ => 1 };

    /// <summary>The bytes of one stored row of a number of pixels, without the filter's number.</summary>
    public long RowBytes(int pixels) => (((long)pixels * Samples * Depth) + 7) / 8;

    /// <summary>Reads the data of an IHDR chunk.</summary>
    /// <exception cref="InvalidDataException">It says something that PNG does not know.</exception>
    public static PngHeader Read(ReadOnlySpan<byte> data)
    {
        if (data.Length != 13)
        {
            throw new InvalidDataException("a damaged PNG: its header chunk has the wrong length");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        int depth = data[8];
        int color = data[9];
        bool known = color switch
        {
            Gray => depth is 1 or 2 or 4 or 8 or 16,
            Palette => depth is 1 or 2 or 4 or 8,
            Rgb or GrayAlpha or Rgba => depth is 8 or 16,
            _ => false,
        };
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue || !known || data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw new InvalidDataException(
                $"a damaged PNG: its header says {width} x {height}, {depth} bits, color type {color}, interlace {data[12]}");
        }

        return new PngHeader((int)width, (int)height, depth, color, data[12] == 1);
    }
}
