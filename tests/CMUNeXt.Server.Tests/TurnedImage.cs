using CMUNeXt.Drawing.Formats;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests.Formats;

namespace CMUNeXt.Server.Tests;

/// <summary>An image of 64 x 48 that its file turns, where Chromium does not look unless it is a JPEG.</summary>
internal static class TurnedImage
{
    private const int Signature = 8;
    private const int EndChunk = 12;

    static TurnedImage() => SkiaDecoder.Register();

    /// <summary>A JPEG.</summary>
    public static byte[] Jpeg(int orientation) =>
        SkiaBuilder.WithOrientation(SkiaBuilder.Jpeg(ImageFile.Decode(RunningServer.SmallImage(1))), orientation);

    /// <summary>A WebP.</summary>
    public static byte[] WebP(int orientation)
    {
        Image stored = ImageFile.Decode(RunningServer.SmallImage(1));
        return SkiaBuilder.WithOrientation(SkiaBuilder.LosslessWebP(stored), stored.Width, stored.Height, orientation);
    }

    /// <summary>A PNG that says so behind its pixels.</summary>
    public static byte[] Png(int orientation)
    {
        byte[] png = RunningServer.SmallImage(1);
        byte[] exif = new PngBuilder().Chunk("eXIf", SkiaBuilder.Exif(orientation)).ToArray();
        return [.. png[..^EndChunk], .. exif[Signature..], .. png[^EndChunk..]];
    }
}
