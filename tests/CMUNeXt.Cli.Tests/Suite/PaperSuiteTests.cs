using System.CommandLine;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Parsing;
using CMUNeXt.Cli.Suite;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Cli.Tests.Suite;

/// <summary>
/// The suite with workers that only say what they were asked, and with the verbs themselves, most of them in this process.
/// </summary>
[Collection(nameof(Console))]
public sealed class PaperSuiteTests(PaperSuiteTests.Phantoms phantoms) : IClassFixture<PaperSuiteTests.Phantoms>, IDisposable
{
    private static readonly string[] Models = ["cmunext-s", "cmunext"];
    private readonly TemporaryFolder folder = new();
    private readonly List<string> timed = [];
    private readonly List<string> verbs = [];

    // After so many verbs everything is interrupted.
    private int verbsLeft = int.MaxValue;
    private string? broken;

    private string Data => phantoms.Folder;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Interrupted_anywhere_and_run_again_it_gives_the_same_table_and_repeats_nothing()
    {
        string whole = In("whole");
        Assert.True(Complete(whole));
        string[] expected = File.ReadAllLines(Path.Combine(whole, "suite.csv"));
        Assert.Equal(3, expected.Length);
        Assert.Equal(8, verbs.Count);
        Assert.Equal(
            [".cmunext-files", "cmunext-1", "cmunext-2", "cmunext-s-1", "cmunext-s-2", "curves.png", "suite.csv", "suite.json",
             "suite.png"],
            Directory.EnumerateFileSystemEntries(whole).Select(Path.GetFileName).Order());
        Assert.Equal(
            [".cmunext-files", "best.safetensors", "checkpoint.safetensors", "config.json", "curves.png", "evaluation",
             "events.out.tfevents.run", "files.sha256", "images", "known-cases.json", "last.safetensors",
             "metrics.csv", "places.json", "val.txt"],
            Directory.EnumerateFileSystemEntries(Path.Combine(whole, "cmunext-2")).Select(Path.GetFileName).Order());

        string parts = In("parts");
        timed.Clear();
        verbs.Clear();
        for (verbsLeft = 1; verbsLeft <= 3; verbsLeft++)
        {
            int before = verbsLeft;
            Assert.Throws<OperationCanceledException>(() => Complete(parts));
            verbsLeft = before;
        }

        verbsLeft = int.MaxValue;
        Assert.True(Complete(parts));
        Assert.Equal(expected, File.ReadAllLines(Path.Combine(parts, "suite.csv")));
        Assert.Equal(2 * 5, timed.Count);
        Assert.Equal(8, verbs.Count);

        // What is there is enough to give the table again, of one network too, and without training.
        Assert.True(new PaperSuite(parts, Timing(), null).Complete([Case("cmunext")], CancellationToken.None));
        Assert.Equal(expected, File.ReadAllLines(Path.Combine(parts, "suite.csv")));
        Assert.Equal((2 * 5, 8), (timed.Count, verbs.Count));
    }

    [Fact]
    public void Networks_compare_by_the_fastest_of_the_backends_that_timed_all_of_them()
    {
        SuiteReport report = new(null, [
            Timed("one", ("quick", 1), ("plain", 9), ("folded", 5)), Timed("not timed yet"), Timed("other", ("folded", 8), ("plain", 7))]);
        Assert.Equal(["plain", "folded"], report.CommonBackends);
        Assert.Equal(["folded", null, "plain"], report.Rows.Select(row => row.FastestOf(report.CommonBackends)?.Backend));
        Assert.Empty(new SuiteReport(null, []).CommonBackends);

        static SuiteRow Timed(string model, params (string Backend, double Milliseconds)[] timings) => new()
        {
            Model = model,
            Size = 256,
            Parameters = 1,
            ConvolutionMacs = 1,
            AllMacs = 1,
            Timings = [.. timings.Select(one =>
                BenchmarkRow.Of(new BenchmarkCase(model, null, 1, 256, 1), one.Backend, [one.Milliseconds], 50, 0))],
        };
    }

    [Fact]
    public void The_table_has_what_it_costs_what_it_reached_and_what_is_published()
    {
        string suite = In("table");
        Assert.True(Complete(suite, splits: 1));
        string[] lines = File.ReadAllLines(Path.Combine(suite, "suite.csv"));
        Assert.Equal(
            "model,size,parameters,convolution_macs,all_macs,threads,backend,median_ms,images_per_second,peak_memory_mib,common_backend,"
            + "common_median_ms,"
            + "common_images_per_second,common_peak_memory_mib,train_width,train_height,epochs,batch,seed,splits,train_backend,iou,"
            + "iou_std,f1,f1_std,hd95,hd95_std,missed,"
            + "iou_as_published,iou_as_published_std,f1_as_published,f1_as_published_std,published_parameters_m,"
            + "published_gmacs,published_fps,"
            + "published_iou,"
            + "published_iou_std,published_f1,published_f1_std,failure",
            lines[0]);
        Dictionary<string, string>[] rows = [.. lines.Skip(1)
            .Select(line => lines[0].Split(',').Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second))];
        Dictionary<string, string> small = rows[0];
        Dictionary<string, string> large = rows[1];
        Assert.Equal(
            ("cmunext-s", "417505", "cmunext", "3149185"), (small["model"], small["parameters"], large["model"], large["parameters"]));

