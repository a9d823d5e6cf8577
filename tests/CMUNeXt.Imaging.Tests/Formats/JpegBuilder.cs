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
}
