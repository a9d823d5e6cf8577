using System.Text.Json.Nodes;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunSettings settings = SomeRun.Settings(new TrainingProtocol
    {
        Optimizer = OptimizerKind.AdamW, Schedule = ScheduleKind.Cosine, Loss = LossKind.Dice, Augmentation = AugmentationKind.None,
        Patience = 7, Seed = ulong.MaxValue, LearningRate = 1.0 / 3, Width = 32, Height = 48,
    }) with
    { InitialWeights = "/weights/start.pth", InitialWeightsSha256 = "abc" };

    private RunFolder Run => new(Path.Combine(folder.Path, "run"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Settings_are_read_as_they_were_written()
    {
        Assert.False(Run.HasRun);
        Run.Begin(settings);
        RunSettings read = Run.ReadSettings();

        Assert.True(Run.HasRun);
        Assert.Equal(settings.Train, read.Train);
        Assert.Equal(settings.Validation, read.Validation);
        Assert.Equal(settings, read with { Train = settings.Train, Validation = settings.Validation });
        Assert.Null(Run.ReadCheckpoint());
    }

    [Theory]
    [InlineData("config.json", "--resume")]
    [InlineData("best.safetensors", "a run would replace it")]
    [InlineData("metrics.csv", "a run would replace it")]
    public void A_folder_that_holds_what_a_run_would_replace_is_not_free(string name, string said)
    {
        Run.CheckFree();
        Directory.CreateDirectory(Run.Path);
        File.WriteAllText(Path.Combine(Run.Path, "notes.txt"), "mine");
        Run.CheckFree();
        File.WriteAllText(Path.Combine(Run.Path, name), "");
        Assert.Contains(said, Assert.Throws<BadFileException>(Run.CheckFree).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_not_taken_for_the_folder()
    {
        folder.WriteText("run", "mine");
        foreach (Action begin in (Action[])[Run.CheckFree, () => Run.Take(begins: true).Dispose()])
        {
            BadFileException e = Assert.Throws<BadFileException>(begin);
            Assert.Equal(Run.Path, e.Path);
            Assert.EndsWith("; choose another --output", e.Problem, StringComparison.Ordinal);
        }

        // A run that goes on has no other folder.
        BadFileException resumed = Assert.Throws<BadFileException>(() => Run.Take(begins: false).Dispose());
        Assert.StartsWith("the folder cannot be used", resumed.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("--output", resumed.Problem, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Run.Path));
    }

    [Fact]
    public void A_run_that_is_begun_anew_leaves_nothing_of_the_old_one_and_other_files_alone()
    {
        Run.Begin(settings);
        Checkpoint checkpoint = Complete();
        Run.WriteCheckpoint(checkpoint);
        Run.Publish(settings, checkpoint, everything: true);
        Run.DrawCurves(checkpoint.Progress.Epochs);
        folder.WriteText("run/notes.txt", "mine");
        Assert.Equal(
            ["best.safetensors", "checkpoint.safetensors", "config.json", "curves.png", "events.out.tfevents.run", "last.safetensors",
             "metrics.csv", "notes.txt", "places.json", "val.txt"],
            folder.Files("run"));

        Run.Begin(settings);
        Assert.Equal(["config.json", "notes.txt", "places.json", "val.txt"], folder.Files("run"));
        Assert.Equal(settings.Validation, CaseList.Read(Run.ValidationListPath).Names);
        Assert.Null(Run.ReadCheckpoint());
    }

    [Fact]
    public void The_validation_IoU_is_read_as_it_was_measured()
    {
        Assert.Empty(Run.ReadValidationIou());
        Run.Begin(settings);
        Run.WriteCheckpoint(Complete());
        Run.Publish(settings, Complete(), everything: true);
        Assert.Equal(Complete().Progress.Epochs.Select(epoch => Math.Round(epoch.Validation.Iou, 8)), Run.ReadValidationIou());

        string path = Path.Combine(Run.Path, "metrics.csv");
        File.AppendAllText(path, "2,0.5\n");
        Assert.Contains("\"2,0.5\"", Assert.Throws<BadFileException>(Run.ReadValidationIou).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "epoch,iou\n");
        Assert.Contains("its first line", Assert.Throws<BadFileException>(Run.ReadValidationIou).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_make_another_run_are_named()
    {
        Assert.Empty(settings.DifferencesFrom(
            settings with { Version = "9", Data = "/elsewhere", Backend = "managed", Threads = 7, Train = [.. settings.Train] }));
        Assert.Equal(
            ["protocol.epochs is 300 and not 40", "protocol.patience is 7 and not none", "train is another list",
                "initial_weights is /weights/start.pth and not none"],
            settings.DifferencesFrom(settings with
            {
                Protocol = settings.Protocol with { Epochs = 40, Patience = null },
                Train = ["b", "a"],
                InitialWeights = null,
            }));
    }

    [Fact]
    public void A_folder_without_a_run_cannot_be_resumed()
    {
        BadFileException e = Assert.Throws<BadFileException>(Run.ReadSettings);
        Assert.Contains("no run here to resume", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_without_or_with_an_impossible_value_are_refused_in_one_line()
    {
        Run.Begin(settings);
        string path = Path.Combine(Run.Path, "config.json");
        string written = File.ReadAllText(path);
        (string Named, Action<JsonObject> Change)[] changes =
        [
            ("network", json => json.Remove("network")),
            ("network", json => json["network"] = null),
            ("train", json => json["train"] = null),
            ("dims", json => json["network"]!["configuration"]!["dims"] = null),
            ("Dims", json => json["network"]!["configuration"]!["dims"] = new JsonArray(8, 16, 32)),
            ("kernels", json => json["network"]!["configuration"]!.AsObject().Remove("kernels")),
            ("optimizer", json => json["protocol"]!["optimizer"] = "adagrad"),
            ("batch", json => json["protocol"]!["batch"] = 0),
            ("threads", json => json["threads"] = 0),
            ("standard deviation", json => json["preprocessing"]!["std"] = new JsonArray()),
            ("48", json => json["preprocessing"]!["height"] = 64),
        ];
        foreach ((string named, Action<JsonObject> change) in changes)
        {
            JsonObject json = JsonNode.Parse(written)!.AsObject();
            change(json);
            File.WriteAllText(path, json.ToJsonString());
            BadFileException e = Assert.Throws<BadFileException>(Run.ReadSettings);
            Assert.StartsWith(path + ": ", e.Message, StringComparison.Ordinal);
            Assert.Contains(named, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }

        foreach (string text in (string[])["", "null", "[]", "{", written[..100]])
        {
            File.WriteAllText(path, text);
            Assert.Throws<BadFileException>(Run.ReadSettings);
        }
    }

    [Fact]
    public void Weights_say_what_they_are_and_of_which_epoch()
    {
        Run.Begin(settings);
        Checkpoint checkpoint = Complete();
        Run.Publish(settings, checkpoint, everything: true);
        LoadedWeights best = WeightsFile.Load(Path.Combine(Run.Path, "best.safetensors"));
        LoadedWeights last = WeightsFile.Load(Path.Combine(Run.Path, "last.safetensors"));

        SomeRun.AssertEqual(checkpoint.Best!, best.State);
        SomeRun.AssertEqual(checkpoint.Weights, last.State);
        foreach (WeightsMetadata? metadata in (WeightsMetadata?[])[best.Metadata, last.Metadata])
        {
            Assert.Equal(settings.Network, metadata!.Network);
            Assert.Equal(Preprocessing.For(1) with { Width = 32, Height = 48 }, metadata.Preprocessing);
            Assert.Equal("phantoms", metadata.DataSet);
        }

        Assert.Equal((1, 0.7), (best.Metadata!.Metrics!["epoch"], best.Metadata.Metrics["validation_iou"]));
        Assert.Equal((2, 0.5), (last.Metadata!.Metrics!["epoch"], last.Metadata.Metrics["validation_iou"]));
    }

    [Fact]
    public void Where_there_is_an_average_the_weights_beside_it_do_not_state_its_metrics()
    {
        Run.Begin(settings);
        Run.Publish(settings, Complete() with { Average = SomeRun.State(5, 6) }, everything: true);
        IReadOnlyDictionary<string, double> average = WeightsFile.Load(Run.AveragePath).Metadata!.Metrics!;
        Assert.Equal((2, 0.5), (average["epoch"], average["validation_iou"]));
        KeyValuePair<string, double> last = Assert.Single(WeightsFile.Load(Run.LastPath).Metadata!.Metrics!);
        Assert.Equal(("epoch", 2), (last.Key, last.Value));
    }

    [Fact]
    public void Metrics_are_a_table_with_a_line_for_each_epoch()
    {
        Run.Begin(settings);
        Checkpoint checkpoint = Complete();
        Run.Publish(settings, checkpoint, everything: true);
        string[] lines = File.ReadAllLines(Path.Combine(Run.Path, "metrics.csv"));

        Assert.Equal(3, lines.Length);
        string[] columns = lines[0].Split(',');
        foreach ((string line, EpochRecord epoch) in lines.Skip(1).Zip(checkpoint.Progress.Epochs))
        {
            Dictionary<string, double> row = columns.Zip(line.Split(','))
                .ToDictionary(pair => pair.First, pair => double.Parse(pair.Second));
            Assert.Equal(epoch.Epoch + 1, row["epoch"]);
            Assert.Equal(epoch.TrainLoss, row["train_loss"], 1e-8);
            Assert.Equal(epoch.TrainIou, row["train_iou"], 1e-8);
            Assert.Equal(epoch.ValidationLoss, row["val_loss"], 1e-8);
            Assert.Equal(epoch.Validation.Iou, row["val_iou"], 1e-8);
            Assert.Equal(epoch.Validation.Dice, row["val_dice"], 1e-8);
            Assert.Equal(epoch.Validation.Sensitivity, row["val_sensitivity"], 1e-8);
            Assert.Equal(epoch.Validation.Precision, row["val_precision"], 1e-8);
            Assert.Equal(epoch.Validation.Specificity, row["val_specificity"], 1e-8);
            Assert.Equal(epoch.Validation.Accuracy, row["val_accuracy"], 1e-8);
            Assert.Equal(epoch.Validation.F1, row["val_f1"], 1e-8);
            Assert.Equal(epoch.Validation.DiceCoef, row["val_dice_coef"], 1e-8);
            Assert.Equal(epoch.Masks!.Iou!.Value, row["val_mask_iou"], 1e-8);
            Assert.Equal(epoch.Masks.Dice!.Value, row["val_mask_dice"], 1e-8);
            Assert.Equal(epoch.Masks.Presence!.Value, row["val_presence"], 1e-8);
            Assert.Equal(epoch.Masks.Found, row["val_found"]);
            Assert.Equal(epoch.LearningRate, row["learning_rate"], 1e-8);
            Assert.Equal(epoch.Seconds, row["seconds"], 0.051);
            Assert.Equal(18, row.Count);
        }
    }

    [Fact]
    public void In_the_middle_of_an_epoch_the_weights_do_not_pass_for_those_of_its_end()
    {
        Run.Begin(settings);
        Checkpoint checkpoint = Complete();
        Run.Publish(settings, checkpoint with { Progress = checkpoint.Progress with { Iteration = 1 } }, everything: true);
        Assert.Equal(["best.safetensors", "config.json", "events.out.tfevents.run", "metrics.csv", "places.json", "val.txt"],
            folder.Files("run"));
    }

    // After two epochs, the first of which was the better.
    private static Checkpoint Complete() => SomeRun.Checkpoint() with
    {
        Progress = RunProgress.None with { Epochs = [SomeRun.Epoch(0, 0.7), SomeRun.Epoch(1, 0.5)] },
    };
}
