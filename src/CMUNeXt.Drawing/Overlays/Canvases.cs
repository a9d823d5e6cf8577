using System.Runtime.InteropServices;
using CMUNeXt.Images;

using SkiaSharp;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>Images to Skia's bitmaps and back; values that are not drawn over come back as they were.</summary>
internal static class Canvases
{
    // Red comes first in memory, so it is the lowest byte.
    private const uint Opaque = 0xff000000;
    private const uint GrayStep = 0x010101;

    /// <summary>An opaque color bitmap that shows an image.</summary>
    public static SKBitmap From(Image image)
    {
        SKBitmap bitmap = new(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> target = bitmap.GetPixelSpan();
        int stride = bitmap.RowBytes;
        int length = image.Width * image.Channels;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> source = image.Pixels.AsSpan(y * length, length);
            Span<uint> row = MemoryMarshal.Cast<byte, uint>(target.Slice(y * stride, 4 * image.Width));
            if (image.Channels == 1)
            {
                for (int x = 0; x < row.Length; x++)
                {
                    row[x] = Opaque | (source[x] * GrayStep);
                }
            }
            else
            {
                for (int x = 0, i = 0; x < row.Length; x++, i += 3)
                {
                    row[x] = Opaque | ((uint)source[i + 2] << 16) | ((uint)source[i + 1] << 8) | source[i];
                }
            }
        }

        return bitmap;
    }

    /// <summary>The colors of an opaque bitmap made by <see cref="From"/>.</summary>
    public static Image ToImage(SKBitmap bitmap)
    {
        (int width, int height, int stride) = (bitmap.Width, bitmap.Height, bitmap.RowBytes);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * 3);
        ReadOnlySpan<byte> source = bitmap.GetPixelSpan();
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<uint> row = MemoryMarshal.Cast<byte, uint>(source.Slice(y * stride, 4 * width));
            Span<byte> target = pixels.AsSpan(y * width * 3, width * 3);
            for (int x = 0, i = 0; x < row.Length; x++, i += 3)
            {
                uint pixel = row[x];
                target[i] = (byte)pixel;
                target[i + 1] = (byte)(pixel >> 8);
                target[i + 2] = (byte)(pixel >> 16);
            }
        }

        return new Image(width, height, 3, pixels);
    }
}
