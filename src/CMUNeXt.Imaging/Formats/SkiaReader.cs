using System.Runtime.InteropServices;

using CMUNeXt.Images;

using SkiaSharp;

namespace CMUNeXt.Imaging.Formats;

/// <summary>Decodes JPEG, BMP and WebP with Skia: without colour management, and with alpha not multiplied into the colours.</summary>
internal static class SkiaReader
{
    /// <summary>Opens a file by its header.</summary>
    /// <exception cref="InvalidDataException">The header is damaged.</exception>
    public static SKCodec Open(ReadOnlyMemory<byte> file, ImageFormat format)
    {
        using SKData data = SKData.CreateCopy(file.Span);
        return SKCodec.Create(data) ?? throw new InvalidDataException(
            $"a damaged {format} file, or one of a kind that is not read: copy it again from its source, or convert it to PNG");
    }

    /// <summary>Decodes the pixels, as stored: the orientation is not applied.</summary>
    /// <param name="codec">The opened file, whose size the caller has found acceptable.</param>
    /// <param name="format">The format, for messages.</param>
    /// <param name="grey">The stored form is grey.</param>
    /// <exception cref="InvalidDataException">The pixels are damaged or end too early.</exception>
    public static Image Read(SKCodec codec, ImageFormat format, bool grey)
    {
        int width = codec.Info.Width;
        int height = codec.Info.Height;
        bool greyCodec = codec.Info.ColorType == SKColorType.Gray8;
        SKAlphaType alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        SKImageInfo info = greyCodec
            ? new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque)
            : new SKImageInfo(width, height, SKColorType.Rgba8888, alpha);
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
                ? $"the {format} file ends too early: copy it again from its source"
                : $"a damaged {format} file ({result}): copy it again from its source, or convert it to PNG");
        }

        if (greyCodec)
        {
            return new Image(width, height, 1, decoded);
        }

        int channels = grey ? 1 : 3;
        byte[] pixels = new byte[width * height * channels];
        for (int i = 0; i < width * height; i++)
        {
            for (int c = 0; c < channels; c++)
            {
                pixels[(i * channels) + c] = decoded[(4 * i) + c];
            }
        }

        return new Image(width, height, channels, pixels);
    }
}
