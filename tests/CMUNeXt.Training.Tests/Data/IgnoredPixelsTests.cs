using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Preparation;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Tests.Evaluation;

namespace CMUNeXt.Training.Tests.Data;

/// <summary>An image of 2 x 4 pixels, of whose columns the first is a lesion and the last is not known.</summary>
public sealed class IgnoredPixelsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public IgnoredPixelsTests()
    {
        folder.WriteGray("source/images/a.png", 10, 20, 30, 40);
        folder.WriteGray("source/masks/a.png", 255, 0, 0, 128);
        PreparationReport report = Prepare("set");
        Assert.Empty(report.Problems);
        Assert.Empty(report.Remarks);
        Assert.Equal(["lesion"], report.ClassNames);
    }

    private Case Single => DataSet.Open(folder["set"]).Resolve(["a"], "the test")[0];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_value_that_is_named_so_is_ignored_also_in_a_merged_set()
    {
        Assert.Equal(
            ["images/a.png", "masks/0/a.png", "masks/ignore/a.png", "prepare.json"], folder.Files("set"));
        Assert.Equal([1, 0, 0, 255, 1, 0, 0, 255], LoadedCase.Load(Single).Mask.Pixels);
        Assert.Equal(1, DataSet.Open(folder["set"]).Classes);

        folder.WriteGray("other/images/b.png", 1, 2, 3, 4);
        folder.WriteGray("other/masks/0/b.png", 0, 0, 255, 255);
        MergedDataSets.Write([folder["set"], folder["other"]], folder["merged"]);
        Case merged = DataSet.Open(folder["merged"]).Resolve(["a"], "the test")[0];
        Assert.Equal([1, 0, 0, 255, 1, 0, 0, 255], LoadedCase.Load(merged).Mask.Pixels);
    }

    [Fact]
    public void What_is_found_there_is_no_mistake()
    {
        CaseResult result = Judge("a", 255, 0, 0, 255);
        Assert.Equal(1, result.Classes[0].Confusion.Iou);
        Assert.Equal(0, result.Classes[0].Surface.Hd95);
        Assert.Equal(0.5, Judge("a", 255, 0, 255, 255).Classes[0].Confusion.Iou);
    }

    // Of the 8 pixels 6 are known: 2 of the lesion and 4 of the background.
    [Fact]
    public void What_is_not_found_there_is_not_right_either()
    {
        Assert.Equal(new Confusion(2, 0, 0, 4), Judge("a", 255, 0, 0, 0).Classes[0].Confusion);
        CaseResult everything = Judge("a", 255, 255, 255, 255);
        Assert.Equal(new Confusion(2, 4, 0, 0), everything.Classes[0].Confusion);
        Assert.Equal((0, 2.0 / 6), (everything.Classes[0].Confusion.Specificity, everything.Classes[0].Confusion.Accuracy));
        Assert.Equal((2.0 / 6, 2.0 / 6), (everything.ReferenceFraction, Assert.Single(everything.References).AreaFraction));
    }

    // It holds a second class, which the preparation has no name for.
    [Fact]
    public void The_part_of_an_image_without_the_class_that_is_found_is_one_of_what_is_known()
    {
        WriteEmpty(0, 0, 0, 255);
        folder.WriteGray("set/masks/1/b.png", 255, 0, 0, 0);
        File.Delete(folder["set/prepare.json"]);
        EvaluationSummary summary = Results.Summarize(Results.Info("one", "other"), [Judge("b", 1, 1, 1, 0)]);
        Statistic found = summary.All.Metrics.Classes[0].EmptyReference!.FoundArea;
        Assert.Equal((1.0, 1), (found.Mean, found.Count));
    }

    [Fact]
    public void Where_nothing_is_known_nothing_is_defined()
    {
        WriteEmpty(255, 255, 255, 255);
        CaseResult result = Judge("b", 255, 255, 255, 255);
        Assert.Equal(new Confusion(0, 0, 0, 0), result.Classes[0].Confusion);
        Assert.Equal((double.NaN, double.NaN), (result.Classes[0].Confusion.Specificity, result.Classes[0].Confusion.Accuracy));
        Assert.Null(Results.Summarize(Results.Info(), [result]).All.Metrics.Classes[0].EmptyReference);
    }

    [Fact]
    public void An_image_whose_only_lesion_is_ignored_is_neither_healthy_nor_with_a_lesion()
    {
        // Of three images the first has a lesion, and the last is healthy.
        folder.WriteGray("source/images/b.png", 50, 60, 70, 80);
        folder.WriteGray("source/masks/b.png", 0, 128, 0, 0);
        folder.WriteGray("source/images/c.png", 15, 25, 35, 45);
        folder.WriteGray("source/masks/c.png", 0, 0, 0, 0);
        Prepare("three");
        Assert.Equal(["c"], File.ReadAllLines(folder["three/normal.txt"]));
        folder.WriteGray("other/images/d.png", 1, 2, 3, 4);
        folder.WriteGray("other/masks/0/d.png", 0, 0, 0, 0);
        MergedDataSets.Write([folder["three"], folder["other"]], folder["merged"]);
        Assert.Equal(["c", "d"], File.ReadAllLines(folder["merged/normal.txt"]));

        IReadOnlyList<Case> cases = DataSet.Open(folder["three"]).Resolve(["a", "b", "c"], "the test");
        Assert.Equal([false, false, true], CaseContents.ReadAll(cases, threads: 1).Select(one => one.IsHealthy));
        TrainingProtocol protocol = new() { Width = 4, Height = 4, Batch = 3, HealthyShare = 1.0 / 3 };
        BatchLoader loader = new(new CaseCache(), Preprocessing.For(1) with { Width = 4, Height = 4 }, protocol);
        Assert.Equal(["a", "b", "c"], loader.Order(cases).Batches(0).Single().Select(one => one.Name).Order());

        folder.WriteText("all.txt", "a\nb\nc\n");
        foreach (string name in (string[])["a", "b", "c"])
        {
            folder.WriteGray($"masks/{name}.png", 255, 0, 0, 0);
        }

        using EvaluationSession session = EvaluationSession.Open(new EvaluationOptions
        {
            Data = folder["three"],
            List = folder["all.txt"],
            Predictions = folder.File("masks"),
        });
        EvaluationSummary summary = session.Run(folder["judged"], cancellation: TestContext.Current.CancellationToken).Summary;
        Assert.Equal([("with a lesion", 1), ("without", 1)], summary.ByPresence.Select(group => (group.Name!, group.Cases)));
        Assert.Contains(
            "1 of 3 cases have no lesion but ignored pixels, and count neither as healthy nor as with a lesion: b", summary.Info.Notes);
    }

    [Fact]
    public void A_batch_says_where_they_are_through_every_augmentation()
    {
        Preprocessing gray = new() { Width = 4, Height = 4, Order = ChannelOrder.Gray, Mean = [0], StandardDeviation = [1], Divisor = 1 };
        TrainingProtocol protocol = new() { Width = 4, Height = 4 };
        BatchLoader loader = new(new CaseCache(), gray, protocol);
        for (int epoch = 0; epoch < 20; epoch++)
        {
            Batch batch = loader.Training(loader.Order([Single]), epoch).Single();
            Assert.Equal(4, batch.Ignored!.Count(static one => one));

            // The image is brightest where nothing is known, and darkest in the lesion.
            for (int i = 0; i < 16; i++)
            {
                Assert.Equal(batch.Input[i] > 0.13f, batch.Ignored![i]);
                Assert.Equal(batch.Input[i] < 0.06f ? 1 : 0, batch.Target[i]);
            }
        }
    }

    private PreparationReport Prepare(string output) => PairsPreparation.Run(new PairsPreparationOptions
    {
        Images = folder["source/images"],
        Masks = folder["source/masks"],
        Output = folder[output],
        Labels = MaskClass.ParseLabels("255=lesion,128=ignore"),
    });

    private CaseResult Judge(string name, params byte[] prediction)
    {
        folder.WriteGray($"predictions/{name}.png", prediction);
        DataSet data = DataSet.Open(folder["set"]);
        return Evaluator.OfPredictions(folder["predictions"], data.Classes).Judge(data.Resolve([name], "the test")[0]).Result;
    }

    // The case b, beside the prepared one.
    private void WriteEmpty(params byte[] ignored)
    {
        folder.WriteGray("set/images/b.png", 10, 20, 30, 40);
        folder.WriteGray("set/masks/0/b.png", 0, 0, 0, 0);
        folder.WriteGray("set/masks/ignore/b.png", ignored);
    }
}
