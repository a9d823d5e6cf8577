using CMUNeXt.Images;

namespace CMUNeXt.Tests.Images;

public sealed class ImageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_part_has_the_pixels_of_its_place(int channels)
    {
        byte[] pixels = new byte[7 * 5 * channels];
        new Random(3).NextBytes(pixels);
        Image part = new Image(7, 5, channels, pixels).Crop(2, 1, 4, 3);
        Assert.Equal((4, 3, channels), (part.Width, part.Height, part.Channels));
        for (int i = 0; i < part.Pixels.Length; i++)
        {
            (int x, int y, int channel) = (i / channels % 4, i / channels / 4, i % channels);
            Assert.Equal(pixels[((((y + 1) * 7) + x + 2) * channels) + channel], part.Pixels[i]);
        }
    }

    [Theory]
    [InlineData(-1, 0, 1, 1)]
    [InlineData(0, -1, 1, 1)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 0, 1, 0)]
    [InlineData(4, 0, 4, 1)]
    [InlineData(0, 4, 1, 2)]
    [InlineData(1, 1, int.MaxValue, int.MaxValue)]
    public void A_part_lies_within_the_image(int x, int y, int width, int height)
    {
        Image image = new(7, 5, 1, new byte[35]);
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Crop(x, y, width, height));
    }
}
