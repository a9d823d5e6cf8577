using System.Buffers.Binary;

namespace CMUNeXt.Imaging.Tests.Formats;

/// <summary>Writes BMP files.</summary>
internal static class BmpBuilder
{
    /// <summary>
    /// An image from its rows, top first, each row already in stored form (indices, or blue, green, red, and perhaps alpha).
    /// </summary>
    public static byte[] Image(int width, int height, int bits, byte[][] rows, byte[]? palette = null)
    {
        palette ??= [];
        int stride = ((width * bits) + 31) / 32 * 4;
        int start = 54 + palette.Length;
        byte[] file = new byte[start + (stride * rows.Length)];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), start);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        file[26] = 1;
        file[28] = (byte)bits;
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(46), palette.Length / 4);
        palette.CopyTo(file, 54);
        for (int y = 0; y < rows.Length; y++)
        {
            rows[rows.Length - 1 - y].CopyTo(file, start + (y * stride));
        }

        return file;
    }

    /// <summary>
    /// An image whose pixels are stored otherwise: the compression's number, and its data behind the palette or the masks.
    /// </summary>
    public static byte[] Compressed(int width, int height, int bits, int compression, byte[] data, byte[] paletteOrMasks)
    {
        byte[] file = [.. Image(width, height, bits, [], paletteOrMasks), .. data];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(30), compression);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(46), bits <= 8 ? paletteOrMasks.Length / 4 : 0);
        return file;
    }
}
