using CMUNeXt.Images;

using SkiaSharp;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>Images to Skia's bitmaps and back; values that are not drawn over come back as they were.</summary>
internal static class Canvases
{
    /// <summary>An opaque colour bitmap that shows an image.</summary>
    public static SKBitmap From(Image image)
    {
        SKBitmap bitmap = new(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> target = bitmap.GetPixelSpan();
        for (int y = 0; y < bitmap.Height; y++)
        {
            Span<byte> row = target.Slice(y * bitmap.RowBytes, bitmap.Width * 4);
            for (int x = 0; x < bitmap.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    row[(4 * x) + c] = image.Pixels[(((y * image.Width) + x) * image.Channels) + (image.Channels == 1 ? 0 : c)];
                }

                row[(4 * x) + 3] = byte.MaxValue;
            }
        }

        return bitmap;
    }

    /// <summary>The colours of an opaque bitmap made by <see cref="From"/>.</summary>
    public static Image ToImage(SKBitmap bitmap)
    {
        byte[] pixels = new byte[bitmap.Width * bitmap.Height * 3];
        ReadOnlySpan<byte> source = bitmap.GetPixelSpan();
        for (int y = 0; y < bitmap.Height; y++)
        {
            ReadOnlySpan<byte> row = source.Slice(y * bitmap.RowBytes, bitmap.Width * 4);
            for (int x = 0; x < bitmap.Width; x++)
            {
                row.Slice(4 * x, 3).CopyTo(pixels.AsSpan(((y * bitmap.Width) + x) * 3));
            }
        }

        return new Image(bitmap.Width, bitmap.Height, 3, pixels);
    }
}
