using CMUNeXt.Numerics;
using CMUNeXt.Training.Augmentations;

namespace CMUNeXt.Training.Tests.Augmentations;

public sealed class ImageChangeTests
{
    private const int Width = 48;
    private const int Height = 64;

    [Fact]
    public void Depth_gain_is_a_straight_line_from_top_to_bottom_and_leaves_the_mean()
    {
        double steepest = 0;
        for (int n = 0; n < 50; n++)
        {
            float[] plane = Changed(new DepthGain(0.3), Constant(100), n);
            double top = plane[0];
            double bottom = plane[^1];
            steepest = Math.Max(steepest, Math.Abs(bottom - top) / 200);
            for (int i = 0; i < plane.Length; i++)
            {
                Assert.Equal(top + ((bottom - top) * (i / Width) / (Height - 1)), plane[i], 1e-3);
            }

            Assert.Equal(100, plane.Average(), 1e-2);
        }

        Assert.InRange(steepest, 0.25, 0.3);
    }

    [Fact]
    public void A_tone_curve_keeps_the_order_of_gray_values_and_black_black()
    {
        float[] ramp = [.. Enumerable.Range(0, Width * Height).Select(i => i * 255f / ((Width * Height) - 1))];
        HashSet<float> brightest = [];
        for (int n = 0; n < 50; n++)
        {
            float[] plane = Changed(new ToneCurve(new UltrasoundAugmentation()), ramp, n);
            Assert.Equal(0, plane[0]);
            float[] light = [.. plane.Where(value => value != 0)];
            Assert.Equal(light.Order(), light);
            brightest.Add(plane[^1]);
        }

        Assert.Equal(50, brightest.Count);
    }

    [Theory]
    [InlineData(2, 1, 10.2, 40.8, 163.2)]
    [InlineData(1, 0.5, 85, 110.5, 161.5)]
    [InlineData(2, 0.5, 40.8, 56.1, 117.3)]
    public void Gray_values_become_a_power_and_then_come_nearer_to_the_mean_of_all_channels(
        double gamma, double contrast, double dark, double middle, double light)
    {
        // 1/5, 2/5 and 4/5 of white: their squares are 1/25, 4/25 and 16/25 of it.
        float[] grays = [51, 102, 204];
        double[] expected = [dark, middle, light];
        AugmentedImage image = new(Width, Height, 3);
        for (int c = 0; c < 3; c++)
        {
            Array.Fill(image.Planes[c], grays[c]);
        }

        RandomSequence random = new(1, "tone");
        new ToneCurve(new() { Gamma = new(gamma, gamma), Contrast = new(contrast, contrast), Brightness = 0 }).Apply(image, ref random);
        Assert.All(image.Planes, (plane, c) => Assert.All(plane, value => Assert.Equal(expected[c], value, 1e-3)));
    }

    [Fact]
    public void Brightness_is_a_share_of_white_that_is_added_or_taken_away()
    {
        UltrasoundAugmentation settings = new() { Gamma = new(1, 1), Contrast = new(1, 1), Brightness = 0.2 };
        float[] seen = [.. Enumerable.Range(0, 50).Select(n => Changed(new ToneCurve(settings), Constant(100), n)[0])];
        Assert.InRange(seen.Min(), 100 - 51, 100 - 45);
        Assert.InRange(seen.Max(), 100 + 45, 100 + 51);
    }

    [Fact]
    public void Tone_without_strength_changes_nothing()
    {
        UltrasoundAugmentation none = new() { Gamma = new(1, 1), Contrast = new(1, 1), Brightness = 0 };
        float[] plane = Changed(new ToneCurve(none), Constant(77), 0);
        Assert.All(plane, value => Assert.Equal(77, value, 1e-3));
    }

    [Fact]
    public void Speckle_multiplies_by_a_mean_of_one_and_at_most_the_stated_standard_deviation()
    {
        double largest = 0;
        for (int n = 0; n < 50; n++)
        {
            float[] plane = Changed(new Speckle(0.3), Constant(100), n);
            double mean = plane.Average();
            double deviation = Math.Sqrt(plane.Average(value => (value - mean) * (value - mean))) / 100;
            Assert.InRange(mean, 97, 103);
            Assert.InRange(deviation, 0, 0.32);
            largest = Math.Max(largest, deviation);
        }

        Assert.True(largest > 0.25);
        Assert.All(Changed(new Speckle(0.3), Constant(0), 1), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_blurred_point_is_a_bell_of_the_same_sum()
    {
        float[] point = new float[Width * Height];
        int middle = (Height / 2 * Width) + (Width / 2);
        point[middle] = 1000;
        for (int n = 0; n < 10; n++)
        {
            float[] plane = Changed(new GaussianBlur(2), point, n);
            Assert.Equal(1000, plane.Sum(), 0.1);
            Assert.Equal(plane[middle + 1], plane[middle - Width], 1e-3);
            Assert.True(plane[middle] < 1000 && plane[middle + 1] < plane[middle] && plane[middle + 2] < plane[middle + 1]);
        }

        Assert.All(Changed(new GaussianBlur(2), Constant(50), 1), value => Assert.Equal(50, value, 1e-3));
    }

    [Fact]
    public void A_low_resolution_smooths_and_keeps_what_is_constant()
    {
        float[] stripes = [.. Enumerable.Range(0, Width * Height).Select(i => i % 2 == 0 ? 0f : 200)];
        float[] plane = Changed(new LowResolution(4), stripes, 3);
        Assert.True(plane.Average(value => Math.Abs(value - 100)) < 80);
        Assert.All(Changed(new LowResolution(4), Constant(50), 1), value => Assert.Equal(50, value, 1e-3));
    }

    [Fact]
    public void Marks_are_light_and_few_and_on_every_channel()
    {
        for (int n = 0; n < 50; n++)
        {
            AugmentedImage image = new(Width, Height, 3);
            RandomSequence random = new((ulong)n, "marks");
            new Marks().Apply(image, ref random);
            Assert.Equal(image.Planes[0], image.Planes[2]);
            Assert.All(image.Planes[0], value => Assert.True(value is 0 or (>= 150 and <= 255)));
            Assert.InRange(image.Planes[0].Count(value => value > 0), 1, Width * Height / 4);
            Assert.All(image.Mask.Pixels, label => Assert.Equal(0, label));
        }
    }

    [Fact]
    public void All_glyphs_are_different()
    {
        string Draw(int glyph) => string.Concat(Enumerable.Range(0, 35).Select(i => Glyphs.IsSet(glyph, i % 5, i / 5) ? '#' : '.'));
        Assert.Equal(".###." + "#...#" + "#...#" + "#####" + "#...#" + "#...#" + "#...#", Draw(10));
        Assert.Equal(Glyphs.Count, Enumerable.Range(0, Glyphs.Count).Select(Draw).Distinct().Count());
    }

    private static float[] Constant(float value) => [.. Enumerable.Repeat(value, Width * Height)];

    private static float[] Changed(IImageChange change, float[] plane, int number)
    {
        AugmentedImage image = new(Width, Height, 1);
        plane.CopyTo(image.Planes[0], 0);
        RandomSequence random = new((ulong)number, change.Name);
        change.Apply(image, ref random);
        return image.Planes[0];
    }
}
