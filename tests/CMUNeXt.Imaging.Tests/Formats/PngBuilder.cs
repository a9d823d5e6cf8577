using System.Buffers.Binary;
using System.IO.Compression;

namespace CMUNeXt.Imaging.Tests.Formats;

/// <summary>Writes PNG files of every kind, sound or not, chunk by chunk; the row filters take turns.</summary>
internal sealed class PngBuilder
{
    private readonly List<byte> file = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public byte[] ToArray() => [.. file];

    public PngBuilder Header(uint width, uint height, byte depth, byte colorType, bool interlaced = false)
    {
        byte[] data = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(data, width);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4), height);
        data[8] = depth;
        data[9] = colorType;
        data[12] = interlaced ? (byte)1 : (byte)0;
        return Chunk("IHDR", data);
    }

    public PngBuilder Chunk(string type, byte[] data)
    {
        byte[] named = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        byte[] number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.AddRange(number);
        file.AddRange(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(named));
        file.AddRange(number);
        return this;
    }

    public PngBuilder End() => Chunk("IEND", []);

    /// <summary>A whole image from its samples, height x width x samples.</summary>
    public static byte[] Image(int width, int height, byte depth, byte colorType, bool interlaced, int[] samples, byte[]? palette = null)
    {
        PngBuilder builder = new PngBuilder().Header((uint)width, (uint)height, depth, colorType, interlaced);
        if (palette is not null)
        {
            builder.Chunk("PLTE", palette);
        }

        byte[] pixels = Compress(Rows(width, height, depth, samples, interlaced));

        // In two chunks, as a reader must join them.
        int half = pixels.Length / 2;
        return builder.Chunk("IDAT", pixels[..half]).Chunk("IDAT", pixels[half..]).End().ToArray();
    }

    public static byte[] Compress(byte[] data)
    {
        using MemoryStream output = new();
        using (ZLibStream zlib = new(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(data);
        }

        return output.ToArray();
    }

    private static byte[] Rows(int width, int height, int depth, int[] samples, bool interlaced)
    {
        int perPixel = samples.Length / (width * height);
        (int, int, int, int)[] passes = interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        List<byte> output = [];
        foreach ((int x0, int y0, int stepX, int stepY) in passes)
        {
            byte[]? above = null;
            int filter = 0;
            for (int y = y0; y < height && x0 < width; y += stepY)
            {
                List<int> values = [];
                for (int x = x0; x < width; x += stepX)
                {
                    values.AddRange(samples[(((y * width) + x) * perPixel)..(((y * width) + x + 1) * perPixel)]);
                }

                byte[] row = Pack(values, depth);
                above ??= new byte[row.Length];
                output.Add((byte)filter);
                output.AddRange(Filter(filter, row, above, Math.Max(1, perPixel * depth / 8)));
                filter = (filter + 1) % 5;
                above = row;
            }
        }

        return [.. output];
    }

    private static byte[] Pack(List<int> values, int depth)
    {
        byte[] row = new byte[((values.Count * depth) + 7) / 8];
        int bit = 0;
        foreach (int value in values)
        {
            for (int i = depth - 1; i >= 0; i--, bit++)
            {
                row[bit / 8] |= (byte)(((value >> i) & 1) << (7 - (bit % 8)));
            }
        }

        return row;
    }

    private static byte[] Filter(int filter, byte[] row, byte[] above, int step)
    {
        byte[] filtered = new byte[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            int a = i >= step ? row[i - step] : 0;
            int b = above[i];
            int c = i >= step ? above[i - step] : 0;
            int p = a + b - c;
            int nearest = new[] { a, b, c }.OrderBy(v => Math.Abs(p - v)).First();
            filtered[i] = (byte)(row[i] - filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => nearest });
        }

        return filtered;
    }

    public static uint Checksum(byte[] data)
    {
        uint value = uint.MaxValue;
        foreach (byte b in data)
        {
            value ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value >> 1) ^ ((value & 1) * 0xEDB88320);
            }
        }

        return ~value;
    }
}
