using CMUNeXt.Cli.Parsing;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Cli.Tests.Benchmark;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>
/// <c>predict</c> in this process: which images it takes, what it calls them, and what it does with what stands in its output.
/// </summary>
[Collection(nameof(Alone))]
public sealed class PredictFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Images_of_one_name_are_told_apart_by_their_folders()
    {
        Save("in/p1/img.png");
        Save("in/p2/img.png");
        Save("in/p2/deep/img.png");
        (int status, string output, _) = await Run("in", "--json");
        Assert.Equal(ExitStatus.Done, status);
        Assert.Equal(["p1/img.png", "p2/deep/img.png", "p2/img.png"], Column(0));
        Assert.All(Column(0), name => Assert.Contains($"\"{name}\"", output, StringComparison.Ordinal));
        Assert.Contains("\"file\": \"p2/deep/img.png\"", File.ReadAllText(In("out/p2/deep/img.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_images_of_one_stem_the_results_keep_the_endings()
    {
        Save("in/a.png");
        File.Copy(In("in/a.png"), In("in/a.jpg"));
        Save("in/b.png");
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        Assert.All((string[])["a.png_mask.png", "a.jpg_mask.png", "b_mask.png"], name => Assert.True(File.Exists(In($"out/{name}")), name));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1e308")]
    [InlineData("1e160")]
    [InlineData("1e-320")]
    public async Task A_pixel_that_no_image_of_a_body_has_is_refused(string size)
    {
        Save("in/a.png");
        (int status, _, string error) = await Run("in", "--mm-per-pixel", size);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.StartsWith(
            "cmunext: --mm-per-pixel is from 0.0001 to 100, not ", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(In("out")));
    }

    [Fact]
    public async Task An_image_without_a_stem_has_its_results_in_the_folder()
    {
        Save("in/.png");
        Save("in/sub/.png");
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        Assert.True(File.Exists(In("out/.png_mask.png")) && File.Exists(In("out/sub/.png_mask.png")));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Each_image_that_was_asked_for_has_its_line()
    {
        Save("in/a.png");
        File.WriteAllText(In("in/b.png"), "no image");
        Save($"in/{new string('l', 244)}.png");
        Save("in/z.png");
        (int status, _, string error) = await Run("in");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Equal(["done", "failed", "failed", "done"], Column(12));
        Assert.Contains("256 bytes", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_images_at_once_give_the_files_and_lines_of_one_after_the_other()
    {
        for (int i = 0; i < 20; i++)
        {
            Save($"in/{i}.png", 60 + (5 * i), 90 - (3 * i));
        }

        File.WriteAllText(In("in/11.png"), "no image");
        File.WriteAllText(In("in/3.png"), "");
        string[] options = ["predict", In("in"), "--threshold", "0.2", "--all", "--probability"];
        (int status, string output, string error) = await Invoke([.. options, "--threads", "1", "--output", In("one")], default);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Equal(
            (status, output.Replace("one", "many"), error),
            await Invoke([.. options, "--threads", "7", "--output", In("many")], default));
        string[] files = Names("one");
        Assert.Equal(files, Names("many"));
        Assert.Equal((18 * 4) + 4, files.Length);
        Assert.All(files, name => Assert.Equal(File.ReadAllBytes(In($"one/{name}")), File.ReadAllBytes(In($"many/{name}"))));

        string[] Names(string below) =>
            [.. Directory.GetFiles(In(below)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Without_overlays_all_else_is_the_same_and_going_on_adds_them()
    {
        Save("in/a.png");
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        Assert.Equal(ExitStatus.Done, (await Invoke(["predict", In("in"), "--no-overlay", "--output", In("bare")], default)).Status);
        Assert.False(File.Exists(In("bare/a_overlay.png")));
        Assert.All((string[])["a.json", "a_mask.png", "summary.csv"], name =>
            Assert.Equal(File.ReadAllBytes(In($"out/{name}")), File.ReadAllBytes(In($"bare/{name}"))));
        Assert.Equal(ExitStatus.Done, (await Invoke(["predict", In("in"), "--resume", "--output", In("bare")], default)).Status);
        Assert.Equal(File.ReadAllBytes(In("out/a_overlay.png")), File.ReadAllBytes(In("bare/a_overlay.png")));
    }

    [Fact]
    public async Task Interrupted_before_it_knows_its_images_a_job_has_no_summary_and_resuming_makes_what_is_missing()
    {
        Save("in/a.png");
        Save("in/b.png");
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Equal(ExitStatus.Interrupted, (await Invoke(["predict", In("in"), "--output", In("out")], stop.Token)).Status);
        Assert.False(File.Exists(In("out/summary.csv")));
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        AgedFile made = new(In("out/a.json"));
        File.Delete(In("out/b.json"));
        Assert.Equal(ExitStatus.Done, (await Run("in", "--resume")).Status);
        Assert.False(made.IsWrittenAnew);
        Assert.True(File.Exists(In("out/b.json")));
        Assert.Equal(["done", "done"], Column(12));

        // Another threshold is another job.
        Assert.Equal(ExitStatus.Done, (await Run("in", "--resume", "--threshold", "0.25")).Status);
        Assert.Contains("\"threshold\": 0.25", File.ReadAllText(In("out/a.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_of_other_settings_are_made_anew()
    {
        Save("in/a.png");
        Assert.Equal(ExitStatus.Done, (await Run("in", "--all")).Status);
        Assert.NotEqual(0, Area());
        Assert.Equal(ExitStatus.Done, (await Run("in", "--all", "--resume", "--min-area", "1200")).Status);
        Assert.Equal(0, Area());
        AgedFile made = new(In("out/a.json"));
        Assert.Equal(ExitStatus.Done, (await Run("in", "--all", "--resume", "--min-area", "1200")).Status);
        Assert.False(made.IsWrittenAnew);

        int Area() => SegmentationReport.FromJson(File.ReadAllText(In("out/a.json")))!.Area;
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Findings_of_an_image_are_not_those_of_another_that_took_its_place(int seconds)
    {
        Save("in/a.png", 40, 30);
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        DateTime written = File.GetLastWriteTimeUtc(In("in/a.png"));
        Save("in/a.png", 50, 60);

        // As mv and rsync -t keep the time; where it is the same, the length is not.
        File.SetLastWriteTimeUtc(In("in/a.png"), written.AddSeconds(seconds));
        Assert.Equal(ExitStatus.Done, (await Run("in", "--resume")).Status);
        Assert.Contains("\"height\": 60", File.ReadAllText(In("out/a.json")), StringComparison.Ordinal);
        Assert.Equal(["50"], Column(1));

        // An earlier version did not say which file it read.
        string findings = File.ReadAllText(In("out/a.json"));
        SegmentationReport report = SegmentationReport.FromJson(findings)!;
        File.WriteAllText(In("out/a.json"), (report with { Source = null, Area = 12345 }).ToJson());
        Assert.Equal(ExitStatus.Done, (await Run("in", "--resume")).Status);
        Assert.Equal(findings, File.ReadAllText(In("out/a.json")));
    }

    [Fact]
    public void What_failed_at_its_end_is_not_told_as_done()
    {
        ImageInput image = new("a", "a.dcm", "a");
        PredictionSummary summary = new([image]);
        SegmentationReport report = new()
        {
            File = "a.dcm", Width = 2, Height = 3, Model = "", WeightsSha256 = "", Threshold = 0.5, Area = 0, Lesions = [],
        };
        summary.Add(image, report);
        Assert.EndsWith(",done,\n", summary.RowOf(image), StringComparison.Ordinal);
        summary.Add(image, new BadFileException("a_seg.dcm", "cannot be written"));
        Assert.EndsWith(",failed,cannot be written\n", summary.RowOf(image), StringComparison.Ordinal);
        Assert.Empty(summary.Reports);
        PredictionSettings settings = new()
        {
            Network = "",
            Outputs = 1,
            WeightsSha256 = "",
            Threshold = 0.5,
            Result = new ResultSettings { Input = new Preprocessing() },
        };
        PredictionParts.Write(folder.Path, new WorkPart(1, 1), settings, new Dictionary<string, long>(), [image], summary);
        Assert.False(Assert.Single(Assert.Single(PredictionParts.Merge(folder.Path, 1, null, out _)!.Found).Value).IsDone);
        summary.Add(image, report);
        Assert.Equal([report], summary.Reports);
    }

    [Fact]
    public void An_image_that_was_not_come_to_has_its_line_too()
    {
        ImageInput[] images = [new ImageInput("a", "=a,1.png", "a"), new ImageInput("b", "b\n.png", "b")];
        PredictionSummary summary = new(images);
        summary.Add(images[0], new BadFileException("a", "is, in short, damaged"));
        Assert.Equal(
            ["\"'=a,1.png\",,,,,,,,,,,,failed,\"is, in short, damaged\"\n", "b\\u000a.png,,,,,,,,,,,,not done,\n"],
            images.Select(summary.RowOf));
    }

    [Fact]
    public async Task Overwriting_removes_the_results_of_images_that_are_gone_and_nothing_of_others()
    {
        Save("in/a.png");
        Save("in/b.png");
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        File.WriteAllText(In("out/notes.txt"), "mine");
        File.Delete(In("in/b.png"));
        Assert.Equal(ExitStatus.Failed, (await Run("in")).Status);
        Assert.Equal(ExitStatus.Done, (await Run("in", "--overwrite")).Status);
        Assert.Equal(
            [
                ".cmunext-files", "NOTICE.txt", "a.json", "a_mask.png", "a_overlay.png", "gallery.html", "notes.txt", "summary.csv",
            ],
            Directory.GetFiles(In("out")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_image_that_fails_keeps_no_results_of_an_earlier_run()
    {
        Save("in/a.png");
        Save("in/b.png");
        Assert.Equal(ExitStatus.Done, (await Run("in", "--probability")).Status);
        File.WriteAllText(In("in/b.png"), "no image");
        Assert.Equal(ExitStatus.Failed, (await Run("in", "--probability", "--resume", "--threshold", "0.25")).Status);
        Assert.Equal(
            [
                ".cmunext-files", "NOTICE.txt", "a.json", "a_mask.png", "a_overlay.png", "a_probability.png", "gallery.html", "summary.csv",
            ],
            Directory.GetFiles(In("out")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--resume")]
    [InlineData("--watch")]
    public async Task Killed_while_it_replaces_an_images_results_it_leaves_no_findings_and_no_summary_of_earlier_ones(string option)
    {
        Directory.CreateDirectory(In("in"));
        byte[] noise = new byte[1000 * 1000];
        new Random(3).NextBytes(noise);
        ImageFile.SavePng(In("in/a.png"), new Image(1000, 1000, 1, noise));
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        using HeldWrite overlay = new(In("out/a_overlay.png"));
        using CommandProcess program =
            CommandProcess.Start("predict", In("in"), "--output", In("out"), "--threads", "1", option, "--threshold", "0.25");
        await overlay.Begun(program);
        Assert.All((string[])["a.json", "summary.csv", "gallery.html"], name => Assert.False(File.Exists(In($"out/{name}")), name));
        program.Kill();
    }

    [Fact]
    public async Task Files_of_others_beside_the_images_stay()
    {
        Save("in/a.png");
        Save("in/b.png");
        File.WriteAllText(In("in/a.json"), "mine");
        (int status, _, string error) = await RunInto("in", "in", "--overwrite");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("a.json: is not a file that this program wrote", error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(In("in/a.json")));

        // Its own results are no images, whatever they are called.
        Assert.Equal(ExitStatus.Failed, (await RunInto("in", "in", "--overwrite")).Status);
        Assert.True(File.Exists(In("in/b_mask.png")));
        Assert.False(File.Exists(In("in/b_mask_mask.png")));
        File.WriteAllText(In("in/summary.csv"), "rewritten by nobody else");
        Assert.Equal(ExitStatus.Failed, (await RunInto("in", "in", "--overwrite")).Status);
    }

    [Fact]
    public async Task A_result_that_is_a_link_to_an_image_does_not_replace_it()
    {
        Save("in/a.png");
        byte[] image = File.ReadAllBytes(In("in/a.png"));
        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
        File.Delete(In("out/a_mask.png"));
        SymbolicLink.ToFile(In("out/a_mask.png"), In("in/a.png"));
        Assert.Equal(ExitStatus.Failed, (await Run("in", "--overwrite")).Status);
        Assert.Equal(image, File.ReadAllBytes(In("in/a.png")));
    }

    [Fact]
    public async Task Only_one_process_fills_a_folder_at_a_time()
    {
        Save("in/a.png");
        using (FolderLock.Take(In("out")))
        {
            (int status, _, string error) = await Run("in", "--overwrite");
            Assert.Equal(ExitStatus.Failed, status);
            Assert.Contains("another process writes here", error, StringComparison.Ordinal);
        }

        Assert.Equal(ExitStatus.Done, (await Run("in")).Status);
    }

    [Fact]
    public async Task A_pattern_finds_files_through_links_once()
    {
        Save("in/q/a.png");
        Save("in/b.tif");
        SymbolicLink.ToFolder(In("in/q/up"), "..");
        Assert.Equal(ExitStatus.Done, (await Run("in/**/*.png")).Status);
        Assert.Equal(["q/a.png"], Column(0));
    }

    [Fact]
    public async Task Of_an_image_that_uses_few_of_its_16_bits_it_is_said()
    {
        Save("in/a.png");
        File.WriteAllBytes(In("in/b.tif"), Tiff16(4095));
        File.WriteAllBytes(In("in/c.tif"), Tiff16(65535));
        (int status, _, string error) = await Run("in");
        Assert.Equal(ExitStatus.Done, status);
        string line = Assert.Single(error.Split('\n'), part => part.Contains("16 bits", StringComparison.Ordinal));
        Assert.EndsWith(
            "b.tif: no sample uses more than 12 of its 16 bits; it is read by these", line.TrimEnd('\r'), StringComparison.Ordinal);
    }

    private Task<(int Status, string Output, string Error)> Run(string input, params string[] options) => RunInto("out", input, options);

    private Task<(int Status, string Output, string Error)> RunInto(string output, string input, params string[] options) =>
        Invoke(["predict", In(input), "--output", In(output), "--threads", "1", .. options], TestContext.Current.CancellationToken);

    private static async Task<(int Status, string Output, string Error)> Invoke(string[] arguments, CancellationToken stop)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter written = new();
        using StringWriter reported = new();
        try
        {
            Console.SetOut(written);
            Console.SetError(reported);
            return (await Invocation.Run(arguments, stop), written.ToString(), reported.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    private string[] Column(int index) => [.. File.ReadLines(In("out/summary.csv")).Skip(1).Select(line => line.Split(',')[index])];

    private void Save(string name, int width = 40, int height = 30)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        byte[] pixels = [.. Enumerable.Range(0, width * height).Select(i => (byte)(i * 7))];
        ImageFile.SavePng(In(name), new Image(width, height, 1, pixels));
    }

    // 20 x 20 samples from 0 to the largest, little-endian, one strip behind the directory.
    private static byte[] Tiff16(int largest)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("II*\0"u8);
        writer.Write(8);
        (short Tag, int Value)[] tags = [(256, 20), (257, 20), (258, 16), (259, 1), (262, 1), (273, 122), (277, 1), (278, 20), (279, 800)];
        writer.Write((short)tags.Length);
        foreach ((short tag, int value) in tags)
        {
            writer.Write(tag);
            writer.Write((short)4);
            writer.Write(1);
            writer.Write(value);
        }

        writer.Write(0);
        for (int i = 0; i < 400; i++)
        {
            writer.Write((ushort)(largest * i / 399));
        }

        return stream.ToArray();
    }

    private string In(string name) => folder.File(name);
}
