using System.Buffers.Binary;

namespace CMUNeXt.Imaging.Formats;

/// <summary>Turns a stored row of a PNG into 8-bit gray or RGB.</summary>
internal sealed class PngRows
{
    private readonly PngHeader header;
    private readonly byte[] palette;
    private readonly bool toGray;

    /// <summary>Prepares the expansion.</summary>
    /// <param name="header">The header.</param>
    /// <param name="palette">The palette, 256 x 3 values.</param>
    /// <param name="gray">Converts colors to gray.</param>
    /// <param name="bits">How many of 16 bits are used.</param>
    public PngRows(PngHeader header, byte[] palette, bool gray, int bits = 16)
    {
        this.header = header;
        Sixteen = new SixteenBits(bits);
        bool stored = header.ColorType is PngHeader.Gray or PngHeader.GrayAlpha;
        toGray = gray && !stored;
        Channels = gray || stored ? 1 : 3;
        this.palette = palette;
        if (toGray && header.ColorType == PngHeader.Palette)
        {
            this.palette = new byte[256];
            for (int i = 0; i < 256; i++)
            {
                this.palette[i] = Gray8(palette[3 * i], palette[(3 * i) + 1], palette[(3 * i) + 2]);
            }
        }
    }

    /// <summary>The channels of the result.</summary>
    public int Channels { get; }

    /// <summary>What samples of 16 bits there were, alpha aside.</summary>
    public SixteenBits Sixteen { get; }

    /// <summary>Expands the pixels that <paramref name="output"/> has room for.</summary>
    public void Expand(ReadOnlySpan<byte> row, Span<byte> output)
    {
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

    private int Sample(ReadOnlySpan<byte> row) => Sixteen.Note(BinaryPrimitives.ReadUInt16BigEndian(row));

    private void ExpandPalette(ReadOnlySpan<byte> row, Span<byte> output)
    {
        for (int i = 0; i < output.Length / Channels; i++)
        {
            int index = header.Depth == 8 ? row[i] : Packed(row, i);
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
