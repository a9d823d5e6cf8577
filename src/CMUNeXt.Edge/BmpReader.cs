using System.Buffers.Binary;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Edge;

/// <summary>Decodes Windows bitmaps without compression: palettes of 1, 4 and 8 bits, 24 and 32 bits.</summary>
internal static class BmpReader
{
    private const uint Uncompressed = 0;
    private const uint Masks = 3;

    /// <summary>Decodes a file; a palette of greys gives one channel.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="checkSize">Throws where width and height, as the header has them, are not acceptable.</param>
    /// <exception cref="InvalidDataException">It is damaged, of a kind that is not read, or its size is not acceptable.</exception>
    public static Image Read(ReadOnlySpan<byte> file, Action<long, long> checkSize)
    {
        (PixelLayout layout, _) = BmpHeader.Read(file);
        long start = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        long headerSize = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        bool old = headerSize == 12;
        int width = old ? BinaryPrimitives.ReadUInt16LittleEndian(file[18..]) : BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        int signedHeight = old ? BinaryPrimitives.ReadUInt16LittleEndian(file[20..]) : BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        long height = Math.Abs((long)signedHeight);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(file[(old ? 24 : 28)..]);
        uint compression = old ? Uncompressed : BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        if (width <= 0 || height == 0)
        {
            throw new InvalidDataException($"a damaged BMP: its header says {width} x {height}");
        }

        bool usual = compression == Uncompressed ? bits is 1 or 4 or 8 or 24 or 32 : compression == Masks && bits == 32 && HasUsualMasks(file);
        if (!usual)
        {
            throw new InvalidDataException($"a BMP of {bits} bits with compression {compression}, which is not read: convert it to PNG");
        }

        checkSize(width, height);
        long stride = (((long)width * bits) + 31) / 32 * 4;
        if (start < 14 + headerSize || start + (stride * height) > file.Length)
        {
            throw new InvalidDataException("the BMP ends too early: copy the file again from its source");
        }

        int channels = layout == PixelLayout.Grey ? 1 : 3;
        byte[] pixels = new byte[width * height * channels];
        for (int y = 0; y < height; y++)
        {
            // Rows are stored from the bottom, unless the height is negative.
            long row = signedHeight > 0 ? height - 1 - y : y;
            ReadOnlySpan<byte> source = file.Slice((int)(start + (row * stride)), (int)stride);
            Span<byte> target = pixels.AsSpan(y * width * channels, width * channels);
            if (bits > 8)
            {
                ReadColours(source, bits / 8, target);
            }
            else
            {
                ReadIndices(source, bits, file[(int)(14 + headerSize)..(int)start], old ? 3 : 4, channels, target);
            }
        }

        return new Image(width, (int)height, channels, pixels);
    }

    private static bool HasUsualMasks(ReadOnlySpan<byte> file) =>
        file.Length >= 66
        && BinaryPrimitives.ReadUInt32LittleEndian(file[54..]) == 0xFF0000
        && BinaryPrimitives.ReadUInt32LittleEndian(file[58..]) == 0xFF00
        && BinaryPrimitives.ReadUInt32LittleEndian(file[62..]) == 0xFF;

    // Blue stands first.
    private static void ReadColours(ReadOnlySpan<byte> source, int step, Span<byte> target)
    {
        for (int i = 0, from = 0; i < target.Length; i += 3, from += step)
        {
            target[i] = source[from + 2];
            target[i + 1] = source[from + 1];
            target[i + 2] = source[from];
        }
    }

    private static void ReadIndices(ReadOnlySpan<byte> source, int bits, ReadOnlySpan<byte> palette, int step, int channels, Span<byte> target)
    {
        for (int x = 0; x < target.Length / channels; x++)
        {
            int bit = x * bits;
            int place = ((source[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1)) * step;
            if (place + 2 >= palette.Length)
            {
                throw new InvalidDataException("a damaged BMP: a pixel has a colour that its palette does not hold");
            }

            for (int c = 0; c < channels; c++)
            {
                target[(x * channels) + c] = palette[place + 2 - c];
            }
        }
    }
}
