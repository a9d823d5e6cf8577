using CMUNeXt.Masks;

namespace CMUNeXt.Tests;

public sealed class SegmentationTests
{
    [Fact]
    public void A_lesion_that_a_person_added_has_a_share_of_the_mask_that_it_is_in()
    {
        Segmentation none = Segmentation.FromProbability(3, 3, new float[9]);
        Lesion[] drawn = [.. none.FindLesions(new Mask(3, 3, [1, 0, 0, 0, 0, 0, 0, 1, 1]))];
        Assert.Equal([2 / 3.0, 1 / 3.0], drawn.Select(lesion => lesion.Share));
    }

    [Fact]
    public void A_test_double_returns_what_a_probability_says()
    {
        Segmentation found = Segmentation.FromProbability(4, 3, [0, 0, 0, 0, 0, 0.75f, 1, 0, 0, 0, 0, 0.25f], threshold: 0.5);
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], found.Mask.Pixels);
        Lesion lesion = Assert.Single(found.Lesions);
        Assert.Equal((2, new BoundingBox(1, 1, 2, 1), 0.875), (lesion.Area, lesion.Box, lesion.MeanProbability));
        Assert.True(double.IsFinite(found.Presence));
        Assert.Throws<ArgumentException>(() => Segmentation.FromProbability(4, 3, new float[11]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Segmentation.FromProbability(0, 3, []));
    }

    [Theory]
    [InlineData(-0.001f)]
    [InlineData(1.001f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_no_probability_is_refused(float value)
    {
        Assert.Contains(
            "number 2", Assert.Throws<ArgumentException>(() => Segmentation.FromProbability(2, 2, [0, 1, value, 1])).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "threshold",
            Assert.Throws<ArgumentOutOfRangeException>(() => Segmentation.FromProbability(2, 2, new float[4], value)).ParamName);
    }

    [Fact]
    public void With_one_class_a_pixel_belongs_to_it_strictly_above_the_threshold()
    {
        // A logit of 0 is a probability of exactly 0.5.
        Segmentation found = Segmentation.FromLogits([0, 0.01f, -0.01f, 8], 1, 2, 2, 2, 2, 0.5f);
        Assert.Equal([0, 1, 0, 1], found.Mask.Pixels);
        Assert.Equal(0.5f, Assert.Single(found.Probabilities)[0]);
        Assert.Equal([1, 1, 1, 1], Segmentation.FromLogits([0, 0.01f, -0.01f, 8], 1, 2, 2, 2, 2, 0.49f).Mask.Pixels);
        Assert.Equal([0, 0, 0, 1], Segmentation.FromLogits([0, 0.01f, -0.01f, 8], 1, 2, 2, 2, 2, 0.9f).Mask.Pixels);
    }

    [Fact]
    public void Findings_of_a_part_stand_in_the_whole_image_where_the_part_was()
    {
        Segmentation part = Segmentation.FromLogits([0, 8, 8, 0.01f, -1, -2], 1, 3, 2, 3, 2, 0.5f);
        Segmentation whole = part.PlacedIn(5, 4, 1, 2);
        Assert.Equal((5, 4), (whole.Width, whole.Height));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0], whole.Mask.Pixels);
        Assert.Equal(part.Probabilities[0][1], whole.Probabilities[0][(2 * 5) + 2]);
        Assert.Equal(0, whole.Probabilities[0][0]);
        Assert.Equal(part.Presence, whole.Presence);
        Lesion lesion = Assert.Single(whole.Lesions);
        Assert.Equal(new BoundingBox(1, 2, 3, 2), lesion.Box);
        Assert.Equal(Assert.Single(part.Lesions).MeanProbability, lesion.MeanProbability);
    }

    [Theory]
    [InlineData(5, 4, -1, 0)]
    [InlineData(5, 4, 0, -1)]
    [InlineData(5, 4, 3, 0)]
    [InlineData(5, 4, 0, 3)]
    [InlineData(2, 4, 0, 0)]
    public void A_part_that_is_not_within_the_image_is_refused(int width, int height, int x, int y)
    {
        Segmentation part = Segmentation.FromLogits([0, 8, 8, 0.01f, -1, -2], 1, 3, 2, 3, 2, 0.5f);
        Assert.Throws<ArgumentOutOfRangeException>(() => part.PlacedIn(width, height, x, y));
    }

    [Theory]
    [InlineData(37, 50)]
    [InlineData(5, 3)]
    [InlineData(8, 6)]
    public void The_probability_and_not_the_logit_is_interpolated_to_the_images_size(int imageWidth, int imageHeight)
    {
        const int Width = 8;
        const int Height = 6;
        float[] logits = [.. Formula.Input(9, Width * Height).Select(value => 5 * value)];
        Segmentation found = Segmentation.FromLogits(logits, 1, Width, Height, imageWidth, imageHeight, 0.6f);

        Assert.Equal((imageWidth, imageHeight), (found.Width, found.Height));
        Assert.Equal((imageWidth, imageHeight), (found.Mask.Width, found.Mask.Height));
        for (int i = 0; i < imageWidth * imageHeight; i++)
        {
            double expected = Interpolate(p => 1 / (1 + Math.Exp(-logits[p])), Width, Height, imageWidth, imageHeight, i);
            Assert.Equal(expected, found.Probabilities[0][i], 1e-5);
            if (Math.Abs(expected - 0.6) > 1e-5)
            {
                Assert.Equal(expected > 0.6 ? 1 : 0, found.Mask.Pixels[i]);
            }
        }
    }

    [Fact]
    public void With_several_classes_the_most_probable_at_the_images_size_is_taken_and_the_first_output_is_the_background()
    {
        const int Outputs = 4;
        const int Width = 7;
        const int Height = 5;
        float[] logits = [.. Formula.Input(10, Outputs * Width * Height).Select(value => 4 * value)];
        Segmentation found = Segmentation.FromLogits(logits, Outputs, Width, Height, 30, 41, 0.5f);

        Assert.Equal(Outputs - 1, found.Probabilities.Count);
        int decided = 0;
        for (int i = 0; i < 30 * 41; i++)
        {
            double[] expected = [.. Enumerable.Range(0, Outputs).Select(c => Interpolate(
                p => Math.Exp(logits[(c * 35) + p]) / Enumerable.Range(0, Outputs).Sum(o => Math.Exp(logits[(o * 35) + p])), Width, Height,
                30, 41, i))];
            for (int c = 1; c < Outputs; c++)
            {
                Assert.Equal(expected[c], found.Probabilities[c - 1][i], 1e-5);
            }

            double[] ordered = [.. expected.OrderDescending()];
            if (ordered[0] - ordered[1] > 1e-5)
            {
                Assert.Equal(Array.IndexOf(expected, ordered[0]), found.Mask.Pixels[i]);
                decided++;
            }
        }

        Assert.True(decided > 1000);
        Assert.Equal(4, found.Mask.Pixels.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Lesions_are_found_in_masks_of_the_segmentations_own_size_and_classes_alone(int outputs)
    {
        Segmentation found = Segmentation.FromLogits(Formula.Input(10, outputs * 12), outputs, 4, 3, 4, 3, 0.5f);
        int classes = found.Probabilities.Count;
        byte[] pixels = [.. Enumerable.Repeat((byte)classes, 12)];
        Lesion lesion = Assert.Single(found.FindLesions(new Mask(4, 3, pixels)));
        Assert.Equal((12, found.Probabilities[^1].Average(p => (double)p)), (lesion.Area, lesion.MeanProbability));
        Assert.Throws<ArgumentException>(() => found.FindLesions(new Mask(3, 4, pixels)));
        Assert.Throws<ArgumentException>(() => found.FindLesions(new Mask(4, 2, pixels[..8])));
        Assert.Throws<ArgumentException>(() => found.FindLesions(new Mask(4, 4, [.. pixels, 0, 0, 0, 0])));
        pixels[5]++;
        ArgumentException e = Assert.Throws<ArgumentException>(() => found.FindLesions(new Mask(4, 3, pixels)));
        Assert.Contains($"the class {classes + 1}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_of_another_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Segmentation.FromLogits(new float[11], 1, 4, 3, 4, 3, 0.5f));
        Assert.Throws<ArgumentException>(() => Segmentation.FromLogits(new float[13], 1, 4, 3, 4, 3, 0.5f));
    }

    // Bilinear with half-pixel centers, in the plainest form.
    private static double Interpolate(Func<int, double> value, int width, int height, int newWidth, int newHeight, int pixel)
    {
        double u = Math.Clamp((((pixel % newWidth) + 0.5) * width / newWidth) - 0.5, 0, width - 1);
        double v = Math.Clamp((((pixel / newWidth) + 0.5) * height / newHeight) - 0.5, 0, height - 1);
        return Enumerable.Range(0, width * height).Sum(p =>
            Math.Max(0, 1 - Math.Abs((p % width) - u)) * Math.Max(0, 1 - Math.Abs((p / width) - v)) is var weight and > 0
                ? weight * value(p)
                : 0);
    }
}
