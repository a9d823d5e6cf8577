using System.Runtime.InteropServices;

using CMUNeXt.Images;
using CMUNeXt.Imaging;

using SkiaSharp;

namespace CMUNeXt.Drawing.Formats;

/// <summary>
/// The formats that have no managed decoder: Skia's, without color management, and with alpha not multiplied into the colors.
/// <see cref="Register"/> lets everything read them.
/// </summary>
public sealed class SkiaDecoder : ImageDecoder
{
    private readonly Func<ReadOnlyMemory<byte>, bool> recognizes;

    private readonly Func<ReadOnlyMemory<byte>, int> countFrames;

    private SkiaDecoder(
        ImageFormat format, Func<ReadOnlyMemory<byte>, bool> recognizes, Func<ReadOnlyMemory<byte>, int> countFrames)
    {
        Format = format;
        this.recognizes = recognizes;
        this.countFrames = countFrames;
    }

    /// <summary>WebP, with or without loss.</summary>
    public static ImageDecoder WebP { get; } = new SkiaDecoder(
        ImageFormat.WebP,
        static file => file.Length >= 12 && file.Span.StartsWith("RIFF"u8) && file.Span[8..].StartsWith("WEBP"u8),
        FrameCount.OfWebP);

    /// <summary>GIF of one frame.</summary>
    public static ImageDecoder Gif { get; } = new SkiaDecoder(
        ImageFormat.Gif, static file => file.Span.StartsWith("GIF87a"u8) || file.Span.StartsWith("GIF89a"u8), FrameCount.OfGif);

    /// <inheritdoc/>
    public override ImageFormat Format { get; }

    /// <summary>Adds WebP and GIF to what <see cref="ImageFile"/> reads.</summary>
    public static void Register()
    {
        ImageFile.Add(WebP);
        ImageFile.Add(Gif);
    }

    /// <inheritdoc/>
    public override bool Recognizes(ReadOnlyMemory<byte> file) => recognizes(file);

    /// <inheritdoc/>
    public override EncodedImage Open(ReadOnlyMemory<byte> file)
    {
        int frames = Math.Max(1, countFrames(file));
        using SKData data = SKData.CreateCopy(file.Span);
        SKCodec codec = SKCodec.Create(data)
            ?? throw new InvalidDataException($"a damaged {Format}: copy it again from its source, or convert it to PNG");
        PixelLayout layout = Format == ImageFormat.Gif ? PixelLayout.Palette
            : codec.Info.AlphaType == SKAlphaType.Opaque ? PixelLayout.Rgb
            : PixelLayout.Rgba;
        ImageInfo info = new(Format, codec.Info.Width, codec.Info.Height, layout, 8, frames);
        return new Encoded(codec, info);
    }

    private sealed class Encoded(SKCodec codec, ImageInfo stored) : EncodedImage(stored, (int)codec.EncodedOrigin)
    {
        protected override Image Read(ImageLimits limits, bool gray)
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
                    ? $"the {Info.Format} ends too early: copy the file again from its source"
                    : $"a damaged {Info.Format} ({result}): copy it again from its source, or convert it to PNG");
            }

            byte[] pixels = new byte[width * height * 3];
            bool alphaVaries = false;
            for (int i = 0; i < width * height; i++)
            {
                decoded.AsSpan(4 * i, 3).CopyTo(pixels.AsSpan(3 * i));
                alphaVaries |= decoded[(4 * i) + 3] != decoded[3];
            }

            HasAlpha(alphaVaries);
            return new Image(width, height, 3, pixels);
        }

        protected override void Dispose(bool disposing)
        {
            codec.Dispose();
            base.Dispose(disposing);
        }
    }
}
