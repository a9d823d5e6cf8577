using CMUNeXt.Images;

using SkiaSharp;

namespace CMUNeXt.Imaging.Tests;

/// <summary>Skia's decoders, which are libjpeg-turbo for JPEG: the oracle of ours.</summary>
internal static class SkiaOracle
{
    /// <summary>Our pixels must be Skia's to the bit; of a gray image, Skia's red.</summary>
    public static void Same(byte[] file)
    {
        Image actual = ImageFile.Decode(file, "the file");
        using SKData data = SKData.CreateCopy(file);
        using SKCodec codec = SKCodec.Create(data);
        SKImageInfo info = new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using SKBitmap expected = new(info);
        Assert.Equal(SKCodecResult.Success, codec.GetPixels(info, expected.GetPixels()));
        Assert.Equal((info.Width, info.Height), (actual.Width, actual.Height));
        byte[] pixels = [.. expected.GetPixelSpan().ToArray().Chunk(4).SelectMany(rgba => rgba[..actual.Channels])];
        Assert.Equal(pixels, actual.Pixels);
    }
}
