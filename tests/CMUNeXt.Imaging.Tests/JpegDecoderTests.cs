using CMUNeXt.Images;
using CMUNeXt.Imaging.Tests.Formats;

using SkiaSharp;

namespace CMUNeXt.Imaging.Tests;

public sealed class JpegDecoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Jpeg_keeps_its_channels(int channels)
    {
        Image expected = SomeImage.Smooth(40, 30, channels);
        byte[] file = SkiaBuilder.Jpeg(expected);
        Close.To(expected, ImageFile.Decode(file, "test.jpg"), 4);
        Assert.Equal(
            new ImageInfo(ImageFormat.Jpeg, 40, 30, channels == 1 ? PixelLayout.Gray : PixelLayout.Rgb, 8, 1),
            ImageFile.Identify(file, "test.jpg"));
    }

    [Theory]
    [MemberData(nameof(Upright.Orientations), MemberType = typeof(Upright))]
    public void Jpeg_is_shown_upright(int orientation, string firstRowThenColumn)
    {
        Image stored = SomeImage.Smooth(40, 30, 3);
        Image expected = Upright.Of(stored, firstRowThenColumn);
        byte[] file = SkiaBuilder.WithOrientation(SkiaBuilder.Jpeg(stored), orientation);
        Close.To(expected, ImageFile.Decode(file, "test.jpg"), 4);
        ImageInfo info = ImageFile.Identify(file, "test.jpg");
        Assert.Equal((expected.Width, expected.Height, orientation), (info.Width, info.Height, info.Orientation));
    }

    // Widths and heights at, beside and between the borders of blocks; colors in full, at half the width, and at half of both.
    [Theory]
    [InlineData(1, SKJpegEncoderDownsample.Downsample444)]
    [InlineData(3, SKJpegEncoderDownsample.Downsample444)]
    [InlineData(3, SKJpegEncoderDownsample.Downsample422)]
    [InlineData(3, SKJpegEncoderDownsample.Downsample420)]
    public void The_pixels_are_those_of_libjpeg_turbo(int channels, SKJpegEncoderDownsample colors)
    {
        foreach ((int width, int height) in new[]
        {
            (1, 1), (2, 3), (3, 2), (4, 4), (5, 1), (8, 16), (16, 8), (17, 15), (33, 31), (61, 43), (130, 7),
        })
        {
            foreach (int quality in new[] { 30, 75, 100 })
            {
                SkiaOracle.Same(SkiaBuilder.Jpeg(SomeImage.Noise(width, height, channels), quality, colors));
                SkiaOracle.Same(SkiaBuilder.Jpeg(SomeImage.Smooth(width, height, channels), quality, colors));
            }
        }
    }

    // What is not halved, once or both ways, is repeated.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    [InlineData(2, 4)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    public void Colors_shrunk_by_any_number_are_enlarged_as_by_libjpeg_turbo(int across, int down) =>
        SkiaOracle.Same(JpegBuilder.TwoColors(across, down));

    // What libjpeg patches with a warning, and what it merely remarks.
    [Fact]
    public void What_the_decoder_has_to_make_up_is_refused()
    {
        byte[] file = SkiaBuilder.Jpeg(SomeImage.Noise(160, 120, 1), 75);
        int pixels = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) + 10;
        int middle = (pixels + file.Length) / 2;
        byte[] zeros = [.. file];
        zeros.AsSpan(middle, 256).Clear();
        BadFile.Expect([.. file[..middle], 0xFF, 0xD9], "a damaged JPEG");
        BadFile.Expect(file[..middle], "a damaged JPEG");
        BadFile.Expect([.. file[..middle], .. file], "a damaged JPEG");
        BadFile.Expect([.. file[..middle], .. file[(middle + 100)..]], "a damaged JPEG");
        BadFile.Expect(zeros, "a damaged JPEG");
    }

    // Each scan costs as much time as the image is large, and hardly a byte.
    [Fact]
    public void More_scans_than_any_encoder_writes_are_refused()
    {
        Assert.All(ImageFile.Decode(JpegBuilder.Progressive(100), "test.jpg").Pixels, static value => Assert.Equal(128, value));
        BadFile.Expect(JpegBuilder.Progressive(101), "a JPEG of more than 100 scans");
    }

    [Fact]
    public void What_lacks_or_has_too_much_at_its_end_alone_is_read()
    {
        byte[] file = SkiaBuilder.Jpeg(SomeImage.Noise(40, 30, 3));
        byte[] expected = ImageFile.Decode(file, "test.jpg").Pixels;
        byte[][] variants = [file[..^2], file[..^1], [.. file, .. "<html>"u8], [.. file[..^2], 1, 2, 3, 4, .. file[^2..]],
            [.. file[..^2], 0xFF, .. file[^2..]]];
        Assert.All(variants, variant => Assert.Equal(expected, ImageFile.Decode(variant, "test.jpg").Pixels));
    }
}
