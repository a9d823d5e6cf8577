using CMUNeXt.Images;

namespace CMUNeXt.Tests.Images;

public sealed class PreprocessingTests
{
    private static readonly double[] Mean = [0.485, 0.456, 0.406];
    private static readonly double[] StandardDeviation = [0.229, 0.224, 0.225];

    [Fact]
    public void The_published_protocol_puts_blue_first_and_normalizes_twice()
    {
        // The size stays as it is, so that each value is the formula of one pixel.
        Preprocessing preprocessing = Preprocessing.Published with { Width = 3, Height = 2 };
        byte[] pixels = [10, 20, 30, 255, 0, 128, 1, 2, 3, 77, 88, 99, 200, 150, 100, 0, 0, 255];
        float[] input = new float[18];
        preprocessing.Apply(new Image(3, 2, 3, pixels), input);

        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < 6; i++)
            {
                double expected = ((pixels[(3 * i) + 2 - c] / 255.0) - Mean[c]) / StandardDeviation[c] / 255;
                Assert.Equal(expected, input[(6 * c) + i], 1e-8);
            }
        }
    }

    [Fact]
    public void Red_comes_first_where_it_is_asked_for_and_the_divisor_is_used()
    {
        Preprocessing preprocessing = new()
        {
            Width = 2,
            Height = 1,
            Order = ChannelOrder.Rgb,
            Mean = [0.1, 0.2, 0.3],
            StandardDeviation = [0.5, 0.25, 1],
            Divisor = 1,
        };
        byte[] pixels = [10, 20, 30, 240, 250, 255];
        float[] input = new float[6];
        preprocessing.Apply(new Image(2, 1, 3, pixels), input);

        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < 2; i++)
            {
                double expected = ((pixels[(3 * i) + c] / 255.0) - preprocessing.Mean[c]) / preprocessing.StandardDeviation[c];
                Assert.Equal(expected, input[(2 * c) + i], 2e-6);
            }
        }
    }

    [Fact]
    public void A_gray_image_is_the_same_in_all_three_channels()
    {
        float[] gray = new float[3 * 32 * 32];
        float[] color = new float[3 * 32 * 32];
        byte[] pixels = new byte[40 * 50];
        new Random(3).NextBytes(pixels);
        Preprocessing preprocessing = Preprocessing.Published with { Width = 32, Height = 32 };
        preprocessing.Apply(new Image(40, 50, 1, pixels), gray);
        preprocessing.Apply(new Image(40, 50, 3, [.. pixels.SelectMany(v => (byte[])[v, v, v])]), color);

        Assert.Equal(color, gray);
    }

    [Fact]
    public void One_channel_is_the_luminance_of_a_color_image()
    {
        byte[] pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 12, 200, 77, 255, 255, 255, 90, 90, 90];
        float[] input = new float[6];
        Preprocessing preprocessing = new()
        {
            Width = 6, Height = 1, Order = ChannelOrder.Gray, Mean = [0], StandardDeviation = [1], Divisor = 1,
        };
        Assert.Equal(1, preprocessing.Channels);
        preprocessing.Apply(new Image(6, 1, 3, pixels), input);

        for (int i = 0; i < 6; i++)
        {
            double luminance = (0.299 * pixels[3 * i]) + (0.587 * pixels[(3 * i) + 1]) + (0.114 * pixels[(3 * i) + 2]);
            Assert.Equal(Math.Round(luminance) / 255, input[i], 1e-6);
        }
    }

    [Fact]
    public void Three_equal_channels_are_the_rounded_mean_of_a_color_image()
    {
        byte[] pixels = [255, 0, 0, 0, 255, 1, 0, 0, 254, 12, 200, 77, 255, 255, 255, 91, 90, 90];
        float[] input = new float[18];
        Preprocessing preprocessing = new()
        {
            Width = 6,
            Height = 1,
            Order = ChannelOrder.Mean,
            Mean = [0, 0, 0],
            StandardDeviation = [1, 1, 1],
            Divisor = 1,
        };
        Assert.Equal(3, preprocessing.Channels);
        preprocessing.Apply(new Image(6, 1, 3, pixels), input);

        for (int i = 0; i < 18; i++)
        {
            double mean = (pixels[3 * (i % 6)] + pixels[(3 * (i % 6)) + 1] + pixels[(3 * (i % 6)) + 2]) / 3.0;
            Assert.Equal(Math.Round(mean) / 255, input[i], 1e-6);
        }
    }

    [Fact]
    public void A_gray_image_is_its_own_luminance_and_follows_the_protocol_for_one_channel()
    {
        Preprocessing preprocessing = Preprocessing.For(1) with { Width = 2, Height = 1 };
        float[] input = new float[2];
        preprocessing.Apply(new Image(2, 1, 1, [9, 201]), input);

        Assert.Equal(((9 / 255.0) - 0.449) / 0.226 / 255, input[0], 1e-8);
        Assert.Equal(((201 / 255.0) - 0.449) / 0.226 / 255, input[1], 1e-8);
    }

    [Fact]
    public void Another_size_is_resized_before_it_is_normalized()
    {
        byte[] pixels = new byte[45 * 37 * 3];
        new Random(4).NextBytes(pixels);
        Image image = new(45, 37, 3, pixels);
        Preprocessing preprocessing = Preprocessing.Published with { Width = 48, Height = 16 };
        float[] expected = new float[3 * 48 * 16];
        float[] input = new float[3 * 48 * 16];
        preprocessing.Apply(image.Resize(48, 16), expected);
        preprocessing.Apply(image, input);

        Assert.Equal(expected, input);
    }

    [Fact]
    public void A_destination_of_another_length_and_two_channels_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Preprocessing.Published.Apply(new Image(1, 1, 1, [0]), new float[5]));
        Assert.Throws<ArgumentException>(() => Preprocessing.For(2));
        Assert.Same(Preprocessing.Published, Preprocessing.For(3));
    }

    [Fact]
    public void Two_are_equal_where_all_their_values_are()
    {
        Preprocessing copy = new() { Mean = [.. Mean], StandardDeviation = [.. StandardDeviation] };
        Assert.Equal(Preprocessing.Published, copy);
        Assert.Equal(Preprocessing.Published.GetHashCode(), copy.GetHashCode());
        Assert.NotEqual(Preprocessing.Published, copy with { Mean = [0.485, 0.456, 0.407] });
        Assert.NotEqual(Preprocessing.Published, copy with { StandardDeviation = [0.229, 0.224, 0.226] });
        Assert.NotEqual(Preprocessing.Published, copy with { Divisor = 1 });
        Assert.NotEqual(Preprocessing.Published, copy with { Order = ChannelOrder.Rgb });
    }
}
