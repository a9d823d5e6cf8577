using System.Buffers.Binary;

namespace CMUNeXt.Imaging.Formats;

/// <summary>What a BMP's header says about its pixels; grey BMPs are stored with a palette of greys.</summary>
internal static class BmpHeader
{
    /// <summary>The layout and the bits of a sample.</summary>
    /// <exception cref="InvalidDataException">The header or the palette ends too early.</exception>
    public static (PixelLayout Layout, int BitsPerSample) Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 54)
        {
            throw new InvalidDataException("the BMP ends too early: copy the file again from its source");
        }

        long headerSize = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        bool old = headerSize == 12;
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(file[(old ? 24 : 28)..]);
        if (bits > 8)
        {
            return (bits == 32 ? PixelLayout.Rgba : PixelLayout.Rgb, 8);
        }

        uint used = old ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file[46..]);
        long colours = used is 0 or > 256 ? 1L << bits : used;
        int size = old ? 3 : 4;
        long start = 14 + headerSize;
        if (start > file.Length - (colours * size))
        {
            throw new InvalidDataException("the BMP ends too early: copy the file again from its source");
        }

        ReadOnlySpan<byte> palette = file.Slice((int)start, (int)colours * size);
        for (int i = 0; i < palette.Length; i += size)
        {
            if (palette[i] != palette[i + 1] || palette[i] != palette[i + 2])
            {
                return (PixelLayout.Palette, bits);
            }
        }

        return (PixelLayout.Grey, bits);
    }
}
