using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Augmentations;

public sealed class AffineWarpTests
{
    private const int Side = 24;
    private static readonly (int, int) Size = (Side, Side);

    [Theory]
    [InlineData(1, 1, 0, 0, 1, Side, Side)]
    [InlineData(1, 1, 90, 0, 1, Side, Side)]
    [InlineData(1, 1, 180, 0, 1, Side, Side)]
    [InlineData(1, 1, 0, 0, -1, Side, Side)]
    [InlineData(1, 1, 0, 3, 1, Side, Side)]
    [InlineData(3, 3, 0, 0, 1, Side, Side)]
    [InlineData(3, 3, 90, 3, -1, Side, Side)]
    [InlineData(2, 1, 0, 4, -1, 2 * Side, Side)]
    [InlineData(1, 2, 90, 2, 1, 2 * Side, Side)]
    [InlineData(2, 1, 90, 2, -1, Side, 2 * Side)]
    [InlineData(1, 2, 180, 2, 1, Side, 2 * Side)]
    public void An_image_is_scaled_then_rotated_to_the_right_then_shifted_about_its_middle(
        double wider, double higher, int degrees, int shift, double flip, int width, int height)
    {
        (Image source, Mask mask) = Random(width, height, 1);
        AugmentedImage image = new(Side, Side, 1);
        double angle = degrees * Math.PI / 180;
        AffineWarp.Of(wider, higher, angle, (shift, 2 * shift), flip, (width, height), Size).Sample(source, mask, image, null);

        // The way there, for each pixel whose place in the result is a pixel again.
        int seen = 0;
        (double sin, double cos) = Math.SinCos(angle);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double u = flip * wider * (x + 0.5 - (width / 2.0));
                double v = higher * (y + 0.5 - (height / 2.0));
                double toX = (((cos * u) - (sin * v) + (width / 2.0) + shift) * Side / width) - 0.5;
                double toY = (((sin * u) + (cos * v) + (height / 2.0) + (2 * shift)) * Side / height) - 0.5;
                int column = (int)Math.Round(toX);
                int row = (int)Math.Round(toY);
                if (Math.Abs(toX - column) < 1e-6 && Math.Abs(toY - row) < 1e-6 && column is >= 0 and < Side && row is >= 0 and < Side)
                {
                    Assert.Equal(source.Pixels[(y * width) + x], image.Planes[0][(row * Side) + column], 1e-2);
                    seen++;
                }
            }
        }

        Assert.InRange(seen, width * height / 2 / (int)(wider * higher), Side * Side);
    }

    [Fact]
    public void A_change_of_size_alone_is_that_of_the_preprocessing_without_its_rounding()
    {
        (Image source, Mask mask) = Random(50, 37, 3);
        AugmentedImage image = new(32, 16, 3);
        AffineWarp.Of(1, 1, 0, (0, 0), 1, (50, 37), (32, 16)).Sample(source, mask, image, null);

        Image expected = source.Resize(32, 16);
        Image actual = image.ToImage();
        Assert.Equal(3, actual.Channels);
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            Assert.InRange(actual.Pixels[i], expected.Pixels[i] - 2, expected.Pixels[i] + 2);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Quarter_turns_to_the_left_and_a_vertical_flip_are_those_of_the_finished_input(int turns, bool upsideDown)
    {
        (Image source, Mask mask) = Random(50, 37, 1);
        AffineWarp warp = AffineWarp.Of(1.1, 0.9, 0.2, (2, 1), -1, (50, 37), Size);
        AugmentedImage upright = new(Side, Side, 1);
        warp.Sample(source, mask, upright, null);
        AugmentedImage turned = new(Side, Side, 1);
        warp.Turned(turns, upsideDown, Size).Sample(source, mask, turned, null);

        byte[] expected = new Augmentation(turns, FlipHorizontally: false, upsideDown).Apply(upright.ToImage()).Pixels;
        Assert.All(turned.ToImage().Pixels.Zip(expected), pair => Assert.InRange(pair.First, pair.Second - 1, pair.Second + 1));
    }

    [Fact]
    public void Mask_and_image_come_from_the_same_place_and_beside_the_image_all_is_background()
    {
        byte[] labels = new byte[60 * 40];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = (byte)(Math.Pow((i % 60) - 25, 2) + Math.Pow((i / 60) - 18, 2) < 150 ? 1 : 0);
        }

        Image source = new(60, 40, 1, [.. labels.Select(label => (byte)(label == 1 ? 255 : 128))]);
        UltrasoundAugmentation settings = new() { Elastic = 0.05 };
        RandomSequence random = new(5, "warps");
        int beside = 0;
        int inside = 0;
        for (int n = 0; n < 40; n++)
        {
            AugmentedImage image = new(32, 32, 1);
            AffineWarp warp = AffineWarp.Draw(settings, ref random, (60, 40), (32, 32));
            Displacement elastic = Displacement.Draw(settings.Elastic, ref random, (60, 40), (32, 32));
            warp.Sample(source, new Mask(60, 40, labels), image, n % 2 == 0 ? elastic : null);
            for (int i = 0; i < image.Mask.Pixels.Length; i++)
            {
                float value = image.Planes[0][i];
                beside += value == 0 ? 1 : 0;
                inside += value == 255 ? 1 : 0;
                Assert.True(value == 255 ? image.Mask.Pixels[i] == 1 : value is not (0 or 128) || image.Mask.Pixels[i] == 0);
            }
        }

        Assert.True(beside > 1000 && inside > 1000);
    }

    [Fact]
    public void Colors_become_their_mean_where_one_plane_is_asked_for()
    {
        (Image source, Mask mask) = Random(Side, Side, 3);
        AugmentedImage image = new(Side, Side, 1);
        AffineWarp.Of(1, 1, 0, (0, 0), 1, Size, Size).Sample(source, mask, image, null);
        for (int i = 0; i < Side * Side; i++)
        {
            Assert.Equal((source.Pixels[3 * i] + source.Pixels[(3 * i) + 1] + source.Pixels[(3 * i) + 2]) / 3f, image.Planes[0][i], 1e-3f);
        }
    }

    [Fact]
    public void What_is_drawn_fills_the_settings_and_stays_within_them()
    {
        UltrasoundAugmentation settings = new();
        RandomSequence random = new(3, "warps");
        int flips = 0;
        List<double> scales = [];
        List<double> aspects = [];
        List<double> angles = [];
        List<double> right = [];
        List<double> down = [];
        for (int n = 0; n < 500; n++)
        {
            // A pixel of the input is two of the image, both ways.
            AffineWarp warp = AffineWarp.Draw(settings, ref random, (200, 100), (100, 50));
            double determinant = (warp.XAcross * warp.YDown) - (warp.XDown * warp.YAcross);
            int flip = Math.Sign(determinant);
            flips += flip < 0 ? 1 : 0;
            scales.Add(2 / Math.Sqrt(Math.Abs(determinant)));
            aspects.Add(Math.Sqrt(
                ((warp.YAcross * warp.YAcross) + (warp.YDown * warp.YDown)) / ((warp.XAcross * warp.XAcross) + (warp.XDown * warp.XDown))));
            angles.Add(Math.Atan2(flip * warp.XDown, flip * warp.XAcross) * 180 / Math.PI);

            // The place of the input's middle, from the image's; and the way from the one to the other in the input, as shares of it.
            double x = (warp.XAcross * 49.5) + (warp.XDown * 24.5) + warp.XFirst - 99.5;
            double y = (warp.YAcross * 49.5) + (warp.YDown * 24.5) + warp.YFirst - 49.5;
            right.Add(((warp.XDown * y) - (warp.YDown * x)) / determinant / 100);
            down.Add(((warp.YAcross * x) - (warp.XAcross * y)) / determinant / 50);
        }

        Assert.InRange(flips, 200, 300);
        AssertFills(scales, 0.7, 1.4);
        AssertFills(aspects, 0.85, 1.18);
        AssertFills(angles, -20, 20);
        AssertFills(right, -0.08, 0.08);
        AssertFills(down, -0.08, 0.08);
    }

    // All numbers lie within, and some come near to either end.
    private static void AssertFills(List<double> drawn, double least, double most)
    {
        double near = (most - least) / 20;
        Assert.InRange(drawn.Min(), least - 1e-9, least + near);
        Assert.InRange(drawn.Max(), most - near, most + 1e-9);
    }

    private static (Image Image, Mask Mask) Random(int width, int height, int channels)
    {
        byte[] pixels = new byte[width * height * channels];
        new Random(1).NextBytes(pixels);
        return (new Image(width, height, channels, pixels), new Mask(width, height, new byte[width * height]));
    }
}
