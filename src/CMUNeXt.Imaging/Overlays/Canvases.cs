using CMUNeXt.Pictures;

using SkiaSharp;

namespace CMUNeXt.Imaging.Overlays;

/// <summary>Pictures to Skia's bitmaps and back; values that are not drawn over come back as they were.</summary>
internal static class Canvases
{
    /// <summary>An opaque colour bitmap that shows a picture.</summary>
    public static SKBitmap From(Picture picture)
    {
        SKBitmap bitmap = new(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> target = bitmap.GetPixelSpan();
        for (int y = 0; y < bitmap.Height; y++)
        {
            Span<byte> row = target.Slice(y * bitmap.RowBytes, bitmap.Width * 4);
            for (int x = 0; x < bitmap.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    row[(4 * x) + c] = picture.Pixels[(((y * picture.Width) + x) * picture.Channels) + (picture.Channels == 1 ? 0 : c)];
                }

                row[(4 * x) + 3] = byte.MaxValue;
            }
        }

        return bitmap;
    }

    /// <summary>The colours of an opaque bitmap made by <see cref="From"/>.</summary>
    public static Picture ToPicture(SKBitmap bitmap)
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

        return new Picture(bitmap.Width, bitmap.Height, 3, pixels);
    }
}
