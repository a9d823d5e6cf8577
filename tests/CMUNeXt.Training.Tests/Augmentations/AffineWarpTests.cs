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
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 90, 0, 1)]
    [InlineData(1, 180, 0, 1)]
    [InlineData(1, 0, 0, -1)]
    [InlineData(1, 0, 3, 1)]
    [InlineData(3, 0, 0, 1)]
    [InlineData(3, 90, 3, -1)]
    public void An_image_is_scaled_then_rotated_to_the_right_then_shifted_about_its_middle(
        double scale, int degrees, int shift, double flip)
    {
        (Image source, Mask mask) = Random(Side, Side, 1);
        AugmentedImage image = new(Side, Side, 1);
        AffineWarp.Of(scale, scale, degrees * Math.PI / 180, (shift, 2 * shift), flip, Size, Size).Sample(source, mask, image, null);

        // The way there, for each pixel whose place in the result is a pixel again.
        int seen = 0;
        double middle = (Side - 1) / 2.0;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double u = flip * scale * (x - middle);
                double v = scale * (y - middle);
                (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
                double toX = (cos * u) - (sin * v) + middle + shift;
                double toY = (sin * u) + (cos * v) + middle + (2 * shift);
                int column = (int)Math.Round(toX);
                int row = (int)Math.Round(toY);
                if (Math.Abs(toX - column) < 1e-6 && Math.Abs(toY - row) < 1e-6 && column is >= 0 and < Side && row is >= 0 and < Side)
                {
                    Assert.Equal(source.Pixels[(y * Side) + x], image.Planes[0][(row * Side) + column], 1e-2);
                    seen++;
                }
            }
        }

        Assert.InRange(seen, Side * Side / 2 / (int)(scale * scale), Side * Side);
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
    public void What_is_drawn_stays_within_the_settings()
    {
        UltrasoundAugmentation settings = new();
        RandomSequence random = new(3, "warps");
        bool flipped = false;
        for (int n = 0; n < 500; n++)
        {
            AffineWarp warp = AffineWarp.Draw(settings, ref random, (100, 100), (100, 100));
            double determinant = (warp.XAcross * warp.YDown) - (warp.XDown * warp.YAcross);
            double scale = 1 / Math.Sqrt(Math.Abs(determinant));
            double angle = Math.Abs(Math.Atan2(warp.XDown, warp.XAcross)) * 180 / Math.PI;
            flipped |= determinant < 0;
            Assert.InRange(scale, 0.7, 1.4);
            Assert.InRange(Math.Min(angle, 180 - angle), 0, 20.0001);
        }

        Assert.True(flipped);
    }

    private static (Image Image, Mask Mask) Random(int width, int height, int channels)
    {
        byte[] pixels = new byte[width * height * channels];
        new Random(1).NextBytes(pixels);
        return (new Image(width, height, channels, pixels), new Mask(width, height, new byte[width * height]));
    }
}
