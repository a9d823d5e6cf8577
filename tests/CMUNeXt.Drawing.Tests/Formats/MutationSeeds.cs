using BitMiracle.LibTiff.Classic;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests;
using CMUNeXt.Imaging.Tests.Formats;
using SkiaSharp;

namespace CMUNeXt.Drawing.Tests.Formats;

/// <summary>Sound files, at least one for each decoder and each part of it, with metadata where the format has any.</summary>
internal static class MutationSeeds
{
    // Made by cjpeg of libjpeg-turbo: 24 x 24, progressive, colors at half the size.
    private const string ProgressiveJpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ"
        + "4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAYABgDASIAAhEBAxEB/8QAGAABAQEBAQAA"
        + "AAAAAAAAAAAAAAQDBQL/xAAYAQADAQEAAAAAAAAAAAAAAAAAAgUDBv/aAAwDAQACEAMQAAAB4VO9IYOgel5pMeboD0v/xAAWEAADAAAAAAAAAAAAAAAAAAAAAQL/2g"
        + "AIAQEAAQUCUCgUCgUCgUCgUH//xAAZEQADAQEBAAAAAAAAAAAAAAAAAgMBESH/2gAIAQMBAT8BjYW3hFtFbeH/xAAXEQEBAQEAAAAAAAAAAAAAAAABABAR/9oACAEC"
        + "AQE/ARuxn//EABQQAQAAAAAAAAAAAAAAAAAAADD/2gAIAQEABj8CH//EABQQAQAAAAAAAAAAAAAAAAAAADD/2gAIAQEAAT8hGqqr/9oADAMBAAIAAwAAABCAAH3/xA"
        + "AUEQEAAAAAAAAAAAAAAAAAAAAg/9oACAEDAQE/EARZ/8QAFREBAQAAAAAAAAAAAAAAAAAAAAH/2gAIAQIBAT8QEKSv/8QAFhAAAwAAAAAAAAAAAAAAAAAAACEx/9oA"
        + "CAEBAAE/EJIkiSJIkiSJIkiSP//Z";

    // Made by Pillow.
    private const string Gif = "R0lGODdhBwAFAIEAAP///6qqqlVVVQAAACwAAAAABwAFAAAIFAAHCAgAQCBBgwUHJjyoEKHDgQEBADs=";

    public static IEnumerable<(string Name, byte[] File)> All()
    {
        int[] Samples(int channels, int values) => [.. SomeImage.Noise(20, 15, channels).Pixels.Select(v => v * 257 % values)];
        byte[] palette = SomeImage.Noise(256, 1, 3).Pixels;
        yield return ("png", ImageFile.EncodePng(SomeImage.Smooth(20, 15, 3)));
        yield return ("png-interlaced-16", PngBuilder.Image(20, 15, 16, 0, true, Samples(1, 65536)));
        yield return ("png-alpha-16", PngBuilder.Image(20, 15, 16, 6, false, [.. Samples(3, 65536), .. Samples(1, 65536)]));
        byte[] indexed = PngBuilder.Image(20, 15, 4, 3, false, Samples(1, 16), palette[..48]);
        byte[] exif = new PngBuilder().Chunk("eXIf", SkiaBuilder.Exif(6)).ToArray();
        yield return ("png-palette-exif", [.. indexed[..33], .. exif[8..], .. indexed[33..]]);

        yield return ("jpeg", SkiaBuilder.Jpeg(SomeImage.Smooth(20, 15, 3), 80));
        yield return ("jpeg-420", SkiaBuilder.Jpeg(SomeImage.Noise(20, 15, 3), 80, SKJpegEncoderDownsample.Downsample420));
        yield return ("jpeg-exif", SkiaBuilder.WithOrientation(SkiaBuilder.Jpeg(SomeImage.Smooth(20, 15, 1)), 5));
        yield return ("jpeg-progressive", Convert.FromBase64String(ProgressiveJpeg));

        byte[] grays = [.. Enumerable.Range(0, 256).SelectMany(v => new[] { (byte)v, (byte)v, (byte)v, (byte)0 })];
        yield return ("bmp", BmpBuilder.Image(20, 15, 24, [.. SomeImage.Noise(20, 15, 3).Pixels.Chunk(60)]));
        yield return ("bmp-palette", BmpBuilder.Image(20, 15, 8, [.. SomeImage.Noise(20, 15, 1).Pixels.Chunk(20)], grays));
        yield return (
            "bmp-runs", BmpBuilder.Compressed(6, 3, 8, 1, [6, 7, 0, 0, 0, 3, 1, 2, 3, 0, 3, 9, 0, 0, 2, 5, 0, 4, 4, 3, 2, 1, 0, 1], grays));
        byte[] fields = [0, 0xF8, 0, 0, 0xE0, 7, 0, 0, 0x1F, 0, 0, 0];
        yield return ("bmp-fields", BmpBuilder.Compressed(6, 4, 16, 3, SomeImage.Noise(6, 8, 1).Pixels, fields));

        byte[] Tiff(Compression compression, string mode, bool tiled = false, int orientation = 1) => TiffBuilder.Image(
            20, 15, 8, 3, Photometric.RGB, SomeImage.Smooth(20, 15, 3).Pixels, compression, mode, tiled, orientation: orientation);
        yield return ("tiff", Tiff(Compression.NONE, "wl", orientation: 6));
        yield return ("tiff-lzw", Tiff(Compression.LZW, "wb"));
        yield return ("tiff-deflate-tiles", Tiff(Compression.ADOBE_DEFLATE, "wl", tiled: true));
        yield return ("tiff-packbits", Tiff(Compression.PACKBITS, "wl"));
        yield return ("tiff-jpeg", Tiff(Compression.JPEG, "wl", tiled: true));
        yield return ("bigtiff", Tiff(Compression.LZW, "wl8"));
        yield return ("tiff-fax", TiffBuilder.Image(
            16, 15, 1, 1, Photometric.MINISWHITE, SomeImage.Noise(2, 15, 1).Pixels, Compression.CCITTFAX4, "wl"));

        yield return ("webp", SkiaBuilder.LosslessWebP(SomeImage.Smooth(20, 15, 3)));
        yield return ("webp-lossy", SkiaBuilder.LossyWebP(SomeImage.Smooth(20, 15, 3)));
        yield return ("webp-exif", SkiaBuilder.WithOrientation(SkiaBuilder.LosslessWebP(SomeImage.Smooth(20, 15, 3)), 20, 15, 6));
        yield return ("gif", Convert.FromBase64String(Gif));
    }
}
