using System.Runtime.InteropServices;

namespace CMUNeXt.Imaging.Formats;

/// <summary>Turns rows of samples into 8-bit gray or RGB.</summary>
internal sealed class TiffSamples
{
    private readonly int bits;
    private readonly byte[]? palette;
    private readonly byte inversion;

    private int? firstAlpha;

    public TiffSamples(TiffDirectory page, int bits)
    {
        Sixteen = new SixteenBits(bits);
        this.bits = (int)page.BitsPerSample;
        inversion = page.Photometric == TiffReader.WhiteIsZero ? byte.MaxValue : (byte)0;
        Channels = page.Photometric is TiffReader.Rgb or TiffReader.Palette ? 3 : 1;
        if (page.Photometric == TiffReader.Palette)
        {
            int[] map = page.ColorMap();
            int size = map.Length / 3;

            // Some programs write 8-bit colors where the format asks for 16.
            int shift = map.Max() > byte.MaxValue ? 8 : 0;
            palette = new byte[map.Length];
            for (int i = 0; i < map.Length; i++)
            {
                palette[(i % size * 3) + (i / size)] = (byte)(map[i] >> shift);
            }
        }
    }

    public int Channels { get; }

    public SixteenBits Sixteen { get; }

    /// <summary>Whether pixels differ in their alpha.</summary>
    public bool AlphaVaries { get; private set; }

    public int Bytes(int width, int perPixel) => (int)((((long)width * perPixel * bits) + 7) / 8);

    /// <summary>
    /// Expands <paramref name="width"/> pixels of a row to the pixels from <paramref name="position"/> on. The row has the samples of a
    /// pixel from <paramref name="first"/> on; one behind the colors is alpha.
    /// </summary>
    public void Expand(ReadOnlySpan<byte> row, int perPixel, byte[] pixels, int position, int width, int first)
    {
        int scale = 255 / ((1 << Math.Min(bits, 8)) - 1);
        int count = Math.Min(perPixel, Channels - first);
        bool hasAlpha = first + perPixel > Channels;
        for (int x = 0; x < width; x++)
        {
            int target = (position + x) * Channels;
            if (palette is not null)
            {
                palette.AsSpan(3 * Value(row, x), 3).CopyTo(pixels.AsSpan(target));
                continue;
            }

            if (hasAlpha)
            {
                int alpha = Stored(row, ((x + 1) * perPixel) - 1);
                firstAlpha ??= alpha;
                AlphaVaries |= alpha != firstAlpha;
            }

            for (int c = 0; c < count; c++)
            {
                pixels[target + first + c] = (byte)((Value(row, (x * perPixel) + c) * scale) ^ inversion);
            }
        }
    }

    private int Value(ReadOnlySpan<byte> row, int index)
    {
        int stored = Stored(row, index);
        return bits == 16 ? Sixteen.Eight(Sixteen.Note(stored)) : stored;
    }

    // LibTiff hands 16-bit samples over in the machine's own byte order.
    private int Stored(ReadOnlySpan<byte> row, int index)
    {
        if (bits == 8)
        {
            return row[index];
        }

        if (bits == 16)
        {
            return MemoryMarshal.Read<ushort>(row[(2 * index)..]);
        }

        int bit = index * bits;
        return (row[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
    }
}
