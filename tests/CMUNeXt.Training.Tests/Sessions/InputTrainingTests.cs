using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>Trainings on wide images, with bars, pixels of which nothing is known, and lists with shares.</summary>
public sealed class InputTrainingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public InputTrainingTests()
    {
        for (int i = 0; i < 8; i++)
        {
            WriteCase($"case_{i}", i);
        }

        folder.WriteText("one.txt", "case_0\ncase_1\ncase_2\ncase_3\n");
        folder.WriteText("two.txt", "case_4\ncase_5\n");
        folder.WriteText("val.txt", "case_6\ncase_7\n");
        options = new TrainingOptions
        {
            Data = folder.Path,
            Train = folder["one.txt"],
            Validation = folder["val.txt"],
            Network = TinyCMUNeXt.Describe(),
            Protocol = new TrainingProtocol { Epochs = 2, Batch = 2, Width = 32, Height = 32, LearningRate = 0.05 },
            Threads = 1,
        };
    }

    public void Dispose() => folder.Dispose();

    // An evaluation makes its input and its target on other ways than a training.
    [Theory]
    [InlineData(false, AugmentationKind.RotateFlip)]
    [InlineData(true, AugmentationKind.RotateFlip)]
    [InlineData(true, AugmentationKind.Ultrasound)]
    public void A_run_is_judged_as_it_validated_itself(bool letterbox, AugmentationKind augmentation)
    {
        RunProgress progress = Run(
            options with { Letterbox = letterbox, Protocol = options.Protocol! with { Augmentation = augmentation } }, out RunFolder run);
        LoadedWeights weights = WeightsFile.Load(run.BestPath);
        Assert.Equal(letterbox, weights.Metadata!.Preprocessing.Letterbox);
        using EvaluationSession session = EvaluationSession.Open(
            new EvaluationOptions { Data = folder.Path, List = folder["val.txt"], Weights = [weights], Threads = 1 });
        EvaluationSummary summary = session.Run(
            Path.Combine(folder.Path, "evaluation"), cancellation: TestContext.Current.CancellationToken).Summary;
        Assert.Equal(progress.Best!.Validation.Iou, summary.All.AsPublished!["iou"].Mean!.Value, 1e-6);
        Assert.Equal(progress.Best.Validation.DiceCoef, summary.All.AsPublished["dice_coef"].Mean!.Value, 1e-6);
        Assert.Equal(progress.Best.Validation.Specificity, summary.All.AsPublished["specificity"].Mean!.Value, 1e-6);
        Assert.Equal(progress.Best.Validation.Accuracy, summary.All.AsPublished["accuracy"].Mean!.Value, 1e-6);
        Assert.True(Directory.EnumerateFiles(Path.Combine(run.Path, "images")).Any());
    }

    [Theory]
    [InlineData(AugmentationKind.RotateFlip, 0, 0, true)]
    [InlineData(AugmentationKind.None, 0, 0, false)]
    [InlineData(AugmentationKind.Ultrasound, 0, 0, false)]
    [InlineData(AugmentationKind.Ultrasound, 0.5, 0, true)]
    [InlineData(AugmentationKind.Ultrasound, 0, 0.5, true)]
    public void Weights_say_whether_they_were_shown_images_upside_down(
        AugmentationKind augmentation, double verticalFlip, double quarterTurns, bool expected)
    {
        TrainingProtocol protocol = options.Protocol! with
        {
            Epochs = 1,
            Augmentation = augmentation,
            Ultrasound = new UltrasoundAugmentation { VerticalFlip = verticalFlip, QuarterTurns = quarterTurns },
        };
        Run(options with { Protocol = protocol }, out RunFolder run);
        Assert.Equal(expected, WeightsFile.Load(run.BestPath).Metadata!.VerticalFlips);
    }

    [Fact]
    public void Lists_with_shares_are_drawn_by_them()
    {
        List<int> steps = [];
        Run(options with { FurtherTrain = [folder["two.txt"]], Shares = [1, 2] }, out RunFolder run, steps.Add);

        // Four cases once, two of them four times.
        Assert.Equal(6, steps.Max());
        Assert.Equal([new ListShare(4, 1), new ListShare(2, 2)], run.ReadSettings().Shares);
        TrainingOptions twice = options with { FurtherTrain = [folder["one.txt"]] };
        Assert.Equal(
            "the case case_0 stands in two training lists", Assert.Throws<SettingsException>(() => Run(twice, out _)).Message);
        TrainingOptions apart = options with { FurtherTrain = [folder["two.txt"]], Shares = [1, 1e-300] };
        Assert.Contains("too far apart", Assert.Throws<SettingsException>(() => Run(apart, out _)).Message, StringComparison.Ordinal);
        Assert.Equal(
            "there must be a share for each training list; shares: 2, lists: 1",
            Assert.Throws<SettingsException>(() => Run(options with { Shares = [1, 2] }, out _)).Message);
    }

    private RunProgress Run(TrainingOptions asked, out RunFolder run, Action<int>? step = null)
    {
        using TrainingSession session = TrainingSession.Begin(Path.Combine(folder.Path, $"run {Guid.NewGuid():N}"), asked);
        run = session.Folder;
        return session.Run(new Progress(step), TestContext.Current.CancellationToken);
    }

    // A bright block on noise, and a column of which nothing is known.
    private void WriteCase(string name, int seed)
    {
        const int Width = 50;
        const int Height = 30;
        Random random = new(seed);
        (int x, int y) = (random.Next(5, 30), random.Next(5, 15));
        bool Inside(int i) => i % Width - x is >= 0 and < 9 && i / Width - y is >= 0 and < 9;
        byte[] Gray(Func<int, int> value) => [.. Enumerable.Range(0, Width * Height).Select(i => (byte)value(i))];
        ImageFile.SavePng(
            folder[$"images/{name}.png"], new Image(Width, Height, 1, Gray(i => (Inside(i) ? 120 : 0) + random.Next(100))));
        ImageFile.SavePng(folder[$"masks/0/{name}.png"], new Image(Width, Height, 1, Gray(i => Inside(i) ? 255 : 0)));
        ImageFile.SavePng(folder[$"masks/ignore/{name}.png"], new Image(Width, Height, 1, Gray(i => i % Width > 42 ? 255 : 0)));
    }

    private sealed class Progress(Action<int>? step) : IProgress<TrainingIteration>
    {
        public void Report(TrainingIteration value) => step?.Invoke(value.Iterations);
    }
}
