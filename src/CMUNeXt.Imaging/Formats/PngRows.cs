using System.Buffers.Binary;

namespace CMUNeXt.Imaging.Formats;

/// <summary>Turns a stored row of a PNG into 8-bit gray or RGB.</summary>
internal sealed class PngRows
{
    private readonly PngHeader header;
    private readonly byte[] palette;
    private readonly ReadOnlyMemory<byte> paletteAlpha;
    private readonly bool toGray;
    private readonly bool hasAlpha;

    private int? firstAlpha;

    /// <summary>Prepares the expansion.</summary>
    /// <param name="chunks">The header, and the palette where there is one.</param>
    /// <param name="gray">Converts colors to gray.</param>
    /// <param name="bits">How many of 16 bits are used.</param>
    public PngRows(PngChunks chunks, bool gray, int bits)
    {
        header = chunks.Header;
        Sixteen = new SixteenBits(bits);
        bool stored = header.ColorType is PngHeader.Gray or PngHeader.GrayAlpha;
        toGray = gray && !stored;
        Channels = gray || stored ? 1 : 3;
        paletteAlpha = chunks.PaletteAlpha;
        hasAlpha = header.ColorType is PngHeader.GrayAlpha or PngHeader.Rgba || !paletteAlpha.IsEmpty;
        byte[] colors = chunks.Palette;
        palette = colors;
        if (toGray && header.ColorType == PngHeader.Palette)
        {
            palette = new byte[256];
            for (int i = 0; i < 256; i++)
            {
                palette[i] = Gray8(colors[3 * i], colors[(3 * i) + 1], colors[(3 * i) + 2]);
            }
        }
    }

    /// <summary>The channels of the result.</summary>
    public int Channels { get; }

    /// <summary>What samples of 16 bits there were, alpha aside.</summary>
    public SixteenBits Sixteen { get; }

    /// <summary>Whether pixels differ in their alpha.</summary>
    public bool AlphaVaries { get; private set; }

    /// <summary>Expands the pixels that <paramref name="output"/> has room for.</summary>
    public void Expand(ReadOnlySpan<byte> row, Span<byte> output)
    {
        for (int i = 0; hasAlpha && !AlphaVaries && i < output.Length / Channels; i++)
        {
            int alpha = Alpha(row, i);
            firstAlpha ??= alpha;
            AlphaVaries = alpha != firstAlpha;
        }

        if (header.ColorType == PngHeader.Palette)
        {
            ExpandPalette(row, output);
        }
        else if (header.Depth < 8)
        {
            int scale = 255 / ((1 << header.Depth) - 1);
            for (int i = 0; i < output.Length; i++)
            {
                output[i] = (byte)(Packed(row, i) * scale);
            }
        }
        else if (toGray)
        {
            ExpandToGray(row, output);
        }
        else if (header.Depth == 8 && header.Samples == Channels)
        {
            row[..output.Length].CopyTo(output);
        }
        else
        {
            // The alpha, the last sample, is passed over.
            int sample = header.Depth / 8;
            int pixel = header.Samples * sample;
            for (int source = 0, target = 0; target < output.Length; source += pixel)
            {
                for (int c = 0; c < Channels; c++)
                {
                    output[target++] = sample == 1 ? row[source + c] : Sixteen.Eight(Sample(row[(source + (2 * c))..]));
                }
            }
        }
    }

    private int Alpha(ReadOnlySpan<byte> row, int index)
    {
        if (header.ColorType == PngHeader.Palette)
        {
            int color = PaletteIndex(row, index);
            return color < paletteAlpha.Length ? paletteAlpha.Span[color] : byte.MaxValue;
        }

        int end = (index + 1) * (header.Samples * header.Depth / 8);
        return header.Depth == 8 ? row[end - 1] : BinaryPrimitives.ReadUInt16BigEndian(row[(end - 2)..]);
    }

    private int Sample(ReadOnlySpan<byte> row) => Sixteen.Note(BinaryPrimitives.ReadUInt16BigEndian(row));

    private void ExpandPalette(ReadOnlySpan<byte> row, Span<byte> output)
    {
        for (int i = 0; i < output.Length / Channels; i++)
        {
            int index = PaletteIndex(row, i);
            if (Channels == 1)
            {
                output[i] = palette[index];
            }
            else
            {
                palette.AsSpan(3 * index, 3).CopyTo(output[(3 * i)..]);
            }
        }
    }

    private void ExpandToGray(ReadOnlySpan<byte> row, Span<byte> output)
    {
        int sample = header.Depth / 8;
        int pixel = header.Samples * sample;
        for (int i = 0; i < output.Length; i++)
        {
            ReadOnlySpan<byte> rgb = row.Slice(i * pixel, 3 * sample);
            output[i] = sample == 1
                ? Gray8(rgb[0], rgb[1], rgb[2])
                : Sixteen.Eight((int)Gray16((uint)Sample(rgb), (uint)Sample(rgb[2..]), (uint)Sample(rgb[4..])));
        }
    }

    private int PaletteIndex(ReadOnlySpan<byte> row, int index) => header.Depth == 8 ? row[index] : Packed(row, index);

    private int Packed(ReadOnlySpan<byte> row, int index)
    {
        int bit = index * header.Depth;
        return (row[bit >> 3] >> (8 - header.Depth - (bit & 7))) & ((1 << header.Depth) - 1);
    }

    // OpenCV leaves the conversion to libpng, which rounds 0.299 and 0.587 down to 15 bits, works at the stored depth,
    // and truncates 8 bits but rounds 16.
    private static byte Gray8(int red, int green, int blue) => (byte)(((red * 9797) + (green * 19234) + (blue * 3737)) >> 15);

    private static uint Gray16(uint red, uint green, uint blue) => ((red * 9797) + (green * 19234) + (blue * 3737) + 16384) >> 15;
}
