namespace CMUNeXt.Imaging.Tests.Formats;

/// <summary>Writes JPEG files that no encoder writes.</summary>
internal static class JpegBuilder
{
    public const int Side = 64;

    /// <summary>A progressive image of one gray, 128: each scan but the first says once more that there is nothing to add.</summary>
    public static byte[] Progressive(int scans)
    {
        // One code, a bit of 0, and its value: of the means no difference, of the rest the end of a block.
        byte[] codes = [1, .. new byte[15], 0];
        byte[] blocks = new byte[Side / 8 * Side / 8 / 8];
        List<byte> file =
        [
            0xFF, 0xD8,
            0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64),
            0xFF, 0xC2, 0, 11, 8, 0, Side, 0, Side, 1, 1, 0x11, 0,
            0xFF, 0xC4, 0, 20, 0x00, .. codes,
            0xFF, 0xC4, 0, 20, 0x10, .. codes,
        ];
        for (int scan = 0; scan < scans; scan++)
        {
            file.AddRange([0xFF, 0xDA, 0, 8, 1, 1, 0, .. scan == 0 ? (byte[])[0, 0] : [1, 63], 0, .. blocks]);
        }

        return [.. file, 0xFF, 0xD9];
    }

    /// <summary>An image of one luminance whose left half has one color, and whose right half has another.</summary>
    /// <param name="across">By what number the colors are shrunk across.</param>
    /// <param name="down">By what number they are shrunk down.</param>
    public static byte[] TwoColors(int across, int down)
    {
        // 0 is no difference of the mean, and in the other table the end of a block; 10 is a difference of six bits: 40, then -60.
        string luminance = new('0', 2 * across * down);
        string bits = $"{luminance}101010000101010000{luminance}100000110100000110";
        byte[] blocks =
        [
            .. bits.PadRight((bits.Length + 7) / 8 * 8, '1').Chunk(8).Select(static eight => Convert.ToByte(new string(eight), 2)),
        ];
        return
        [
            0xFF, 0xD8,
            0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64),
            0xFF, 0xC0, 0, 17, 8, 0, (byte)(8 * down), 0, (byte)(16 * across), 3,
            1, (byte)((16 * across) + down), 0, 2, 0x11, 0, 3, 0x11, 0,
            0xFF, 0xC4, 0, 21, 0x00, 1, 1, .. new byte[14], 0, 6,
            0xFF, 0xC4, 0, 20, 0x10, 1, .. new byte[15], 0,
            0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, .. blocks,
            0xFF, 0xD9,
        ];
    }
}
