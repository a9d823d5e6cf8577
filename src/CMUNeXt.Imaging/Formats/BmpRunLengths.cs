namespace CMUNeXt.Imaging.Formats;

/// <summary>The run lengths of BMP (RLE4 and RLE8): pairs of a count and a value, a count of 0 being an escape.</summary>
internal static class BmpRunLengths
{
    private const byte EndOfRow = 0;
    private const byte EndOfImage = 1;
    private const byte Skip = 2;

    /// <summary>Decodes to one index a pixel, the stored order of rows; pixels that are passed over have index 0.</summary>
    /// <param name="data">The compressed pixels.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="bits">The bits of an index, 4 or 8.</param>
    /// <exception cref="InvalidDataException">They end too early, or lead out of the image.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> data, int width, int height, int bits)
    {
        // Two bytes are 255 pixels at most, so a larger promise is a lie that need not be allocated for.
        if ((long)width * height > data.Length * 128L)
        {
            throw BmpHeader.Truncated();
        }

        byte[] indices = new byte[width * height];
        int x = 0;
        int y = 0;
        int at = 0;
        while (y < height && !(y == height - 1 && x == width))
        {
            int count = Next(data, ref at);
            byte value = Next(data, ref at);
            if (count > 0)
            {
                Span<byte> run = Room(indices, width, x, y, count);
                for (int i = 0; i < count; i++)
                {
                    run[i] = bits == 8 ? value : Nibble(value, i);
                }

                x += count;
            }
            else if (value == EndOfRow)
            {
                (x, y) = (0, y + 1);
            }
            else if (value == EndOfImage)
            {
                break;
            }
            else if (value == Skip)
            {
                x += Next(data, ref at);
                y += Next(data, ref at);
            }
            else
            {
                Span<byte> run = Room(indices, width, x, y, value);
                int bytes = bits == 8 ? value : (value + 1) / 2;
                for (int i = 0; i < bytes; i++)
                {
                    byte next = Next(data, ref at);
                    if (bits == 8)
                    {
                        run[i] = next;
                        continue;
                    }

                    run[2 * i] = Nibble(next, 0);
                    if ((2 * i) + 1 < run.Length)
                    {
                        run[(2 * i) + 1] = Nibble(next, 1);
                    }
                }

                x += value;

                // Runs begin at even places.
                at += bytes & 1;
            }
        }

        return indices;
    }

    private static byte Nibble(byte pair, int index) => (byte)((index & 1) == 0 ? pair >> 4 : pair & 15);

    private static byte Next(ReadOnlySpan<byte> data, ref int at) => at < data.Length ? data[at++] : throw BmpHeader.Truncated();

    private static Span<byte> Room(byte[] indices, int width, int x, int y, int count) =>
        x + count <= width
            ? indices.AsSpan((y * width) + x, count)
            : throw new InvalidDataException("a damaged BMP: a row is longer than the image is wide");
}
