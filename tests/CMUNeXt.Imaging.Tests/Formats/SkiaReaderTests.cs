using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests.Formats;

public sealed class SkiaReaderTests
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
            new ImageInfo(ImageFormat.Jpeg, 40, 30, channels == 1 ? PixelLayout.Grey : PixelLayout.Rgb, 8, 1),
            ImageFile.Identify(file, "test.jpg"));
    }

    // Where the first row and the first column of the stored image are shown, as the Exif standard has it.
    [Theory]
    [InlineData(1, "top left")]
    [InlineData(2, "top right")]
    [InlineData(3, "bottom right")]
    [InlineData(4, "bottom left")]
    [InlineData(5, "left top")]
    [InlineData(6, "right top")]
    [InlineData(7, "right bottom")]
    [InlineData(8, "left bottom")]
    public void Jpeg_is_shown_upright(int orientation, string firstRowThenColumn)
    {
        Image stored = SomeImage.Smooth(40, 30, 3);
        byte[] file = SkiaBuilder.WithOrientation(SkiaBuilder.Jpeg(stored), orientation);
        bool swap = firstRowThenColumn.StartsWith("left", StringComparison.Ordinal) || firstRowThenColumn.StartsWith("right", StringComparison.Ordinal);
        int width = swap ? 30 : 40;
        int height = swap ? 40 : 30;
        byte[] expected = new byte[stored.Pixels.Length];
        for (int row = 0; row < 30; row++)
        {
            for (int column = 0; column < 40; column++)
            {
                (int x, int y) = firstRowThenColumn switch
                {
                    "top left" => (column, row),
                    "top right" => (width - 1 - column, row),
                    "bottom right" => (width - 1 - column, height - 1 - row),
                    "bottom left" => (column, height - 1 - row),
                    "left top" => (row, column),
                    "right top" => (width - 1 - row, column),
                    "right bottom" => (width - 1 - row, height - 1 - column),
                    _ => (row, height - 1 - column),
                };
                stored.Pixels.AsSpan(((row * 40) + column) * 3, 3).CopyTo(expected.AsSpan(((y * width) + x) * 3));
            }
        }

        Close.To(new Image(width, height, 3, expected), ImageFile.Decode(file, "test.jpg"), 4);
        ImageInfo info = ImageFile.Identify(file, "test.jpg");
        Assert.Equal((width, height), (info.Width, info.Height));
    }

    [Fact]
    public void WebP_without_loss_gives_the_stored_values()
    {
        Image expected = SomeImage.Noise(33, 20, 3);
        byte[] file = SkiaBuilder.LosslessWebP(expected);
        Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.webp").Pixels);
        Assert.Equal(new ImageInfo(ImageFormat.WebP, 33, 20, PixelLayout.Rgb, 8, 1), ImageFile.Identify(file, "test.webp"));
    }

    [Fact]
    public void WebP_with_alpha_keeps_its_colours()
    {
        Image expected = SomeImage.Noise(33, 20, 3);
        byte[] alpha = [.. SomeImage.Noise(33, 20, 1, seed: 2).Pixels.Select(v => Math.Max(v, (byte)1))];
        byte[] file = SkiaBuilder.LosslessWebP(expected, alpha);
        Assert.Equal(PixelLayout.Rgba, ImageFile.Identify(file, "test.webp").Layout);
        Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.webp").Pixels);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(32)]
    public void Bmp_gives_the_stored_values(int bits)
    {
        Image expected = SomeImage.Noise(7, 5, 3);
        byte[][] rows = [.. Enumerable.Range(0, 5).Select(y => expected.Pixels.Skip(y * 21).Take(21).Chunk(3)
            .SelectMany(rgb => bits == 24 ? new[] { rgb[2], rgb[1], rgb[0] } : [rgb[2], rgb[1], rgb[0], (byte)0]).ToArray())];
        byte[] file = BmpBuilder.Image(7, 5, bits, rows);
        Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.bmp").Pixels);
        Assert.Equal(bits == 24 ? PixelLayout.Rgb : PixelLayout.Rgba, ImageFile.Identify(file, "test.bmp").Layout);
    }

    [Fact]
    public void A_bmp_with_a_palette_of_greys_has_one_channel()
    {
        byte[] palette = [.. Enumerable.Range(0, 256).SelectMany(v => new[] { (byte)v, (byte)v, (byte)v, (byte)0 })];
        byte[] file = BmpBuilder.Image(3, 2, 8, [[1, 2, 3], [250, 251, 252]], palette);
        Image image = ImageFile.Decode(file, "test.bmp");
        Assert.Equal(1, image.Channels);
        Assert.Equal([1, 2, 3, 250, 251, 252], image.Pixels);
    }

    [Fact]
    public void A_bmp_with_a_palette_of_colours_has_three_channels()
    {
        byte[] file = BmpBuilder.Image(2, 1, 1, [[0b01000000]], [30, 20, 10, 0, 60, 50, 40, 0]);
        Assert.Equal([10, 20, 30, 40, 50, 60], ImageFile.Decode(file, "test.bmp").Pixels);
        Assert.Equal(PixelLayout.Palette, ImageFile.Identify(file, "test.bmp").Layout);
    }

    // The greys are what OpenCV 4.6 reads with IMREAD_GRAYSCALE from a BMP with these colours.
    [Fact]
    public void Colours_become_the_greys_that_OpenCV_reads()
    {
        byte[] bgr = [0, 0, 255, 0, 255, 0, 255, 0, 0, 128, 0, 128, 77, 200, 10, 3, 2, 1, 254, 255, 254, 90, 91, 90];
        Assert.Equal([76, 150, 29, 53, 129, 2, 255, 91], ImageFile.DecodeGrey(BmpBuilder.Image(8, 1, 24, [bgr]), "test.bmp").Pixels);
    }
}
