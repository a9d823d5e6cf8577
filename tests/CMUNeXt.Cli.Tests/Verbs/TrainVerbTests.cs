using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Tensors;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Verbs;

public sealed class ManagedTrainVerbTests(ManagedRun trained) : TrainVerbTests(trained), IClassFixture<ManagedRun>
{
    [Fact]
    public void The_number_of_threads_does_not_change_the_results()
    {
        string run = trained.RunFolder("threads");
        (int status, _, string error) = CommandProcess.Run(trained.Begin(run, threads: 3));
        Assert.True(status == 0, error);
        AssertSameResults(trained.Uninterrupted, run);
    }

    [Fact]
    public async Task A_run_goes_on_with_other_threads_to_the_same_results()
    {
        string run = trained.RunFolder("other threads");
        await KillWhileWriting(run, "best.safetensors", trained.Begin(run));
        Assert.Single(new RunFolder(run).ReadCheckpoint()!.Progress.Epochs);
        AssertRuns([.. TrainedRun.Resume(run), "--threads", "1"]);
        Assert.Equal(1, new RunFolder(run).ReadSettings().Threads);
        AssertSameResults(trained.Uninterrupted, run);
    }

    [Fact]
    public void It_is_what_trains_on_a_CPU_unless_told_otherwise()
    {
        string run = trained.RunFolder("default");
        string[] begin = trained.Begin(run);
        int option = Array.IndexOf(begin, "--backend");
        (int status, _, string error) = CommandProcess.Run([.. begin[..option], .. begin[(option + 2)..]]);
        Assert.True(status == 0, error);
        Assert.Equal("managed", new RunFolder(run).ReadSettings().Backend);
        AssertSameResults(trained.Uninterrupted, run);

        (status, _, error) = CommandProcess.Run([.. trained.Begin(trained.RunFolder("gpu")), "--device", "cuda"]);
        Assert.Equal(2, status);
        Assert.Contains("the managed backend does not train on cuda", error, StringComparison.Ordinal);
        (status, _, error) = CommandProcess.Run([.. TrainedRun.Resume(run), "--device", "cuda"]);
        Assert.Equal(2, status);
        Assert.Contains("the managed backend does not train on cuda", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_that_brings_a_network_brings_its_channels()
    {
        string[] begin = trained.Begin(trained.RunFolder("channels"));
        int model = Array.IndexOf(begin, "--model");
        (int status, _, string error) = CommandProcess.Run(
        [
            .. begin[..model], .. begin[(model + 2)..], "--recipe", Path.Combine(trained.Uninterrupted, "config.json"), "--channels", "1",
        ]);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains("leave out --channels, or give --model", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_does_not_replace_its_own_teacher()
    {
        string teacher = Path.Combine(trained.Uninterrupted, "best.safetensors");
        byte[] before = File.ReadAllBytes(teacher);
        (int status, _, string error) =
            CommandProcess.Run([.. trained.Begin(trained.Uninterrupted), "--overwrite", "--teacher", teacher]);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Equal($"cmunext: {teacher}: is a teacher, and the run would replace it; give another --output", error.Trim());
        Assert.Equal(before, File.ReadAllBytes(teacher));
    }
}

public sealed class TorchTrainVerbTests(TorchRun trained) : TrainVerbTests(trained), IClassFixture<TorchRun>
{
    [Fact]
    public void Its_run_says_so() => Assert.Equal("torch", new RunFolder(trained.Uninterrupted).ReadSettings().Backend);

    [Fact]
    public void A_network_of_the_comparison_goes_through_the_same_verbs()
    {
        string expected = trained.RunFolder("unext");
        AssertRuns(trained.Begin(expected, "unext-s"));

        string run = trained.RunFolder("unext interrupted");
        using (CommandProcess program = CommandProcess.Start(trained.Begin(run, "unext-s")))
        {
            TrainedRun.WaitUntilBegun(run, program);
            program.Kill();
        }

        AssertResumes(run);
        AssertSameResults(expected, run);

        string weights = Path.Combine(run, "best.safetensors");
        string evaluation = trained.RunFolder("unext evaluation");
        AssertRuns("evaluate", "--data", trained.Data, "--list", "val.txt", "--weights", weights, "--output", evaluation);
        string summary = File.ReadAllText(Path.Combine(evaluation, "summary.json"));
        Assert.Contains("\"unext-s\"", summary, StringComparison.Ordinal);
        Assert.Contains("\"torch\"", summary, StringComparison.Ordinal);

        string model = trained.RunFolder("unext.onnx");
        AssertRuns("export", "--weights", weights, "--output", model);
        AssertSameMasks(weights, model);
    }

    [Fact]
    public void An_ablated_network_trains_and_its_weights_say_how_it_is_built()
    {
        string run = trained.RunFolder("ablated");
        AssertRuns([.. trained.Begin(run, "cmunext-s"), "--block", "plain", "--fusion", "plain"]);
        AssertResumes(run);
        string weights = Path.Combine(run, "last.safetensors");
        (int status, string output, string error) = CommandProcess.Run("info", "--weights", weights, "--json");
        Assert.Equal((0, ""), (status, error));
        using JsonDocument facts = JsonDocument.Parse(output);
        JsonElement configuration = facts.RootElement.GetProperty("network").GetProperty("configuration");
        Assert.Equal(("plain", "plain"), (configuration.GetProperty("block").GetString(), configuration.GetProperty("fusion").GetString()));
        Assert.Equal([3, 3, 3, 3, 3], configuration.GetProperty("kernels").EnumerateArray().Select(kernel => kernel.GetInt32()));

        string image = Path.Combine(trained.Data, "images", "case 0.png");
        AssertRuns("predict", image, "--weights", weights, "--output", trained.RunFolder("ablated masks"));
        (status, _, error) = CommandProcess.Run(
            "predict", image, "--weights", weights, "--output", trained.RunFolder("managed masks"), "--backend", "managed");
        Assert.Equal(2, status);
        Assert.Contains("the managed backend does not run this cmunext", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    // Of the 1,920 pixels of a mask two may differ: the backends round differently, and a probability may be as good as the threshold.
    private void AssertSameMasks(string weights, string model)
    {
        const int Handful = 2;

        // So short a training leaves the probabilities close together: the threshold lies among them. Images are not divided by 255 once
        // more, so that masks follow them.
        string probed = trained.RunFolder("unext probabilities");
        string images = Path.Combine(trained.Data, "images");
        AssertRuns(
            "predict", Path.Combine(images, "case 0.png"), "--weights", weights, "--scale", "1", "--probability", "--output", probed);
        byte[] levels = ImageFile.LoadGray(Path.Combine(probed, "case 0_probability.png")).Pixels;
        string threshold = $"{(levels.Min() + levels.Max()) / (2.0 * byte.MaxValue)}";

        string byTorch = trained.RunFolder("unext by torch");
        string byOnnx = trained.RunFolder("unext by ONNX Runtime");
        string[] settings = ["--scale", "1", "--threshold", threshold];
        AssertRuns(["predict", images, "--weights", weights, "--output", byTorch, .. settings]);
        AssertRuns(["predict", images, "--weights", model, "--output", byOnnx, "--backend", "onnxruntime", .. settings]);
        Assert.Equal(
            Directory.GetFiles(byTorch).Select(Path.GetFileName).Order(), Directory.GetFiles(byOnnx).Select(Path.GetFileName).Order());
        string[] masks = Directory.GetFiles(byTorch, "*_mask.png");
        Assert.Equal(12, masks.Length);
        Assert.All(masks, mask =>
        {
            byte[] expected = ImageFile.LoadGray(mask).Pixels;
            Assert.Equal((byte[])[0, 255], expected.Distinct().Order());
            byte[] found = ImageFile.LoadGray(Path.Combine(byOnnx, Path.GetFileName(mask))).Pixels;
            Assert.InRange(expected.Zip(found).Count(pair => pair.First != pair.Second), 0, Handful);
        });
    }
}

public abstract class TrainVerbTests(TrainedRun trained)
{
    [Fact]
    public async Task A_run_that_is_killed_while_it_writes_a_checkpoint_goes_on_from_the_one_before()
    {
        string run = trained.RunFolder("torn");
        await KillWhileWriting(run, "best.safetensors", trained.Begin(run));
        await KillWhileWriting(run, "checkpoint.safetensors", TrainedRun.Resume(run));
        Assert.Single(new RunFolder(run).ReadCheckpoint()!.Progress.Epochs);
        AssertResumes(run);
        AssertSameResults(trained.Uninterrupted, run);
    }

    [Fact]
    public async Task A_run_that_is_killed_while_it_writes_its_first_checkpoint_begins_anew()
    {
        string run = trained.RunFolder("torn at first");
        await KillWhileWriting(run, "checkpoint.safetensors", trained.Begin(run));
        Assert.Null(new RunFolder(run).ReadCheckpoint());
        AssertResumes(run);
        AssertSameResults(trained.Uninterrupted, run);
    }

    [Fact]
    public async Task A_run_that_is_interrupted_and_then_killed_ends_with_the_same_results()
    {
        string run = trained.RunFolder("interrupted");
        using (HeldWrite best = new(Path.Combine(run, "best.safetensors")))
        using (CommandProcess program = CommandProcess.Start(trained.Begin(run)))
        {
            await best.Begun(program);
            program.Interrupt();
            best.LetGo(program);
            (int status, string output, string error) = program.WaitForExit();
            Assert.Equal(130, status);
            Assert.Equal("cmunext: interrupted", error.TrimEnd().Split('\n')[^1]);
            Assert.Empty(output);
        }

        Assert.InRange(new RunFolder(run).ReadCheckpoint()!.Progress.Epochs.Count, 1, 2);
        (int refused, _, string why) = CommandProcess.Run(trained.Begin(run));
        Assert.Equal(1, refused);
        Assert.Contains("--resume", why, StringComparison.Ordinal);

        await KillWhileWriting(run, "last.safetensors", TrainedRun.Resume(run));
        AssertResumes(run);
        AssertSameResults(trained.Uninterrupted, run);
    }

    [Fact]
    public void Resuming_takes_no_other_settings_and_needs_a_run()
    {
        string run = trained.RunFolder("none");
        (int status, string output, string error) = CommandProcess.Run([.. TrainedRun.Resume(run), "--batch", "8", "--rate", "0.1"]);
        Assert.Equal(2, status);
        Assert.Contains("leave out --batch, --learning-rate", error, StringComparison.Ordinal);
        Assert.Empty(output);

        (status, output, error) = CommandProcess.Run(TrainedRun.Resume(run));
        Assert.Equal(1, status);
        Assert.Equal($"cmunext: {run}: there is no run here to resume: it has no config.json", error.Trim());
        Assert.Empty(output);
        Assert.False(Directory.Exists(run));
    }

    [Theory]
    [InlineData("unext-s", "multiple of 32", "--size", "48")]
    [InlineData("swinunet", "224 x 224", "--size", "256")]
    [InlineData("unet", "--block is for a CMUNeXt", "--block", "plain")]
    [InlineData("cmunext-s", "odd", "--kernels", "4")]
    [InlineData("cmunext-s", "a batch of 7 the last iteration of an epoch of 8 cases has one", "--size", "16", "--batch", "7")]
    [InlineData("cmunext", "a batch of 1 the last iteration", "--size", "16", "--batch", "1")]
    [InlineData("cmunext-s", "a weight file holds at most", "--dims", "65536")]
    [InlineData("cmunext-s", "the weight of the distillation must be 0 to 1", "--distillation", "-1")]
    public void What_a_network_does_not_take_is_said_before_anything_begins(string model, string why, params string[] options)
    {
        string run = trained.RunFolder($"refused {model}");
        (int status, _, string error) = CommandProcess.Run(
            ["train", "--data", trained.Data, "--train", "train.txt", "--val", "val.txt", "--model", model, "--output", run, .. options]);
        Assert.Equal(2, status);
        Assert.Contains(why, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void A_run_that_has_ended_stays_as_it_is()
    {
        string run = trained.Uninterrupted;
        Dictionary<string, byte[]> before = Directory.EnumerateFiles(run).ToDictionary(path => path, File.ReadAllBytes);
        AssertResumes(run);
        Assert.Equal(before.Keys.Order(), Directory.EnumerateFiles(run).Order());
        Assert.All(before, file => Assert.True(file.Value.AsSpan().SequenceEqual(File.ReadAllBytes(file.Key)), $"{file.Key} differs"));
    }

    [Fact]
    public async Task A_run_goes_on_where_its_data_has_moved_to()
    {
        string run = trained.RunFolder("moved run");
        string before = Path.Combine(trained.RunFolder("before"), Path.GetFileName(trained.Data));
        string after = Path.Combine(trained.RunFolder("after"), Path.GetFileName(trained.Data));
        foreach (string part in (string[])["", "images", Path.Combine("masks", "0")])
        {
            Copy(Path.Combine(trained.Data, part), Path.Combine(before, part));
        }

        string[] begin = trained.Begin(run);
        begin[Array.IndexOf(begin, "--data") + 1] = before;
        await KillWhileWriting(run, "best.safetensors", begin);
        Assert.Single(new RunFolder(run).ReadCheckpoint()!.Progress.Epochs);
        Directory.CreateDirectory(trained.RunFolder("after"));
        Directory.Move(before, after);
        AssertRuns([.. TrainedRun.Resume(run), "--data", after]);
        Assert.Equal(after, new RunFolder(run).ReadSettings().Data);
        AssertSameResults(trained.Uninterrupted, run);
    }

    [Fact]
    public void While_another_process_has_the_folder_nothing_is_trained_there()
    {
        string run = trained.RunFolder("held");
        using (FolderLock.Take(run))
        {
            (int status, _, string error) = CommandProcess.Run(trained.Begin(run));
            Assert.Equal(1, status);
            Assert.Equal(
                $"cmunext: {run}: another process writes here; wait until it has ended, or give another --output",
                error.Trim().Split('\n')[^1]);
        }

        Assert.Empty(Directory.EnumerateFiles(run));
    }

    protected static async Task KillWhileWriting(string run, string file, string[] command)
    {
        using HeldWrite write = new(Path.Combine(run, file));
        using CommandProcess program = CommandProcess.Start(command);
        await write.Begun(program);
        program.Kill();
        write.LeaveTorn();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    protected static void AssertResumes(string run) => AssertRuns(TrainedRun.Resume(run));

    protected static void AssertRuns(params string[] arguments)
    {
        (int status, _, string error) = CommandProcess.Run(arguments);
        Assert.True(status == 0, error);
    }

    protected static void AssertSameResults(string expected, string run)
    {
        Assert.Equal(
            Directory.EnumerateFiles(expected).Select(Path.GetFileName).Order(),
            Directory.EnumerateFiles(run).Select(Path.GetFileName).Order());
        Assert.Equal(WithoutSeconds(expected), WithoutSeconds(run));
        foreach (string file in (string[])["best.safetensors", "last.safetensors", "curves.png"])
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(expected, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(run, file))),
                $"{file} differs");
        }

        StateDict tensors = WeightsFile.Load(Path.Combine(expected, "checkpoint.safetensors")).State;
        StateDict resumed = WeightsFile.Load(Path.Combine(run, "checkpoint.safetensors")).State;
        Assert.Equal(tensors.Select(tensor => tensor.Name), resumed.Select(tensor => tensor.Name));
        Assert.All(tensors,
            tensor => Assert.True(tensor.Data.Span.SequenceEqual(resumed[tensor.Name].Data.Span), $"{tensor.Name} differs"));
    }

    private static string[] WithoutSeconds(string run)
    {
        string[] lines = File.ReadAllLines(Path.Combine(run, "metrics.csv"));
        Assert.EndsWith(",seconds", lines[0], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
        return [.. lines.Select(line => line[..line.LastIndexOf(',')])];
    }
}