        // Of the five, "managed" is the first, and each takes a millisecond longer than the one before.
        Assert.Equal(
            ("managed", "10", "100", "50"), (large["backend"], large["median_ms"], large["images_per_second"], large["peak_memory_mib"]));
        Assert.Equal(("managed", "10", "50"), (large["common_backend"], large["common_median_ms"], large["common_peak_memory_mib"]));
        Assert.Equal(("32", "1", "2", "41", "1", "managed"), (
            large["train_width"], large["epochs"], large["batch"], large["seed"], large["splits"], large["train_backend"]));
        Assert.Equal(1, new RunFolder(Path.Combine(suite, "cmunext-1")).ReadSettings().Threads);
        Assert.Equal(("3.14", "7.41", "471.43", "0.7156", "0.0258"), (
            large["published_parameters_m"], large["published_gmacs"], large["published_fps"], large["published_iou"],
            large["published_f1_std"]));
        Assert.Equal(("", "657", ""), (small["published_iou"], small["published_fps"], small["failure"]));

        // Of one split there is no deviation, and the figures are those of its evaluation.
        Assert.Equal(("", ""), (large["iou_std"], large["f1_std"]));
        Training.Evaluation.EvaluationSummary judged = Training.Evaluation.EvaluationReport.Read(
            Path.Combine(suite, "cmunext-1", "evaluation"))!;
        Assert.Equal($"{judged.All.Metrics.Classes[0].Metrics["iou"].Mean:0.####}", large["iou"]);
        Assert.Equal($"{judged.All.AsPublished!["f1"].Mean:0.####}", large["f1_as_published"]);
        Assert.Equal($"{judged.All.Metrics.Classes[0].Missed}", large["missed"]);

