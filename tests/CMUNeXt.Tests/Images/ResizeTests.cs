using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Images;

public sealed class ResizeTests
{
    /// <summary>Sizes up and down, equal in one direction, and of one pixel.</summary>
    public static TheoryData<int, int, int, int> Sizes => new()
    {
        { 7, 5, 16, 16 }, { 40, 31, 16, 9 }, { 13, 29, 27, 8 }, { 1, 1, 6, 4 }, { 1, 9, 5, 3 }, { 9, 1, 3, 5 }, { 2, 2, 1, 1 },
        { 30, 20, 30, 7 },
        { 30, 20, 11, 20 }, { 3, 4, 100, 90 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_image_is_within_one_gray_level_of_exact_bilinear_interpolation(int width, int height, int newWidth, int newHeight)
    {
        foreach (int channels in (int[])[1, 3])
        {
            Image image = SomeImage(width, height, channels);
            Image resized = image.Resize(newWidth, newHeight);

            Assert.Equal((newWidth, newHeight, channels), (resized.Width, resized.Height, resized.Channels));
            for (int c = 0; c < channels; c++)
            {
                double[] plane = [.. Enumerable.Range(0, width * height).Select(i => (double)image.Pixels[(i * channels) + c])];
                double[] expected = Exact(plane, width, height, newWidth, newHeight);
                for (int i = 0; i < expected.Length; i++)
                {
                    Assert.InRange(resized.Pixels[(i * channels) + c], expected[i] - 1, expected[i] + 1);
                }
            }
        }
    }

    // In 32 bits the first has fewer pixels than none, and the second none.
    [Theory]
    [InlineData(50_000)]
    [InlineData(65_536)]
    public void What_no_array_holds_is_refused(int side)
    {
        Image image = SomeImage(3, 2, 3);
        Assert.Throws<ArgumentException>(() => image.Resize(side, side));
        Assert.Throws<ArgumentException>(() => Image.ResizeMap(new float[6], 3, 2, side, side));
        Assert.Throws<ArgumentException>(() => new Mask(3, 2, new byte[6]).Resize(side, side));
        Segmentation found = Segmentation.FromProbability(3, 2, new float[6]);
        Assert.Throws<ArgumentException>(() => found.PlacedIn(side, side, 0, 0));
        using FakeNetwork network = new(3, 1);
        Segmenter segmenter = new(network, Preprocessing.Published with { Width = 32, Height = 16 });
        Assert.Throws<ArgumentException>(() => segmenter.Decide(new float[32 * 16], side, side));
    }

    // What cv2.resize of OpenCV 4.6.0 gives for an image of random bytes. Its fixed-point sums are one less than exact interpolation in
    // some pixels of the first and the last row.
    [Fact]
    public void A_gray_image_that_grows_has_OpenCVs_values()
    {
        Image image = new(4, 3, 1, [95, 130, 194, 217, 207, 235, 15, 163, 33, 215, 217, 130]);
        byte[] expected =
        [
            95, 112, 140, 183, 205, 217,
            111, 128, 149, 164, 189, 209,
            159, 174, 174, 108, 139, 186,
            207, 221, 198, 52, 89, 163,
            132, 179, 206, 122, 125, 149,
            58, 138, 213, 193, 161, 135,
            33, 124, 215, 217, 173, 130,
        ];
        Assert.Equal(expected, image.Resize(6, 7).Pixels);
    }

    [Fact]
    public void A_color_image_that_changes_its_shape_has_OpenCVs_values()
    {
        Image image = new(3, 2, 3, [168, 229, 184, 171, 238, 171, 20, 206, 245, 153, 204, 5, 37, 53, 213, 206, 192, 173]);
        byte[] expected =
        [
            169, 231, 181, 58, 214, 226, 164, 225, 168, 68, 208, 222, 146, 199, 119, 111, 186, 205, 128, 173, 69, 153, 163, 187, 124, 166,
            57, 164,
            157, 183,
        ];
        Assert.Equal(expected, image.Resize(2, 5).Pixels);
    }

    [Theory]
    [InlineData(613, 471, 7000)]
    [InlineData(190, 200, 7001)]
    public void An_image_and_a_mask_at_the_size_of_the_protocol_are_OpenCVs(int width, int height, int key)
    {
        byte[] pixels = Array.ConvertAll(Formula.Input(key, width * height * 3), static v => (byte)((v + 1) * 128));
        float[] resized = Array.ConvertAll(new Image(width, height, 3, pixels).Resize(256, 256).Pixels, static v => (float)v);
        Assert.Equal(Golden.Samples("resize", $"{width}x{height}_linear.npy"), Golden.Sample(resized));

        byte[] mask = Array.ConvertAll(Formula.Input(key + 10, width * height), static v => v < 0 ? (byte)0 : (byte)255);
        float[] nearest = Array.ConvertAll(new Mask(width, height, mask).Resize(256, 256).Pixels, static v => (float)v);
        Assert.Equal(Golden.Samples("resize", $"{width}x{height}_nearest.npy"), Golden.Sample(nearest));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(255)]
    public void A_constant_image_stays_constant(byte value)
    {
        Image image = new(11, 6, 1, [.. Enumerable.Repeat(value, 66)]);
        Assert.All(image.Resize(23, 17).Pixels, pixel => Assert.Equal(value, pixel));
        Assert.All(image.Resize(4, 5).Pixels, pixel => Assert.Equal(value, pixel));
    }

    [Fact]
    public void The_same_size_gives_the_same()
    {
        Image image = SomeImage(9, 4, 3);
        Mask mask = TestMasks.Noise(new Random(1), 9, 4, 0.5);
        float[] map = Formula.Input(3, 36);

        Assert.Same(image, image.Resize(9, 4));
        Assert.Same(mask, mask.Resize(9, 4));
        Assert.Equal(map, Image.ResizeMap(map, 9, 4, 9, 4));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_mask_takes_the_pixel_at_floor_of_i_n_over_size(int width, int height, int newWidth, int newHeight)
    {
        Mask mask = TestMasks.Noise(new Random(2), width, height, 0.6, classes: 200);
        Mask resized = mask.Resize(newWidth, newHeight);

        Assert.Equal((newWidth, newHeight), (resized.Width, resized.Height));
        for (int y = 0; y < newHeight; y++)
        {
            for (int x = 0; x < newWidth; x++)
            {
                byte expected = mask.Pixels[(y * height / newHeight * width) + (x * width / newWidth)];
                Assert.Equal(expected, resized.Pixels[(y * newWidth) + x]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_map_of_numbers_equals_exact_bilinear_interpolation(int width, int height, int newWidth, int newHeight)
    {
        float[] map = Formula.Input(17, width * height);
        double[] expected = Exact(Array.ConvertAll(map, value => (double)value), width, height, newWidth, newHeight);
        float[] resized = Image.ResizeMap(map, width, height, newWidth, newHeight);

        Assert.Equal(expected.Length, resized.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            // Positions are float32 numbers below 128: their last bit is 2^-17, times a slope of up to 2 in each direction.
            Assert.Equal(expected[i], resized[i], 4e-5);
        }
    }

    [Fact]
    public void A_map_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => Image.ResizeMap(new float[7], 2, 3, 4, 4));

    private static Image SomeImage(int width, int height, int channels)
    {
        byte[] pixels = new byte[width * height * channels];
        new Random(width + (100 * height)).NextBytes(pixels);
        return new Image(width, height, channels, pixels);
    }

    // Half-pixel centers: the new pixel (x, y) lies at ((x + 0.5) w / w' - 0.5, ...), held within the borders.
    private static double[] Exact(double[] plane, int width, int height, int newWidth, int newHeight)
    {
        double[] result = new double[newWidth * newHeight];
        for (int y = 0; y < newHeight; y++)
        {
            for (int x = 0; x < newWidth; x++)
            {
                double u = Math.Clamp(((x + 0.5) * width / newWidth) - 0.5, 0, width - 1);
                double v = Math.Clamp(((y + 0.5) * height / newHeight) - 0.5, 0, height - 1);
                double sum = 0;
                for (int j = 0; j < height; j++)
                {
                    for (int i = 0; i < width; i++)
                    {
                        sum += Math.Max(0, 1 - Math.Abs(i - u)) * Math.Max(0, 1 - Math.Abs(j - v)) * plane[(j * width) + i];
                    }
                }

                result[(y * newWidth) + x] = sum;
            }
        }

        return result;
    }
}
