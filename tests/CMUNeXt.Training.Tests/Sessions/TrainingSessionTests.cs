using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Tests.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

public sealed class TrainingSessionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public TrainingSessionTests() => options = TinyTraining.Options(folder, train: [1, 2, 3, 4, 5], validation: [6, 7]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Nothing_is_written_before_it_runs()
    {
        using TrainingSession session = TrainingSession.Begin(In("run"), options);
        Assert.Equal(("managed", 1, 5), (session.Settings.Backend, session.Settings.Network.Outputs, session.Settings.Train.Count));
        Assert.True(session.FindOverlap(cancellation: TestContext.Current.CancellationToken).IsEmpty);
        Assert.False(Directory.Exists(In("run")));
        Assert.Equal(2, session.Run(cancellation: TestContext.Current.CancellationToken).Epochs.Count);
        Assert.True(File.Exists(session.Folder.BestPath));
    }

    [Fact]
    public void Stopped_it_goes_on_in_the_same_session_and_in_a_new_one_to_the_same_weights()
    {
        StateDict expected = Train("whole", options);
        using (TrainingSession session = TrainingSession.Begin(In("stopped"), options))
        {
            Stop(session, afterReports: 2);
            Stop(session, afterReports: 1);
        }

        using TrainingSession resumed = TrainingSession.Resume(In("stopped"), new ResumeOptions { Threads = 2 });
        Assert.Equal(2, resumed.Settings.Threads);
        Assert.Equal(2, resumed.Run(cancellation: TestContext.Current.CancellationToken).Epochs.Count);
        SomeRun.AssertEqual(expected, WeightsFile.Load(resumed.Folder.LastPath).State);
    }

    [Fact]
    public void Without_its_checkpoint_a_run_does_not_begin_anew_in_its_own_place()
    {
        Train("run", options);
        RunFolder run = new(In("run"));
        File.Delete(In("run/checkpoint.safetensors"));
        AgedFile[] kept = [new(run.LastPath), new(run.BestPath), new(In("run/metrics.csv"))];
        using TrainingSession session = TrainingSession.Resume(In("run"));
        Assert.Contains(
            "cannot go on; put it back",
            Assert.Throws<BadFileException>(() => session.Run(cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
        Assert.All(kept, file => Assert.False(file.IsWrittenAnew));

        // It is done all the same.
        Assert.True(run.IsFinished());
    }

    [Fact]
    public void Weights_that_were_taken_away_come_back_from_the_checkpoint()
    {
        StateDict expected = Train("run", options);
        RunFolder run = new(In("run"));
        File.Delete(run.LastPath);
        Assert.False(run.IsFinished());
        using TrainingSession session = TrainingSession.Resume(In("run"));
        session.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.True(run.IsFinished());
        SomeRun.AssertEqual(expected, WeightsFile.Load(run.LastPath).State);
    }

    [Fact]
    public void What_a_cleared_field_of_a_form_gives_is_refused_by_name()
    {
        Assert.Throws<BadFileException>(() => TrainingSession.Begin("", options));
        Assert.Throws<BadFileException>(() => TrainingSession.Begin(In("run"), options with { Data = "" }));
        Assert.Throws<BadFileException>(() => TrainingSession.Begin(In("run"), options with { Train = "" }));
        Assert.Throws<BackendException>(() => TrainingSession.Begin(In("run"), options with { Device = "" }));
        Train("run", options);
        Assert.Throws<BadFileException>(() => TrainingSession.Resume(In("run"), new ResumeOptions { Data = "" }));
        EvaluationOptions judged = new()
        {
            Data = options.Data, List = "val.txt", Weights = [WeightsFile.Load(new RunFolder(In("run")).LastPath)],
        };
        Assert.Throws<BadFileException>(() => EvaluationSession.Open(judged with { Data = "" }));
        Assert.Throws<BadFileException>(() => EvaluationSession.Open(judged with { List = "" }));
        Assert.Throws<SettingsException>(() => EvaluationSession.Open(judged with { Threads = 0 }));
        Assert.Throws<SettingsException>(() => CalibrationSession.Open(judged with { Threads = 0 }));
    }

    [Fact]
    public void A_session_that_was_disposed_of_trains_no_more()
    {
        TrainingSession session = TrainingSession.Begin(In("run"), options);
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run(cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_folder_with_a_run_is_kept_unless_it_is_given_up()
    {
        Train("run", options);
        Assert.Contains(
            "holds a run", Assert.Throws<BadFileException>(() => TrainingSession.Begin(In("run"), options)).Message,
            StringComparison.Ordinal);
        using TrainingSession session = TrainingSession.Begin(
            In("run"), options with { Protocol = options.Protocol! with { Epochs = 1 } }, overwrite: true);
        Assert.Single(session.Run(cancellation: TestContext.Current.CancellationToken).Epochs);
        Assert.Single(session.Folder.ReadValidationIou());
    }

    [Fact]
    public void A_run_that_another_has_made_since_is_kept_although_files_may_be_replaced()
    {
        using TrainingSession session = TrainingSession.Begin(In("run"), options, overwrite: true);
        Train("run", options);
        AgedFile kept = new(session.Folder.LastPath);
        Assert.Contains(
            "another process has begun a run here",
            Assert.Throws<BadFileException>(() => session.Run(cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
        Assert.False(kept.IsWrittenAnew);
    }

    [Fact]
    public void It_starts_from_given_weights_and_needs_their_file_no_more()
    {
        Train("first", options);
        TrainingOptions tuned = options with
        {
            Network = null,
            Weights = WeightsFile.Load(new RunFolder(In("first")).LastPath),
            Protocol = options.Protocol! with { Epochs = 1, Seed = 7 },
        };
        StateDict expected = Train("whole", tuned);
        using (TrainingSession session = TrainingSession.Begin(In("stopped"), tuned))
        {
            Assert.Equal(
                ("last.safetensors", tuned.Weights.Sha256), (session.Settings.InitialWeights, session.Settings.InitialWeightsSha256));
            Assert.Throws<OperationCanceledException>(() => session.Run(cancellation: new CancellationToken(canceled: true)));
        }

        // As if it had been killed when it had just begun.
        new Checkpoint(RunProgress.None, tuned.Weights.State, new StateDict([]), null).Write(
            Path.Combine(In("stopped"), "checkpoint.safetensors"));
        Directory.Delete(In("first"), recursive: true);
        using TrainingSession resumed = TrainingSession.Resume(In("stopped"));
        resumed.Run(cancellation: TestContext.Current.CancellationToken);
        SomeRun.AssertEqual(expected, WeightsFile.Load(resumed.Folder.LastPath).State);

        // As if it had been killed before it had kept anything.
        foreach (string file in (string[])["checkpoint.safetensors", "best.safetensors", "last.safetensors", "metrics.csv"])
        {
            File.Delete(Path.Combine(In("stopped"), file));
        }

        Assert.Contains(
            "begin it anew",
            Assert.Throws<BadFileException>(() => resumed.Run(cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_classes_differ_the_head_is_new_and_all_else_is_kept()
    {
        StateDict given = Train("first", options);
        foreach (string kind in (string[])["images", "masks/0", "masks/1"])
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(TinyTraining.Data, kind == "masks/1" ? "masks/0" : kind)))
            {
                File.Copy(file, folder[$"two/{kind}/{Path.GetFileName(file)}"]);
            }
        }

        using TrainingSession session = TrainingSession.Begin(
            In("second"),
            options with { Data = In("two"), Network = null, Weights = WeightsFile.Load(new RunFolder(In("first")).LastPath) });
        Assert.Equal(3, session.Settings.Network.Outputs);
        Assert.Throws<OperationCanceledException>(() => session.Run(cancellation: new CancellationToken(canceled: true)));
        StateDict start = Checkpoint.Read(Path.Combine(In("second"), "checkpoint.safetensors")).Weights;
        Assert.Equal([3, 2, 1, 1], start["Conv_1x1.weight"].Shape);
        Assert.Equal(given.Select(tensor => tensor.Name), start.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Weights_of_another_network_are_the_files_fault()
    {
        Train("first", options);
        LoadedWeights weights = WeightsFile.Load(new RunFolder(In("first")).LastPath);
        BadFileException e = Assert.Throws<BadFileException>(() => TrainingSession.Begin(
            In("second"), options with { Network = NetworkCatalog.Describe("unet"), Weights = weights }));
        Assert.StartsWith(weights.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains("not a unet", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, 0, "at least 1 case")]
    [InlineData(40, 2, "multiple of 16")]
    [InlineData(16, 4, "the last iteration of an epoch of 5 cases has one")]
    [InlineData(16, 1, "the last iteration of an epoch of 5 cases has one")]
    public void Settings_that_cannot_be_trained_by_are_refused(int size, int batch, string said)
    {
        TrainingProtocol protocol = options.Protocol! with { Width = size, Height = size, Batch = batch };
        SettingsException e = Assert.Throws<SettingsException>(
            () => TrainingSession.Begin(In("run"), options with { Protocol = protocol }));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void However_a_file_system_writes_a_name_the_training_is_the_same()
    {
        SomeRun.AssertEqual(TrainOn("composed", "caf\u00e9"), TrainOn("apart", "cafe\u0301"));

        StateDict TrainOn(string data, string name)
        {
            foreach (string file in Directory.EnumerateFiles(TinyTraining.Data, "*.png", SearchOption.AllDirectories))
            {
                string renamed = Path.GetRelativePath(TinyTraining.Data, file).Replace("phantom_0003", name, StringComparison.Ordinal);
                File.Copy(file, folder[Path.Combine(data, renamed)]);
            }

            folder.WriteText("named.txt", $"phantom_0001\nphantom_0002\n{name}\nphantom_0004\nphantom_0005\n");
            return Train($"run {data}", options with { Data = In(data), Train = folder["named.txt"] });
        }
    }

    [Fact]
    public void A_case_in_two_training_lists_is_refused_however_they_write_it()
    {
        folder.WriteText("one.txt", "e\u0301\n");
        folder.WriteText("two.txt", "\u00e9\n");
        TrainingOptions twice = options with { Train = folder["one.txt"], FurtherTrain = [folder["two.txt"]] };
        Assert.Contains(
            "stands in two training lists", Assert.Throws<SettingsException>(twice.ToSettings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_needs_a_network_of_images()
    {
        Assert.Throws<SettingsException>(() => (options with { Network = null }).ToSettings());
        TrainingOptions four = options with { Network = options.Network! with { Channels = 4 } };
        Assert.Contains("not 4", Assert.Throws<SettingsException>(() => four.ToSettings()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_protocol_it_is_the_published_one_at_the_networks_size()
    {
        RunSettings settings = (options with { Protocol = null }).ToSettings();
        Assert.Equal(new TrainingProtocol(), settings.Protocol);
        Assert.Equal((256, 256), (settings.Preprocessing.Width, settings.Preprocessing.Height));
    }

    [Fact]
    public void A_data_set_of_other_classes_is_not_gone_on_with()
    {
        Train("run", options);
        folder.WriteCase("phantom_0001", 1, 2);
        folder.WriteGray("masks/1/phantom_0001.png", 0, 0);
        BadFileException e = Assert.Throws<BadFileException>(
            () => TrainingSession.Resume(In("run"), new ResumeOptions { Data = folder.Path }));
        Assert.Contains("need 3 outputs, and the run began with 1", e.Message, StringComparison.Ordinal);
    }

    private static void Stop(TrainingSession session, int afterReports)
    {
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => session.Run(new Countdown(afterReports, stop), stop.Token));
    }

    private StateDict Train(string run, TrainingOptions how)
    {
        using TrainingSession session = TrainingSession.Begin(In(run), how);
        session.Run(cancellation: TestContext.Current.CancellationToken);
        return WeightsFile.Load(session.Folder.LastPath).State;
    }

    private string In(string name) => Path.Combine(folder.Path, name);

    private sealed class Countdown(int reports, CancellationTokenSource stop) : IProgress<TrainingIteration>
    {
        private int left = reports;

        public void Report(TrainingIteration value)
        {
            if (--left == 0)
            {
                stop.Cancel();
            }
        }
    }
}
