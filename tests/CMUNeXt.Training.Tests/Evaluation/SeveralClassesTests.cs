using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Evaluation;

/// <summary>
/// A network that finds two classes in an image of 4 x 4 pixels: of the first 3 of 5 pixels, of the second 1 of 5. Each pixel has a
/// probability of 1/2 for the class that is found, and of 1/4 for the others; all that is expected is counted by hand.
/// </summary>
public sealed class SeveralClassesTests : IDisposable
{
    private const int Side = 4;
    private const int Padded = 16;

    // The smoothing of the metrics as published.
    private const double Tolerance = 1e-5;

    private static readonly Mask Reference = TestMasks.Of("11..", "11..", "..22", "..2.");
    private static readonly Mask Prediction = TestMasks.Of("11..", "12..", "..21", "...2");

    private readonly TemporaryFolder folder = new();

    public SeveralClassesTests()
    {
        Save("images", [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(16 * i))]);
        Save("masks/0", Array.ConvertAll(Reference.Pixels, label => label == 1 ? byte.MaxValue : (byte)0));
        Save("masks/1", Array.ConvertAll(Reference.Pixels, label => label == 2 ? byte.MaxValue : (byte)0));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_network_is_judged_by_the_class_of_its_largest_logit_and_as_published_by_a_softmax()
    {
        CaseResult result = Judge();
        Assert.Equal([3.0 / 5, 1.0 / 5], result.Classes.Select(one => one.Confusion.Iou));
        Assert.Equal(6.0 / 8, result.AnyClass!.Confusion.Iou);
        Assert.Equal([8, 0, 1, 0, 3, 1, 1, 1, 1], result.ClassPixels!.SelectMany(row => row));

        // The soft Dice: of the first class 2 (3/2 + 1/4) / (5 + 4), of the second 2 (1/2 + 1/4 + 1/4) / (19/4 + 3).
        MetricsAsPublished published = result.AsPublished!;
        Assert.Equal(((3.0 / 5) + (1.0 / 5)) / 2, published.Iou, Tolerance);
        Assert.Equal(((3.0 / 4) + (1.0 / 3)) / 2, published.Sensitivity, Tolerance);
        Assert.Equal(((14.0 / 16) + (12.0 / 16)) / 2, published.Accuracy, Tolerance);
        Assert.Equal(((3.5 / 9) + (2 / 7.75)) / 2, published.DiceCoef, Tolerance);
    }

    // The four pixels where the two differ: 3 pixels of the first class and 1 of the second are left, and 8 of the background.
    [Fact]
    public void Pixels_that_nothing_is_known_of_add_nothing()
    {
        SaveIgnored(static (reference, prediction) => reference != prediction);
        CaseResult result = Judge();
        Assert.Equal([1.0, 1.0], result.Classes.Select(one => one.Confusion.Iou));
        Assert.Equal([8, 0, 0, 0, 3, 0, 0, 0, 1], result.ClassPixels!.SelectMany(row => row));

        // The soft Dice: of the first class 2 (3/2) / (3/2 + 9/4 + 3), of the second 2 (1/2) / (1/2 + 11/4 + 1).
        Assert.Equal(1, result.AsPublished!.Iou, Tolerance);
        Assert.Equal(((3 / 6.75) + (1 / 4.25)) / 2, result.AsPublished.DiceCoef, Tolerance);
    }

    // The eight that both call background. Of the others the first class has 3 right, 1 found wrongly and 1 missed, the second 1, 2 and 2.
    [Fact]
    public void Background_that_nothing_is_known_of_is_no_true_negative()
    {
        SaveIgnored(static (reference, prediction) => reference + prediction == 0);
        CaseResult result = Judge();
        Assert.Equal([new Confusion(3, 1, 1, 3), new Confusion(1, 2, 2, 3)], result.Classes.Select(one => one.Confusion));
        Assert.Equal(new Confusion(6, 1, 1, 0), result.AnyClass!.Confusion);
        Assert.Equal([0, 0, 1, 0, 3, 1, 1, 1, 1], result.ClassPixels!.SelectMany(row => row));

        MetricsAsPublished published = result.AsPublished!;
        Assert.Equal(((3.0 / 5) + (1.0 / 5)) / 2, published.Iou, Tolerance);
        Assert.Equal(((3.0 / 4) + (3.0 / 5)) / 2, published.Specificity, Tolerance);
        Assert.Equal(((6.0 / 8) + (4.0 / 8)) / 2, published.Accuracy, Tolerance);
    }

    [Fact]
    public void As_published_a_threshold_of_presence_does_not_count()
    {
        CaseResult result = Judge(new PresenceThreshold { Score = 1000, Specificity = 0.95, HealthyImages = 20 });
        Assert.All(result.Classes, one => Assert.Equal(Outcome.Missed, one.Confusion.Outcome));
        Assert.Equal(((3.0 / 5) + (1.0 / 5)) / 2, result.AsPublished!.Iou, Tolerance);
    }

    private CaseResult Judge(PresenceThreshold? presence = null)
    {
        // The image stands in the corner of what the network takes.
        using FakeNetwork network = new(1, 3, compute: _ =>
        {
            float[] logits = new float[3 * Padded * Padded];
            for (int i = 0; i < Prediction.Pixels.Length; i++)
            {
                logits[(((Prediction.Pixels[i] * Padded) + (i / Side)) * Padded) + (i % Side)] = MathF.Log(2);
            }

            return logits;
        });
        WeightsMetadata metadata = new()
        {
            Network = network.Description,
            Preprocessing = Preprocessing.For(1) with { Width = Side, Height = Side },
            Presence = presence,
        };
        Case single = Assert.Single(DataSet.Open(folder.Path).Resolve(["a"], "the test"));
        return Evaluator.OfNetwork(network, metadata).Judge(single).Result;
    }

    private void SaveIgnored(Func<byte, byte, bool> ignored) => Save(
        "masks/ignore",
        [.. Reference.Pixels.Zip(Prediction.Pixels, (one, other) => ignored(one, other) ? byte.MaxValue : (byte)0)]);

    private void Save(string below, byte[] pixels) =>
        ImageFile.SavePng(folder[$"{below}/a.png"], new Image(Side, Side, 1, pixels));
}
