using System.Buffers.Binary;

using CMUNeXt.Pictures;

using SkiaSharp;

namespace CMUNeXt.Imaging.Tests.Formats;

/// <summary>Writes JPEG and WebP files with Skia.</summary>
internal static class SkiaBuilder
{
    public static byte[] Jpeg(Picture picture)
    {
        using SKPixmapOwner pixels = new(picture, null);
        using SKData? data = pixels.Pixmap.Encode(new SKJpegEncoderOptions(95, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore));
        return data!.ToArray();
    }

    public static byte[] LosslessWebP(Picture picture, byte[]? alpha = null)
    {
        using SKPixmapOwner pixels = new(picture, alpha);
        using SKData? data = pixels.Pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 75));
        return data!.ToArray();
    }

    /// <summary>Puts an Exif segment that holds an orientation into a JPEG file.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif = [.. "Exif\0\0"u8, .. Exif(orientation)];
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(exif.Length + 2));
        return [0xFF, 0xD8, 0xFF, 0xE1, .. length, .. exif, .. jpeg[2..]];
    }

    /// <summary>Exif data that holds an orientation alone.</summary>
    public static byte[] Exif(int orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    private sealed class SKPixmapOwner : IDisposable
    {
        private readonly SKBitmap bitmap;

        public SKPixmapOwner(Picture picture, byte[]? alpha)
        {
            bool grey = picture.Channels == 1;
            bitmap = new SKBitmap(new SKImageInfo(
                picture.Width,
                picture.Height,
                grey ? SKColorType.Gray8 : SKColorType.Rgba8888,
                grey || alpha is null ? SKAlphaType.Opaque : SKAlphaType.Unpremul));
            Span<byte> target = bitmap.GetPixelSpan();
            for (int y = 0; y < picture.Height; y++)
            {
                for (int x = 0; x < picture.Width; x++)
                {
                    int i = (y * picture.Width) + x;
                    if (grey)
                    {
                        target[(y * bitmap.RowBytes) + x] = picture.Pixels[i];
                        continue;
                    }

                    Span<byte> pixel = target.Slice((y * bitmap.RowBytes) + (4 * x), 4);
                    picture.Pixels.AsSpan(3 * i, 3).CopyTo(pixel);
                    pixel[3] = alpha?[i] ?? 255;
                }
            }

            Pixmap = bitmap.PeekPixels();
        }

        public SKPixmap Pixmap { get; }

        public void Dispose()
        {
            Pixmap.Dispose();
            bitmap.Dispose();
        }
    }
}
