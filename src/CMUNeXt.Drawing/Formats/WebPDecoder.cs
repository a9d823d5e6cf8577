using System.Runtime.InteropServices;

using CMUNeXt.Imaging;
using CMUNeXt.Images;

using SkiaSharp;

namespace CMUNeXt.Drawing.Formats;

/// <summary>
/// WebP, which has no managed decoder: Skia's, without color management, and with alpha not multiplied into the colors.
/// <c>ImageFile.Add(new WebPDecoder())</c> lets everything read it.
/// </summary>
public sealed class WebPDecoder : ImageDecoder
{
    /// <inheritdoc/>
    public override ImageFormat Format => ImageFormat.WebP;

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8);

    /// <inheritdoc/>
    public override EncodedImage Open(ReadOnlyMemory<byte> file)
    {
        using SKData data = SKData.CreateCopy(file.Span);
        SKCodec codec = SKCodec.Create(data)
            ?? throw new InvalidDataException("a damaged WebP: copy it again from its source, or convert it to PNG");
        PixelLayout layout = codec.Info.AlphaType == SKAlphaType.Opaque ? PixelLayout.Rgb : PixelLayout.Rgba;
        ImageInfo info = new(Format, codec.Info.Width, codec.Info.Height, layout, 8, Math.Max(1, codec.FrameCount));
        return new Encoded(codec, info);
    }

    private sealed class Encoded(SKCodec codec, ImageInfo stored) : EncodedImage(stored, (int)codec.EncodedOrigin)
    {
        protected override Image Read(ImageLimits limits, bool grey)
        {
            int width = codec.Info.Width;
            int height = codec.Info.Height;
            SKAlphaType alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
            SKImageInfo info = new(width, height, SKColorType.Rgba8888, alpha);
            byte[] decoded = new byte[info.BytesSize64];
            SKCodecResult result;
            GCHandle pinned = GCHandle.Alloc(decoded, GCHandleType.Pinned);
            try
            {
                result = codec.GetPixels(info, pinned.AddrOfPinnedObject());
            }
            finally
            {
                pinned.Free();
            }

            if (result != SKCodecResult.Success)
            {
                throw new InvalidDataException(result == SKCodecResult.IncompleteInput
                    ? "the WebP ends too early: copy the file again from its source"
                    : $"a damaged WebP ({result}): copy it again from its source, or convert it to PNG");
            }

            byte[] pixels = new byte[width * height * 3];
            for (int i = 0; i < width * height; i++)
            {
                decoded.AsSpan(4 * i, 3).CopyTo(pixels.AsSpan(3 * i));
            }

            return new Image(width, height, 3, pixels);
        }

        protected override void Dispose(bool disposing)
        {
            codec.Dispose();
            base.Dispose(disposing);
        }
    }
}
