using CMUNeXt.Images;
using CMUNeXt.Imaging.Tests.Formats;

namespace CMUNeXt.Imaging.Tests;

public sealed class BmpDecoderTests
{
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
    public void A_bmp_with_a_palette_of_grays_has_one_channel()
    {
        byte[] palette = [.. Enumerable.Range(0, 256).SelectMany(v => new[] { (byte)v, (byte)v, (byte)v, (byte)0 })];
        byte[] file = BmpBuilder.Image(3, 2, 8, [[1, 2, 3], [250, 251, 252]], palette);
        Image image = ImageFile.Decode(file, "test.bmp");
        Assert.Equal(1, image.Channels);
        Assert.Equal([1, 2, 3, 250, 251, 252], image.Pixels);
    }

    [Fact]
    public void A_bmp_with_a_palette_of_colors_has_three_channels()
    {
        byte[] file = BmpBuilder.Image(2, 1, 1, [[0b01000000]], [30, 20, 10, 0, 60, 50, 40, 0]);
        Assert.Equal([10, 20, 30, 40, 50, 60], ImageFile.Decode(file, "test.bmp").Pixels);
        Assert.Equal(PixelLayout.Palette, ImageFile.Identify(file, "test.bmp").Layout);
    }

    // The grays are what OpenCV 4.6 reads with IMREAD_GRAYSCALE from a BMP with these colors.
    [Fact]
    public void Colors_become_the_grays_that_OpenCV_reads()
    {
        byte[] bgr = [0, 0, 255, 0, 255, 0, 255, 0, 0, 128, 0, 128, 77, 200, 10, 3, 2, 1, 254, 255, 254, 90, 91, 90];
        Assert.Equal([76, 150, 29, 53, 129, 2, 255, 91], ImageFile.DecodeGray(BmpBuilder.Image(8, 1, 24, [bgr]), "test.bmp").Pixels);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    [InlineData(16, false)]
    [InlineData(24, false)]
    [InlineData(32, false)]
    public void The_pixels_are_those_of_Skia(int bits, bool grayPalette)
    {
        Random random = new(bits);
        foreach (int width in new[] { 1, 7, 8, 21 })
        {
            byte[][] rows = [.. Enumerable.Range(0, 13).Select(_ => Bytes(random, ((width * bits) + 7) / 8))];
            byte[] palette = bits <= 8 ? Palette(random, 1 << bits, grayPalette) : [];
            SkiaOracle.Same(BmpBuilder.Image(width, 13, bits, rows, palette));
        }
    }

    [Theory]
    [InlineData(16, 0xF800u, 0x7E0u, 0x1Fu)]
    [InlineData(16, 0xF00u, 0xF0u, 0xFu)]
    [InlineData(32, 0xFFu, 0xFF00u, 0xFF0000u)]
    [InlineData(32, 0xFF000000u, 0xFF0000u, 0xFF00u)]
    public void Masks_say_where_the_colors_are(int bits, uint red, uint green, uint blue)
    {
        byte[] masks = [.. BitConverter.GetBytes(red), .. BitConverter.GetBytes(green), .. BitConverter.GetBytes(blue)];
        SkiaOracle.Same(BmpBuilder.Compressed(6, 4, bits, 3, Bytes(new Random(bits), 6 * 4 * bits / 8), masks));
    }

    // Runs, literal indices with and without a byte of padding, ends of rows, and the end.
    [Fact]
    public void Run_lengths_are_undone()
    {
        byte[] palette = Palette(new Random(8), 256, gray: false);
        byte[] eight = [6, 7, 0, 0, 0, 3, 1, 2, 3, 0, 3, 9, 0, 0, 2, 5, 0, 4, 4, 3, 2, 1, 0, 1];
        SkiaOracle.Same(BmpBuilder.Compressed(6, 3, 8, 1, eight, palette));
        byte[] four = [6, 0x12, 0, 0, 0, 5, 0x34, 0x56, 0x70, 0, 1, 0x80, 0, 0, 5, 0xAB, 1, 0xC0, 0, 1];
        SkiaOracle.Same(BmpBuilder.Compressed(6, 3, 4, 2, four, palette[..64]));
    }

    [Fact]
    public void What_is_passed_over_has_the_first_color()
    {
        byte[] palette = [0, 0, 0, 0, 50, 50, 50, 0];
        byte[] data = [1, 1, 0, 2, 1, 1, 1, 1, 0, 1];
        Assert.Equal([0, 0, 50, 50, 0, 0], ImageFile.Decode(BmpBuilder.Compressed(3, 2, 8, 1, data, palette), "test.bmp").Pixels);
    }

    [Fact]
    public void Run_lengths_that_lead_out_of_the_image_are_refused()
    {
        byte[] palette = Palette(new Random(8), 256, gray: false);
        BadFile.Expect(BmpBuilder.Compressed(3, 2, 8, 1, [4, 1, 0, 1], palette), "a row is longer than the image is wide");
        BadFile.Expect(BmpBuilder.Compressed(3, 2, 8, 1, [3, 1, 0, 0, 2, 1], palette), "the BMP ends too early");
        BadFile.Expect(BmpBuilder.Compressed(9000, 9000, 8, 1, [3, 1, 0, 1], palette), "the BMP ends too early");
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Palette(Random random, int colors, bool gray) =>
        [.. Enumerable.Range(0, colors)
            .SelectMany(_ => Bytes(random, 3) is var bgr && gray ? [bgr[0], bgr[0], bgr[0], (byte)0] : (byte[])[.. bgr, 0])];
}
