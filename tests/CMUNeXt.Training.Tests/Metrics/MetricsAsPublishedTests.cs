using System.Text.Json;
using CMUNeXt.Tests;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Metrics;

public sealed class MetricsAsPublishedTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    public void Equal_the_original_code(int place)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Golden.PathOf("loss_metrics", "cases.json")));
        JsonElement expected = document.RootElement[place];
        long count = expected.GetProperty("shape").EnumerateArray().Aggregate(1L, static (n, size) => n * size.GetInt32());
        double threshold = expected.GetProperty("target_threshold").GetDouble();
        float[] logits = [.. Formula.Input(expected.GetProperty("logit_key").GetInt32(), count).Select(static v => 6 * v)];
        byte[] target =
            [.. Formula.Input(expected.GetProperty("target_key").GetInt32(), count).Select(v => v > threshold ? (byte)1 : (byte)0)];

        MetricsAsPublished actual = MetricsAsPublished.Of(logits, target, 1, null);

        Assert.Equal(expected.GetProperty("iou").GetDouble(), actual.Iou, Tolerance);
        Assert.Equal(expected.GetProperty("dice").GetDouble(), actual.Dice, Tolerance);
        Assert.Equal(expected.GetProperty("sensitivity").GetDouble(), actual.Sensitivity, Tolerance);
        Assert.Equal(expected.GetProperty("precision").GetDouble(), actual.Precision, Tolerance);
        Assert.Equal(expected.GetProperty("f1").GetDouble(), actual.F1, Tolerance);
        Assert.Equal(expected.GetProperty("specificity").GetDouble(), actual.Specificity, Tolerance);
        Assert.Equal(expected.GetProperty("accuracy").GetDouble(), actual.Accuracy, Tolerance);
        Assert.Equal(expected.GetProperty("dice_coef").GetDouble(), actual.DiceCoef, Tolerance);
    }

    [Fact]
    public void An_empty_reference_counts_as_all_foreground()
    {
        MetricsAsPublished actual = MetricsAsPublished.Of([5, -5, -5, -5], [0, 0, 0, 0], 1, null);
        Assert.Equal(0.25, actual.Sensitivity, 1e-6);
        Assert.Equal(1, actual.Precision, 1e-5);
        Assert.Equal(0, actual.Specificity);
        Assert.Equal(0.25, actual.Accuracy);
        Assert.Equal(0, actual.Iou, 1e-4);
    }

    // Their logits are settled.
    [Fact]
    public void Pixels_that_nothing_is_known_of_are_none_of_all_pixels()
    {
        bool[] lastTwo = [false, false, true, true];
        MetricsAsPublished everything = MetricsAsPublished.Of([5, 5, -1e4f, -1e4f], [1, 0, 0, 0], 1, lastTwo);
        Assert.Equal((0, 0.5), (everything.Specificity, everything.Accuracy));
        MetricsAsPublished empty = MetricsAsPublished.Of([5, -5, -1e4f, -1e4f], [0, 0, 0, 0], 1, lastTwo);
        Assert.Equal(0.5, empty.Sensitivity, 1e-6);
        Assert.Equal(0.5, empty.Accuracy);
        Assert.Equal(0, MetricsAsPublished.Of([-1e4f], [0], 1, [true]).Accuracy);
    }

    [Fact]
    public void A_probability_of_one_half_is_background()
    {
        MetricsAsPublished actual = MetricsAsPublished.Of([0, 1e-9f, 3], [1, 0, 1], 1, null);
        Assert.Equal(0.5, actual.Iou, 1e-4);
        Assert.Equal(2.0 / 3, actual.Accuracy, 1e-6);
    }

    [Fact]
    public void A_softmax_of_two_channels_is_the_sigmoid_of_their_difference()
    {
        const int pixels = 35;
        float[] logits = [.. Formula.Input(1, 3 * 2 * pixels).Select(static v => 6 * v)];
        byte[] target = [.. Formula.Input(2, 3 * pixels).Select(static v => v > 0.3f ? (byte)1 : (byte)0)];
        float[] differences = new float[3 * pixels];
        for (int i = 0; i < differences.Length; i++)
        {
            int background = i / pixels * 2 * pixels + i % pixels;
            differences[i] = logits[background + pixels] - logits[background];
        }

        MetricsAsPublished expected = CountsAsPublished.Of(differences, target, 1, pixels).Single().ToMetrics();
        MetricsAsPublished actual = CountsAsPublished.Of(logits, target, 2, pixels).Single().ToMetrics();
        Assert.Equal(expected.Iou, actual.Iou, 1e-9);
        Assert.Equal(expected.F1, actual.F1, 1e-9);
        Assert.Equal(expected.Specificity, actual.Specificity, 1e-9);
        Assert.Equal(expected.DiceCoef, actual.DiceCoef, 1e-6);
    }

    [Fact]
    public void Several_classes_are_averaged_without_the_background()
    {
        // Four pixels, three channels. Predicted 0 1 2 2, true 0 1 1 2: class 1 overlaps 1 of 2, class 2 overlaps 1 of 2.
        float[] logits = [9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 9];
        MetricsAsPublished actual = MetricsAsPublished.Of(logits, [0, 1, 1, 2], 3, null);
        Assert.Equal(0.5, actual.Iou, 1e-4);
        Assert.Equal((0.5 + 1) / 2, actual.Sensitivity, 1e-4);
        Assert.Equal((1 + 0.5) / 2, actual.Precision, 1e-4);
        Assert.Equal((1 + 2.0 / 3) / 2, actual.Specificity, 1e-4);
        Assert.Equal(0.75, actual.Accuracy, 1e-4);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => MetricsAsPublished.Of([1, 2], [2], 2, null));
        Assert.Throws<ArgumentException>(() => MetricsAsPublished.Mean([]));
    }
}
