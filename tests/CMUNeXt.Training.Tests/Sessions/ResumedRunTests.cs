using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>A run that goes on learns from what it began with, or says what is another.</summary>
public sealed class ResumedRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public ResumedRunTests()
    {
        foreach (string file in Directory.GetFiles(TinyTraining.Data, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, folder[$"data/{Path.GetRelativePath(TinyTraining.Data, file)}"]);
        }

        options = TinyTraining.Options(folder, train: [1, 2, 3], validation: [6, 7]) with { Data = folder["data"] };
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("images/phantom_0002.png")]
    [InlineData("masks/0/phantom_0007.png")]
    public void A_file_that_is_another_of_the_same_size_is_named(string changed)
    {
        Begin("run");
        File.Copy(folder[$"data/{Path.GetDirectoryName(changed)}/phantom_0001.png"], folder[$"data/{changed}"], overwrite: true);
        BadFileException e = Assert.Throws<BadFileException>(() => Resume("run"));
        Assert.Contains(changed, e.Message, StringComparison.Ordinal);
        RunProgress progress = Resume("run", new ResumeOptions { AcceptChangedData = true, Epochs = 3 });
        Assert.Equal(3, progress.Epochs.Count);
        Assert.Equal(
            ["epochs 2 became 3", $"files have changed: {changed}"], new RunFolder(folder["run"]).ReadSettings().Changes);

        // The validation cases chose the epoch of the best weights, and the last ones know none of them.
        IReadOnlyList<string> known = WeightsFile.Load(new RunFolder(folder["run"]).LastPath).Metadata!.TrainingCases!;
        string[] validated = [.. new[] { "phantom_0006", "phantom_0007" }.Select(
            name => KnownCases.NameOf(ImageFile.Load(folder[$"data/images/{name}.png"])))];
        Assert.DoesNotContain(known, validated.Contains);
        Assert.Equal(3, known.Count);

        // What was accepted is what the run has now.
        Assert.Equal(3, Resume("run").Epochs.Count);
    }

    [Fact]
    public void An_ignore_mask_that_was_taken_away_is_named()
    {
        const string Mask = "masks/ignore/phantom_0002.png";
        File.Copy(folder["data/masks/0/phantom_0001.png"], folder[$"data/{Mask}"]);
        Begin("run");
        File.Delete(folder[$"data/{Mask}"]);
        Assert.Contains(Mask, Assert.Throws<BadFileException>(() => Resume("run")).Message, StringComparison.Ordinal);
        Resume("run", new ResumeOptions { AcceptChangedData = true, Epochs = 3 });
        Assert.Contains($"files have changed: {Mask}", new RunFolder(folder["run"]).ReadSettings().Changes!);
    }

    [Fact]
    public void A_run_that_has_ended_does_not_say_that_it_learned_from_files_that_have_changed_since()
    {
        Begin("run");
        string[] before = Written();
        File.Copy(folder["data/images/phantom_0001.png"], folder["data/images/phantom_0002.png"], overwrite: true);
        Assert.EndsWith(
            "images/phantom_0002.png; put them back, or give it more --epochs or begin another run, since this one has ended",
            Assert.Throws<BadFileException>(() => Resume("run", new ResumeOptions { AcceptChangedData = true })).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, Written());

        string[] Written() =>
            [.. new[] { "config.json", "files.sha256", "known-cases.json" }.Select(name => File.ReadAllText(folder[$"run/{name}"]))];
    }

    [Fact]
    public void What_a_run_learns_from_is_known_before_it_is_one()
    {
        // Where the list would lie until it is complete.
        Directory.CreateDirectory(folder["run/files.sha256.part"]);
        Assert.Throws<IOException>(() => Begin("run"));
        Assert.False(new RunFolder(folder["run"]).HasRun);
    }

    [Fact]
    public void A_change_that_is_accepted_is_recorded_before_it_counts_for_known()
    {
        Begin("run");
        string files = File.ReadAllText(folder["run/files.sha256"]);
        File.Copy(folder["data/images/phantom_0001.png"], folder["data/images/phantom_0002.png"], overwrite: true);

        // Where the settings would lie until they are complete.
        Directory.CreateDirectory(folder["run/config.json.part"]);
        Assert.Throws<IOException>(() => Resume("run", new ResumeOptions { AcceptChangedData = true, Epochs = 3 }));
        Assert.Equal(files, File.ReadAllText(folder["run/files.sha256"]));
    }

    [Fact]
    public void The_reading_of_changed_files_can_be_stopped()
    {
        Begin("run");
        string files = File.ReadAllText(folder["run/files.sha256"]);
        File.Copy(folder["data/images/phantom_0001.png"], folder["data/images/phantom_0002.png"], overwrite: true);
        using TrainingSession session = TrainingSession.Resume(
            folder["run"], new ResumeOptions { AcceptChangedData = true, Epochs = 3 });
        Assert.Throws<OperationCanceledException>(() => session.Run(cancellation: new CancellationToken(canceled: true)));
        Assert.Equal(files, File.ReadAllText(folder["run/files.sha256"]));
    }

    [Fact]
    public void A_checkpoint_of_another_seed_is_named_and_refused()
    {
        Begin("run");
        Begin("other", options with { Protocol = options.Protocol! with { Seed = 7 } });
        File.Copy(folder["other/checkpoint.safetensors"], folder["run/checkpoint.safetensors"], overwrite: true);
        BadFileException e = Assert.Throws<BadFileException>(() => Resume("run"));
        Assert.Contains("protocol.seed is 41 and not 7", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused_also_where_it_does_not_say_so()
    {
        Begin("run");
        NetworkDescription wider = options.Network! with { Configuration = new([3, 2, 4, 4, 4], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]) };
        Begin("other", options with { Network = wider });
        Checkpoint other = new RunFolder(folder["other"]).ReadCheckpoint()!;
        (other with { Settings = null }).Write(folder["run/checkpoint.safetensors"]);
        Assert.Contains(
            "another network or optimizer", Assert.Throws<BadFileException>(() => Resume("run")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"phantom_0002\",", "train is another list")]
    [InlineData("\"momentum\": 0.9,", "momentum")]
    public void Settings_that_were_edited_are_refused(string removed, string said)
    {
        Begin("run");
        string config = File.ReadAllText(folder["run/config.json"]);
        string edited = config.Replace(
            removed, removed.Contains(':', StringComparison.Ordinal) ? "\"momentum\": 0.5," : "", StringComparison.Ordinal);
        Assert.NotEqual(config, edited);
        File.WriteAllText(folder["run/config.json"], edited);
        Assert.Contains(said, Assert.Throws<BadFileException>(() => Resume("run")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_epochs_are_a_change_on_purpose_that_is_recorded()
    {
        Begin("run");
        Assert.Equal(3, Resume("run", new ResumeOptions { Epochs = 3 }).Epochs.Count);
        RunSettings settings = new RunFolder(folder["run"]).ReadSettings();
        Assert.Equal((3, "epochs 2 became 3"), (settings.Protocol.Epochs, Assert.Single(settings.Changes!)));
        Assert.Equal(3, Resume("run").Epochs.Count);
    }

    [Fact]
    public void Fewer_epochs_than_are_done_are_refused_and_the_run_stays_as_it_is()
    {
        Begin("run");
        string config = File.ReadAllText(folder["run/config.json"]);
        Assert.Contains(
            "2 epochs are done", Assert.Throws<SettingsException>(() => Resume("run", new ResumeOptions { Epochs = 1 })).Message,
            StringComparison.Ordinal);
        Assert.Equal(config, File.ReadAllText(folder["run/config.json"]));
    }

    [Fact]
    public void Where_the_patience_has_ended_a_run_other_epochs_are_refused_and_the_run_stays_as_it_is()
    {
        Begin("run", options with { Protocol = options.Protocol! with { Epochs = 3, Patience = 1 } });
        string path = folder["run/checkpoint.safetensors"];
        Checkpoint ended = Checkpoint.Read(path);
        EpochRecord best = ended.Progress.Epochs[0] with { Score = 0.5 };
        (ended with { Progress = ended.Progress with { Epochs = [best, best with { Epoch = 1, Score = 0.25 }] } }).Write(path);
        string config = File.ReadAllText(folder["run/config.json"]);
        Assert.StartsWith(
            "the patience ended the run after epoch 2, so another number of epochs changes nothing",
            Assert.Throws<SettingsException>(() => Resume("run", new ResumeOptions { Epochs = 60 })).Message, StringComparison.Ordinal);
        Assert.Equal(config, File.ReadAllText(folder["run/config.json"]));
        Assert.Equal(2, Resume("run").Epochs.Count);
    }

    [Fact]
    public void A_training_list_without_any_lesion_is_refused_and_one_without_a_class_warns()
    {
        folder.WriteCase("a", 1, 2, 3);
        folder.WriteCase("b", 4, 5, 6);
        folder.WriteGray("masks/1/a.png", 0, 0, 0);
        folder.WriteGray("masks/1/b.png", 0, 0, 255);
        folder.WriteText("a.txt", "a\n");
        folder.WriteText("b.txt", "b\n");
        TrainingOptions two = options with
        {
            Data = folder.Path,
            Train = folder["a.txt"],
            Validation = folder["b.txt"],
            Protocol = options.Protocol! with { Batch = 1 },
        };
        using (TrainingSession session = TrainingSession.Begin(folder["two"], two))
        {
            Assert.Contains("masks/1", session.Warning, StringComparison.Ordinal);
        }

        folder.WriteGray("masks/0/a.png", 0, 0, 0);
        Assert.Contains(
            "nothing to learn", Assert.Throws<BadFileException>(() => TrainingSession.Begin(folder["three"], two)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_data_set_is_not_there_any_more_the_option_is_named()
    {
        Begin("run");
        Directory.Move(folder["data"], folder["moved"]);
        Assert.Equal(
            $"{folder["run"]}: its data set {folder["data"]} is not on this machine, or has moved; give --data DIR",
            Assert.Throws<BadFileException>(() => Resume("run")).Message);
        Assert.Equal(2, Resume("run", new ResumeOptions { Data = folder["moved"] }).Epochs.Count);
    }

    [Fact]
    public void Files_of_others_are_not_replaced_by_a_run()
    {
        folder.WriteText("mine/metrics.csv", "mine");
        using TrainingSession session = TrainingSession.Begin(folder["mine"], options, overwrite: true);
        Assert.Contains(
            "not a file that this program wrote",
            Assert.Throws<BadFileException>(() => session.Run(cancellation: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(folder["mine/metrics.csv"]));
    }

    private void Begin(string run, TrainingOptions? how = null)
    {
        using TrainingSession session = TrainingSession.Begin(folder[run], how ?? options);
        session.Run(cancellation: TestContext.Current.CancellationToken);
    }

    private RunProgress Resume(string run, ResumeOptions? changes = null)
    {
        using TrainingSession session = TrainingSession.Resume(folder[run], changes);
        return session.Run(cancellation: TestContext.Current.CancellationToken);
    }
}