        // Two rows of panels: what was reached here, and what is published.
        ImageInfo image = ImageFile.Identify(Path.Combine(suite, "suite.png"));
        Assert.Equal((3 * 640, 2 * 480), (image.Width, image.Height));
    }

    [Fact]
    public void A_run_that_was_begun_by_hand_is_taken_up_if_its_settings_are_the_suites()
    {
        string suite = In("by hand");
        Assert.Null(Verb(["train", "--data", Data, "--train", "train.txt", "--val", "val.txt", "--model", "cmunext-s", "--size", "32",
            "--epochs", "1", "--batch", "2",
            "--output", Path.Combine(suite, "cmunext-s-1")]));
        verbs.Clear();
        Assert.True(Complete(suite, splits: 1));
        Assert.Equal(["evaluate cmunext-s-1", "train cmunext-1", "evaluate cmunext-1"], verbs);

        // Of a network that is not asked for as well: it is in the same table.
        BadFileException e = Assert.Throws<BadFileException>(
            () => Suite(suite, splits: 1, epochs: 3).Complete([Case("cmunext")], CancellationToken.None));
        Assert.Contains("cmunext-s-1", e.Message, StringComparison.Ordinal);
        Assert.Contains("protocol.epochs is 1 and not 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_or_masks_that_have_changed_are_refused_and_those_that_a_run_went_on_with_are_judged_again()
    {
        string data = In("data");
        PhantomDataSet.Write(data, 5, 1, cancellationToken: TestContext.Current.CancellationToken);
        string suite = In("changed");
        Assert.True(CompleteOne());
        verbs.Clear();
        Assert.True(CompleteOne());
        Assert.Empty(verbs);

        // The weights know the image, and not its mask.
        string changed = $"masks/0/{File.ReadLines(Path.Combine(data, "val.txt")).First()}.png";
        Mask mask = ImageFile.LoadMask(Path.Combine(data, changed), MaskValues.ZeroOr255);
        mask.Pixels[0] ^= 1;
        ImageFile.SaveMask(Path.Combine(data, changed), mask, MaskValues.ZeroOr255);
        Assert.Contains(
            $"1 of its files have changed since cmunext-s-1 began: {changed}; ",
            Assert.Throws<BadFileException>(() => CompleteOne()).Message, StringComparison.Ordinal);

        string run = Path.Combine(suite, "cmunext-s-1");
        Assert.Null(Verb(["train", "--resume", "--changed-data", "--epochs", "2", "--data", data, "--output", run]));
        verbs.Clear();
        Assert.True(CompleteOne(epochs: 2));
        Assert.Equal(["evaluate cmunext-s-1"], verbs);
        Assert.True(CompleteOne(epochs: 2));
        Assert.Single(verbs);

        bool CompleteOne(int epochs = 1) => Suite(suite, splits: 1, epochs, data).Complete([Case("cmunext-s")], CancellationToken.None);
    }

    [Theory]
    [InlineData("leave out --epochs, --batch", "--epochs", "2", "--batch", "2")]
    [InlineData("as many of each", "--data", "busi", "--train", "a,b", "--val", "c")]
    [InlineData("as many of each", "--data", "busi")]
    [InlineData("there is no 'net'", "--models", "net")]
    [InlineData("--seconds is above 0", "--seconds", "0")]
    [InlineData("--timing-size: 40 is not possible for cmunext-s", "--models", "cmunext-s", "--timing-size", "40")]
    public async Task What_the_command_line_shows_to_be_wrong_ends_with_2(string said, params string[] options)
    {
        TextWriter standard = Console.Error;
        StringWriter error = new();
        Console.SetError(error);
        try
        {
            Assert.Equal(
                ExitStatus.Usage,
                await Invocation.Run(["suite", .. options, "--output", In("out")], TestContext.Current.CancellationToken));
        }
        finally
        {
            Console.SetError(standard);
        }

        Assert.Contains(said, Assert.Single(error.ToString().Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("out")));
    }

    [Theory]
    [InlineData("at least 1 case", "--batch", "0")]
    [InlineData("at least 1 epoch", "--epochs", "0")]
    [InlineData("multiple of 16", "--size", "40")]
    public void What_train_refuses_is_refused_before_anything_begins(string said, params string[] options)
    {
        string suite = In("refused");
        (int status, _, string error) = CommandProcess.Run(
            ["suite", "--models", "cmunext-s", "--data", Data, "--train", "train.txt", "--val", "val.txt", "--output", suite, .. options]);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains(said, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(suite));
    }

    [Fact]
    public void A_network_that_fails_is_a_row_with_the_reason_and_tried_again()
    {
        string suite = In("failing");
        broken = "cmunext-s";
        Assert.False(Complete(suite, splits: 1));
        string[] lines = File.ReadAllLines(Path.Combine(suite, "suite.csv"));
        Assert.EndsWith(",timing: managed: no memory; cmunext-s-1: training: it fell over", lines[1], StringComparison.Ordinal);
        Assert.Contains(",managed,10,", lines[2], StringComparison.Ordinal);
        broken = null;
        Assert.True(Complete(suite, splits: 1));
        Assert.EndsWith(",", File.ReadAllLines(Path.Combine(suite, "suite.csv"))[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Times_that_cannot_be_compared_are_refused()
    {
        string suite = In("times");
        Assert.True(new PaperSuite(suite, Timing(), null).Complete([Case("cmunext-s")], CancellationToken.None));
        BadFileException e = Assert.Throws<BadFileException>(
            () => new PaperSuite(suite, Timing(), null).Complete([Case("cmunext-s") with { Size = 64 }], CancellationToken.None));
        Assert.Contains("was timed at 32 x 32 with 1 thread, and not as cmunext-s, 1 thread, 64 x 64", e.Message, StringComparison.Ordinal);

        string path = Path.Combine(suite, "suite.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"cores\": ", "\"cores\": 9", StringComparison.Ordinal));
        e = Assert.Throws<BadFileException>(
            () => new PaperSuite(suite, Timing(), null).Complete([Case("cmunext")], CancellationToken.None));
        Assert.Contains("another machine", e.Message, StringComparison.Ordinal);
        Assert.Contains("cores and not 9", e.Message, StringComparison.Ordinal);

        File.WriteAllText(
            path, File.ReadAllText(path).Replace("\"cores\": 9", "\"cores\": ", StringComparison.Ordinal)
                .Replace("engine of torch\"", "torch 1\"", StringComparison.Ordinal));
        e = Assert.Throws<BadFileException>(
            () => new PaperSuite(suite, Timing(), null).Complete([Case("cmunext")], CancellationToken.None));
        Assert.Contains("torch is engine of torch and not torch 1", e.Message, StringComparison.Ordinal);

        File.WriteAllText(path, "{}");
        e = Assert.Throws<BadFileException>(
            () => new PaperSuite(suite, Timing(), null).Complete([Case("cmunext")], CancellationToken.None));
        Assert.Contains("is not what a suite writes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_somebody_where_a_suite_would_write_is_refused_as_it_begins()
    {
        string suite = Directory.CreateDirectory(In("not empty")).FullName;
        string table = Path.Combine(suite, "suite.csv");
        File.WriteAllText(table, "mine");
        Assert.StartsWith(
            $"{table}: is not a file that this program wrote here", Assert.Throws<BadFileException>(() => Time()).Message,
            StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(table));
        File.Delete(table);
        Assert.True(Time());

        // An earlier version kept no list of what it wrote.
        File.Delete(Path.Combine(suite, OwnFiles.ListName));
        Assert.True(Time());

        bool Time() => new PaperSuite(suite, Timing(), null).Complete([Case("cmunext-s")], CancellationToken.None);
    }

    [Fact]
    public async Task A_suite_that_is_killed_takes_its_training_along_and_goes_on_to_the_same_weights()
    {
        string suite = In("killed");
        Assert.True(new PaperSuite(suite, Timing(), null).Complete([Case("cmunext-s")], CancellationToken.None));
        string[] protocol = ["--data", Data, "--train", "train.txt", "--val", "val.txt", "--size", "32", "--epochs", "3", "--batch", "2"];
        string[] command = ["suite", "--models", "cmunext-s", "--threads", "1", "--timing-size", "32", "--output", suite, .. protocol];
        RunFolder run = new(Path.Combine(suite, "cmunext-s-1"));
        using (HeldWrite best = new(run.BestPath))
        using (CommandProcess program = CommandProcess.Start(command))
        {
            await best.Begun(program);
            program.Kill();

            // The training's process has the pipe open as long as it lives.
            best.LeaveTorn();
        }

        Assert.Single(run.ReadCheckpoint()!.Progress.Epochs);
        (int status, string output, string error) = CommandProcess.Run(command);
        Assert.True(status == 0, error);
        Assert.Contains("| cmunext-s", output, StringComparison.Ordinal);
        Assert.DoesNotContain("turns", error, StringComparison.Ordinal);
        Assert.Contains("cmunext-s-1: epoch   3/3", error, StringComparison.Ordinal);
        Assert.Null(Verb(["train", .. protocol, "--model", "cmunext-s", "--output", In("expected")]));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(In("expected"), "best.safetensors")),
            File.ReadAllBytes(Path.Combine(run.Path, "best.safetensors")));
        Assert.True(File.Exists(Path.Combine(run.Path, "evaluation", "report.html")));
    }

    private static BenchmarkCase Case(string model) => new(model, null, 1, 32, 1);

    private bool Complete(string suite, int splits = 2) =>
        Suite(suite, splits, epochs: 1).Complete([.. Models.Select(Case)], CancellationToken.None);

    private PaperSuite Suite(string suite, int splits, int epochs, string? data = null) => new(suite, Timing(), new SuiteTraining(
        suite,
        data ?? Data,
        [.. new ListPair[] { new("train.txt", "val.txt"), new("val.txt", "train.txt") }.Take(splits)],
        new SuiteProtocol(epochs, 2, "32", null),
        new SuiteComputing(1, null),
        (arguments, _, _) => Verb(arguments)));

    private BenchmarkRun Timing() => new(1, (backend, measured) =>
    {
        timed.Add($"{measured.Model} {backend}");
        return new FakeWorker(backend, measured.Model == broken);
    });

    private string? Verb(IReadOnlyList<string> arguments)
    {
        string run = arguments[arguments.ToList().IndexOf("--output") + 1];
        string name = arguments[0] == "train" ? Path.GetFileName(run) : Path.GetFileName(Path.GetDirectoryName(run)!);
        if (name == $"{broken}-1")
        {
            return "it fell over";
        }

        if (verbsLeft-- == 0)
        {
            throw new OperationCanceledException();
        }

        verbs.Add($"{arguments[0]} {name}");
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
        try
        {
            int status = Invocation.Run([.. arguments], TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            return status == ExitStatus.Done ? null : $"status {status}";
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    private string In(string name) => folder.File(name);

    /// <summary>Images for all tests.</summary>
    public sealed class Phantoms : IDisposable
    {
        public Phantoms() => PhantomDataSet.Write(Folder, 5, 1);

        public string Folder { get; } = Directory.CreateTempSubdirectory("cmunext-phantoms-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }

    private sealed class FakeWorker(string backend, bool fails) : IWorker
    {
        private int Place => Contenders.Defaults.ToList().IndexOf(backend);

        public (string Engine, float[] Logits) Prepare() =>
            fails ? throw new BenchmarkFailedException($"{backend}: no memory") : ($"engine of {backend}", [1]);

        public WorkerAnswer Compute(double seconds) => new() { Milliseconds = [10 + Place], PeakMemoryMib = 50 + Place };

        public void Dispose()
        {
        }
    }
}
