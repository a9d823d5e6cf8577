using BitMiracle.LibJpeg.Classic;

namespace CMUNeXt.Imaging.Formats;

/// <summary>The components of a JPEG to RGB, in libjpeg's arithmetic of 16 bits behind the point.</summary>
internal static class JpegColors
{
    private const int Half = 1 << 15;

    /// <summary>Enlarges three or four components to the image's size and converts them.</summary>
    public static byte[] ToRgb(JpegPlane[] planes, int width, int height, J_COLOR_SPACE space)
    {
        byte[] pixels = new byte[(long)width * height * 3];
        int widest = planes.Max(static plane => plane.Width * plane.ShrunkAcross);
        byte[][] rows = [.. planes.Select(_ => new byte[widest])];
        int[] sums = new int[widest];
        for (int y = 0; y < height; y++)
        {
            for (int i = 0; i < planes.Length; i++)
            {
                JpegUpsampling.Row(planes[i], y, sums, rows[i]);
            }

            Span<byte> rgb = pixels.AsSpan(y * width * 3, width * 3);
            if (space is J_COLOR_SPACE.JCS_YCbCr or J_COLOR_SPACE.JCS_YCCK)
            {
                FromLuminance(rows[0], rows[1], rows[2], rgb);
            }
            else
            {
                Interleave(rows, rgb);
            }

            if (space == J_COLOR_SPACE.JCS_YCCK)
            {
                // Cyan, magenta and yellow are what red, green and blue lack.
                foreach (ref byte value in rgb)
                {
                    value = (byte)(byte.MaxValue - value);
                }
            }

            if (space is J_COLOR_SPACE.JCS_YCCK or J_COLOR_SPACE.JCS_CMYK)
            {
                Darken(rgb, rows[3]);
            }
        }

        return pixels;
    }

    private static void FromLuminance(ReadOnlySpan<byte> luminance, ReadOnlySpan<byte> blue, ReadOnlySpan<byte> red, Span<byte> rgb)
    {
        for (int x = 0; x < rgb.Length / 3; x++)
        {
            int y = luminance[x];
            int cb = blue[x] - 128;
            int cr = red[x] - 128;
            rgb[3 * x] = Clamp(y + (((91881 * cr) + Half) >> 16));
            rgb[(3 * x) + 1] = Clamp(y + (((-22554 * cb) - (46802 * cr) + Half) >> 16));
            rgb[(3 * x) + 2] = Clamp(y + (((116130 * cb) + Half) >> 16));
        }
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, byte.MaxValue);

    private static void Interleave(byte[][] rows, Span<byte> rgb)
    {
        for (int x = 0; x < rgb.Length / 3; x++)
        {
            rgb[3 * x] = rows[0][x];
            rgb[(3 * x) + 1] = rows[1][x];
            rgb[(3 * x) + 2] = rows[2][x];
        }
    }

    // Programs store the four printing colors inverted, and so they are here: 255 is no ink. As OpenCV does it.
    private static void Darken(Span<byte> rgb, ReadOnlySpan<byte> black)
    {
        for (int i = 0; i < rgb.Length; i++)
        {
            int k = black[i / 3];
            rgb[i] = (byte)(k - (((255 - rgb[i]) * k) >> 8));
        }
    }
}
