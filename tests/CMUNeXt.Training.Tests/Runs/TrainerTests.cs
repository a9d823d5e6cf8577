using CMUNeXt.Backends;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class TrainerTests : IDisposable
{
    private const int Epochs = 2;
    private const int TrainingCases = 5;
    private const int ValidationCases = 2;

    // Batches of 2, 2 and 1; a report after each step, each validation case and each epoch.
    private const int IterationsOfAnEpoch = 3;
    private const int Reports = Epochs * (IterationsOfAnEpoch + ValidationCases + 1);

    private static readonly TrainingProtocol Protocol = new() { Epochs = Epochs, Batch = 2, Width = 16, Height = 16, LearningRate = 0.1 };

    private readonly TemporaryFolder folder = new();
    private readonly IReadOnlyList<Case> train;
    private readonly IReadOnlyList<Case> validation;

    public TrainerTests()
    {
        for (int i = 0; i < TrainingCases + ValidationCases; i++)
        {
            // All foreground, so that the share of pixels that are found is the IoU.
            folder.WriteCase($"case {i}", (byte)(30 * i), (byte)(250 - (20 * i)), (byte)(7 * i * i), 128);
        }

        IReadOnlyList<Case> cases = DataSet.Open(folder.Path).Cases;
        train = [.. cases.Take(TrainingCases)];
        validation = [.. cases.Skip(TrainingCases)];
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_is_stopped_anywhere_and_goes_on_ends_with_the_same_files()
    {
        Dictionary<string, byte[]> expected = Uninterrupted();
        for (int stopAt = 1; stopAt <= Reports; stopAt++)
        {
            RunFolder run = Begin($"stopped {stopAt}");
            using CancellationTokenSource stop = new();
            int reports = 0;
            Action<TrainingIteration> report = _ =>
            {
                if (++reports == stopAt)
                {
                    stop.Cancel();
                }
            };

            // A stop after the last validation case comes when there is nothing left to stop.
            if (stopAt < Reports - 1)
            {
                Assert.Throws<OperationCanceledException>(() => Train(run, new FakeTrainable(), report, stop: stop));
                Assert.NotNull(run.ReadCheckpoint());
            }
            else
            {
                Train(run, new FakeTrainable(), report, stop: stop);
            }

            FakeTrainable rest = new();
            Train(run, rest);
            AssertSameFiles(expected, run);

            // Nothing is computed twice when a run is stopped in the proper way, but for the validation of one epoch.
            Assert.InRange(reports + rest.Iterations + rest.Evaluations, 0, Reports + ValidationCases);
        }
    }

    [Fact]
    public void A_run_that_is_stopped_again_and_again_ends_with_the_same_files()
    {
        Dictionary<string, byte[]> expected = Uninterrupted();
        RunFolder run = Begin("stopped often");
        for (int starts = 1; ; starts++)
        {
            Assert.True(starts <= Reports);
            using CancellationTokenSource stop = new();
            try
            {
                // After the first step, or, where that is the end of an epoch's steps, after the epoch.
                Train(run, new FakeTrainable(), step => Cancel(stop, step.Validated == 0 || step.Completed is not null), stop: stop);
                Assert.True(starts > Epochs * IterationsOfAnEpoch / 2);
                break;
            }
            catch (OperationCanceledException)
            {
            }
        }

        AssertSameFiles(expected, run);
    }

    [Fact]
    public void A_run_that_is_killed_anywhere_goes_on_from_its_last_checkpoint_to_the_same_results()
    {
        Dictionary<string, byte[]> expected = Uninterrupted();
        int inTheMiddle = 0;
        for (int killAt = 1; killAt <= Reports; killAt++)
        {
            // Each look at the clock takes 4 minutes, so that checkpoints are due in the middle of an epoch too.
            RunFolder run = Begin($"killed {killAt}");
            int reports = 0;
            Assert.Throws<KilledException>(
                () => Train(run, new FakeTrainable(), _ => Kill(++reports == killAt), new FakeClock(TimeSpan.FromMinutes(4))));
            inTheMiddle += run.ReadCheckpoint()?.Progress.Iteration > 0 ? 1 : 0;
            Train(run, new FakeTrainable());

            // The times differ here, and with them the files that hold them.
            Dictionary<string, byte[]> files = Files(run);
            Assert.Equal(expected.Keys.Order(), files.Keys.Order());
            Assert.Equal(expected["last.safetensors"], files["last.safetensors"]);
            Assert.Equal(expected["best.safetensors"], files["best.safetensors"]);
            Assert.Equal(expected["curves.png"], files["curves.png"]);
            Assert.Equal(WithoutSeconds(expected["metrics.csv"]), WithoutSeconds(files["metrics.csv"]));
        }

        Assert.True(inTheMiddle >= 3);
    }

    [Fact]
    public void All_files_but_settings_and_checkpoint_are_made_again_where_they_were_lost()
    {
        Dictionary<string, byte[]> expected = Uninterrupted();
        RunFolder run = Begin("lost");
        int completed = 0;
        Assert.Throws<KilledException>(
            () => Train(run, new FakeTrainable(), step => Kill(step.Completed is not null && ++completed == Epochs)));
        foreach (string file in (string[])["best.safetensors", "last.safetensors", "metrics.csv", "events.out.tfevents.run", "curves.png"])
        {
            File.Delete(Path.Combine(run.Path, file));
        }

        // As if the program had been killed while it wrote.
        File.WriteAllText(Path.Combine(run.Path, "checkpoint.safetensors.part"), "torn");
        File.WriteAllText(Path.Combine(run.Path, "events.out.tfevents.run"), "torn");
        Train(run, new FakeTrainable());
        AssertSameFiles(expected, run);
    }

    [Fact]
    public void Another_seed_gives_another_run()
    {
        Dictionary<string, byte[]> expected = Uninterrupted();
        RunFolder run = Begin("other", Protocol with { Seed = 42 });
        Train(run, new FakeTrainable());
        Assert.NotEqual(expected["last.safetensors"], Files(run)["last.safetensors"]);
    }

    [Fact]
    public void Rates_and_records_are_those_of_the_protocol()
    {
        RunFolder run = Begin("records");
        FakeTrainable network = new();
        RunProgress progress = Train(run, network);

        int all = Epochs * IterationsOfAnEpoch;
        Assert.Equal(Enumerable.Range(0, all).Select(t => Protocol.LearningRateAt(t, all)), network.Rates);
        Assert.Equal([0, 1], progress.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(
            [Protocol.LearningRateAt(2, all), Protocol.LearningRateAt(5, all)], progress.Epochs.Select(epoch => epoch.LearningRate));
        Assert.Equal(Epochs * ValidationCases, network.Evaluations);
    }

    [Fact]
    public void The_training_loss_is_averaged_over_the_cases_and_the_validation_loss_too()
    {
        // Losses of 1, 2, 3 for batches of 2, 2, 1 cases; then 4 and 8 for the validation's two.
        RunFolder run = Begin("losses", Protocol with { Epochs = 1 });
        FakeTrainable network = new() { TrainingLoss = (step, _) => step + 1, ValidationLoss = (single, _) => single == 0 ? 4 : 8 };
        EpochRecord epoch = Assert.Single(Train(run, network).Epochs);
        Assert.Equal((2 + 4 + 3) / 5.0, epoch.TrainLoss, 1e-12);
        Assert.Equal(6, epoch.ValidationLoss, 1e-12);
    }

    [Fact]
    public void The_weights_of_the_epoch_with_the_best_validation_IoU_are_kept_the_first_of_equals()
    {
        double[] ious = [0.25, 0.75, 0.75, 0.5];
        RunFolder run = Begin("best", Protocol with { Epochs = 4 });
        List<StateDict> weights = [];
        FakeTrainable network = new() { Found = single => ious[single / ValidationCases] };
        RunProgress progress = Train(run, network, step =>
        {
            if (step.Completed is not null)
            {
                weights.Add(network.CopyWeights());
            }
        });

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(ious[i], progress.Epochs[i].Validation.Iou, 1e-6);
        }

        Assert.Equal(1, progress.Best!.Epoch);
        SomeRun.AssertEqual(weights[1], WeightsFile.Load(Path.Combine(run.Path, "best.safetensors")).State);
        SomeRun.AssertEqual(weights[3], WeightsFile.Load(Path.Combine(run.Path, "last.safetensors")).State);
    }

    [Theory]
    [InlineData(SelectionKind.Published, 0)]
    [InlineData(SelectionKind.Iou, 1)]
    [InlineData(SelectionKind.Dice, 1)]
    [InlineData(SelectionKind.F1, 1)]
    [InlineData(SelectionKind.Presence, 1)]
    [InlineData(SelectionKind.Loss, 2)]
    [InlineData(SelectionKind.Last, 3)]
    public void As_published_healthy_images_choose_the_network_that_marks_nothing(SelectionKind selection, int expected)
    {
        // One case with a lesion and three healthy ones. The first epoch marks nothing, the second half of the lesion and of one healthy
        // image, the third all of every image, with the lowest loss, and the fourth nothing again.
        string[] healthy = ["healthy 0", "healthy 1", "healthy 2"];
        foreach (string name in healthy)
        {
            folder.WriteCase(name, 1, 2, 3, 4);
            folder.WriteGray($"masks/0/{name}.png", 0, 0, 0, 0);
        }

        double[][] found = [[0, 0, 0, 0], [0.5, 0.5, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]];
        FakeTrainable network = new()
        {
            Found = single => found[single / 4][single % 4],
            ValidationLoss = (single, _) => single / 4 == 2 ? 1 : 2,
        };
        RunFolder run = new(Path.Combine(folder.Path, "runs", $"{selection}"));
        RunSettings settings = SomeRun.Settings(Protocol with { Epochs = 4 }) with { Selection = selection };
        run.Begin(settings);
        IReadOnlyList<Case> cases = DataSet.Open(folder.Path).Resolve(["case 5", .. healthy], "this test");
        RunProgress progress = new Trainer(settings, train, cases, network, run).Run(null, null, TestContext.Current.CancellationToken);
        Assert.Equal(expected, progress.Best!.Epoch);
        Assert.Equal([0, 2, 4, 0], progress.Epochs.Select(epoch => epoch.Masks!.Found));
        Assert.Equal(expected is 0 or 3, progress.Best.FindsNothing);

        // Half of the lesion, and nothing of the healthy image that is marked; the other two have no IoU.
        Assert.Equal((0.25, 0.5 * 2 / 3), (progress.Epochs[1].Masks!.Iou!.Value, progress.Epochs[1].Masks!.Dice!.Value));
        Assert.Equal((1 + (2.0 / 3)) / 2, progress.Epochs[1].Masks!.Presence!.Value, 1e-12);
    }

    // Of 4 x 2 pixels the left half is a lesion, between bars of as many pixels.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_bars_beside_an_image_are_not_taken_for_background_in_which_nothing_is_found(int atOnce)
    {
        foreach (Case one in validation)
        {
            folder.WriteGray($"masks/0/{one.Name}.png", 255, 255, 0, 0);
        }

        RunSettings settings = SomeRun.Settings(Protocol with { Epochs = 1 });
        settings = settings with { Preprocessing = settings.Preprocessing with { Letterbox = true } };
        RunFolder run = new(Path.Combine(folder.Path, "runs", "bars"));
        run.Begin(settings);
        FakeTrainable network = new() { Found = static _ => 1, EvaluationBatch = atOnce };
        RunProgress progress =
            new Trainer(settings, train, validation, network, run).Run(null, null, TestContext.Current.CancellationToken);
        Assert.Equal(ValidationCases / atOnce, network.Evaluations);
        MetricsAsPublished published = Assert.Single(progress.Epochs).Validation;
        Assert.Equal((0, 0.5), (published.Specificity, published.Accuracy));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    [InlineData(4, 9)]
    [InlineData(6, 10)]
    public void Training_ends_when_the_IoU_has_not_risen_for_the_epochs_of_the_patience(int patience, int expected)
    {
        // It rises in epochs 0, 1 and 4 and never again.
        double[] ious = [0.25, 0.5, 0.5, 0.25, 0.75, 0.5, 0.75, 0.5, 0.25, 0.5];
        RunFolder run = Begin("patience", Protocol with { Epochs = 10, Patience = patience });
        Assert.Equal(expected, Train(run, new FakeTrainable { Found = single => ious[single / ValidationCases] }).Epochs.Count);

        // A run that has ended stays ended.
        FakeTrainable again = new();
        Assert.Equal(expected, Train(run, again).Epochs.Count);
        Assert.Equal(0, again.Iterations);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_loss_that_is_no_number_ends_the_run_and_the_last_checkpoint_is_kept(double bad)
    {
        RunFolder run = Begin("diverged");
        FakeTrainable network = new() { TrainingLoss = (step, loss) => step == IterationsOfAnEpoch + 1 ? bad : loss };
        AssertKeepsFirstEpoch(run, network, "epoch 2, iteration 2");
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_validation_loss_that_is_no_number_ends_the_run_and_the_last_checkpoint_is_kept(double bad)
    {
        RunFolder run = Begin("diverged");
        FakeTrainable network = new() { ValidationLoss = (single, loss) => single == ValidationCases + 1 ? bad : loss };
        AssertKeepsFirstEpoch(run, network, "epoch 2");
    }

    private static void Cancel(CancellationTokenSource stop, bool now)
    {
        if (now)
        {
            stop.Cancel();
        }
    }

    private static void Kill(bool now)
    {
        if (now)
        {
            throw new KilledException();
        }
    }

    private static string[] WithoutSeconds(byte[] metrics) =>
        [.. System.Text.Encoding.UTF8.GetString(metrics).Split('\n').Select(line => line[..(line.LastIndexOf(',') + 1)])];

    private static Dictionary<string, byte[]> Files(RunFolder run) =>
        Directory.EnumerateFiles(run.Path).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

    private static void AssertSameFiles(Dictionary<string, byte[]> expected, RunFolder run)
    {
        Dictionary<string, byte[]> files = Files(run);
        Assert.Equal(expected.Keys.Order(), files.Keys.Order());
        Assert.All(expected, file => Assert.True(file.Value.AsSpan().SequenceEqual(files[file.Key]), $"{file.Key} differs"));
    }

    private void AssertKeepsFirstEpoch(RunFolder run, FakeTrainable network, string named)
    {
        Checkpoint? kept = null;
        TrainingFailedException e = Assert.Throws<TrainingFailedException>(() => Train(run, network, step =>
        {
            if (step is { Epoch: 1, Iteration: 1, Validated: 0 })
            {
                kept = run.ReadCheckpoint();
            }
        }));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
        Assert.Single(kept!.Progress.Epochs);
        SomeRun.AssertEqual(kept, run.ReadCheckpoint()!);
    }

    private Dictionary<string, byte[]> Uninterrupted()
    {
        RunFolder run = Begin("uninterrupted");
        Train(run, new FakeTrainable());
        return Files(run);
    }

    private RunFolder Begin(string name, TrainingProtocol? protocol = null)
    {
        RunFolder run = new(Path.Combine(folder.Path, "runs", name));
        run.Begin(SomeRun.Settings(protocol ?? Protocol));
        return run;
    }

    // Goes on from the folder's checkpoint where there is one. The clock stands still at 1970 but for the test that says otherwise.
    private RunProgress Train(
        RunFolder run, FakeTrainable network, Action<TrainingIteration>? report = null, TimeProvider? clock = null,
        CancellationTokenSource? stop = null) =>
        new Trainer(run.ReadSettings(), train, validation, network, run, clock ?? new StoppedClock()).Run(
            run.ReadCheckpoint(), new Callback(report), stop?.Token ?? TestContext.Current.CancellationToken);

    private sealed class Callback(Action<TrainingIteration>? action) : IProgress<TrainingIteration>
    {
        public void Report(TrainingIteration value) => action?.Invoke(value);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 1;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }

    private sealed class KilledException : Exception;
}
