using System.Buffers.Binary;

using CMUNeXt.Images;

using SkiaSharp;

namespace CMUNeXt.Imaging.Tests.Formats;

/// <summary>Writes JPEG and WebP files with Skia.</summary>
internal static class SkiaBuilder
{
    public static byte[] Jpeg(Image image, int quality = 95, SKJpegEncoderDownsample colors = SKJpegEncoderDownsample.Downsample444)
    {
        using SKPixmapOwner pixels = new(image, null);
        using SKData? data = pixels.Pixmap.Encode(new SKJpegEncoderOptions(quality, colors, SKJpegEncoderAlphaOption.Ignore));
        return data!.ToArray();
    }

    public static byte[] LosslessWebP(Image image, byte[]? alpha = null)
    {
        using SKPixmapOwner pixels = new(image, alpha);
        using SKData? data = pixels.Pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 75));
        return data!.ToArray();
    }

    public static byte[] LossyWebP(Image image)
    {
        using SKPixmapOwner pixels = new(image, null);
        using SKData? data = pixels.Pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, 75));
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

    /// <summary>Turns a plain WebP file, with sides of at most 256, into an extended one that holds an orientation.</summary>
    public static byte[] WithOrientation(byte[] webp, int width, int height, int orientation)
    {
        // VP8X with the flag of Exif and the size less one, the image, the Exif data.
        byte[] exif = Exif(orientation);
        byte[] chunks =
        [
            .. "WEBPVP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0, (byte)(width - 1), 0, 0, (byte)(height - 1), 0, 0,
            .. webp[12..], .. "EXIF"u8, (byte)exif.Length, 0, 0, 0, .. exif,
        ];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(chunks.Length), .. chunks];
    }

    /// <summary>Exif data that holds an orientation alone.</summary>
    public static byte[] Exif(int orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    private sealed class SKPixmapOwner : IDisposable
    {
        private readonly SKBitmap bitmap;

        public SKPixmapOwner(Image image, byte[]? alpha)
        {
            bool gray = image.Channels == 1;
            bitmap = new SKBitmap(new SKImageInfo(
                image.Width,
                image.Height,
                gray ? SKColorType.Gray8 : SKColorType.Rgba8888,
                gray || alpha is null ? SKAlphaType.Opaque : SKAlphaType.Unpremul));
            Span<byte> target = bitmap.GetPixelSpan();
            for (int y = 0; y < image.Height; y++)
            {
                for (int x = 0; x < image.Width; x++)
                {
                    int i = (y * image.Width) + x;
                    if (gray)
                    {
                        target[(y * bitmap.RowBytes) + x] = image.Pixels[i];
                        continue;
                    }

                    Span<byte> pixel = target.Slice((y * bitmap.RowBytes) + (4 * x), 4);
                    image.Pixels.AsSpan(3 * i, 3).CopyTo(pixel);
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
