using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>What a person sees of a folder of results, and a folder that is watched.</summary>
public sealed class PredictGalleryTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_gallery_shows_each_image_by_what_stands_beside_it_and_takes_nothing_from_outside()
    {
        string[] names = ["a & <b> \"c\"", "half 50% #1", "plain"];
        Array.ForEach(names, name => Save($"in/sub/{name}.png"));
        (int status, _, string error) = Predict("--threshold", "0.2", "--all");
        Assert.True(status == ExitStatus.Done, error);

        string html = File.ReadAllText(folder.File("out/gallery.html"));
        Assert.DoesNotContain("//", html);
        Assert.All(["gallery.css", "gallery.js"], name => Assert.Contains(
            File.ReadAllText(Repository.Path("src", "CMUNeXt.Cli", "Prediction", name)), html, StringComparison.Ordinal));
        Assert.Contains("not a medical device", html);
        string[] sources = [.. Regex.Matches(html, "<img [^>]*src=\"([^\"]*)\"").Select(match => match.Groups[1].Value)];
        Assert.Equal(names.Length, sources.Length);
        Assert.All(sources, source => Assert.True(File.Exists(folder.File("out/" + Uri.UnescapeDataString(source))), source));
        Assert.All(names, name => Assert.Contains($"<b>{WebUtility.HtmlEncode($"sub/{name}.png")}</b>", html));

        // What it is sorted by are the findings.
        JsonElement report = JsonDocument.Parse(File.ReadAllText(folder.File("out/sub/plain.json"))).RootElement;
        string figure = html.Split("<figure ").Single(part => part.Contains("sub/plain.png", StringComparison.Ordinal));
        Assert.Contains($"data-presence=\"{report.GetProperty("presence").GetRawText()}\"", figure);
        Assert.Contains($"data-area=\"{report.GetProperty("area").GetInt32()}\"", figure);
    }

    [Fact]
    public void That_it_is_no_medical_device_stands_in_every_output_but_the_table()
    {
        const string Notice = "not a medical device";
        Save("in/a.png");
        (int status, string output, string error) = Predict();
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains(Notice, output);
        Assert.Contains(Notice, File.ReadAllText(folder.File("out/NOTICE.txt")));
        JsonElement report = JsonDocument.Parse(File.ReadAllText(folder.File("out/a.json"))).RootElement;
        Assert.Contains(Notice, report.GetProperty("notice").GetString());
        Assert.Contains(Notice, CommandProcess.Run("predict", "--help").Output.ReplaceLineEndings(" "));
        Assert.DoesNotContain(Notice, File.ReadAllText(folder.File("out/summary.csv")));
    }

    [Fact]
    public void An_image_that_is_no_ultrasound_is_warned_of_in_its_findings_and_in_the_gallery()
    {
        Image white = new(64, 64, 1, [.. Enumerable.Repeat(byte.MaxValue, 64 * 64)]);
        Directory.CreateDirectory(folder.File("in"));
        ImageFile.SavePng(folder.File("in/white.png"), white);
        File.Copy(Repository.Path("examples", "phantom_0001.png"), folder.File("in/phantom.png"));
        (int status, _, string error) = Predict();
        Assert.True(status == ExitStatus.Done, error);

        IReadOnlyList<string> expected = InputCheck.Warnings(white);
        Assert.NotEmpty(expected);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(folder.File("out/white.json"))).RootElement;
        Assert.Equal(expected, report.GetProperty("warnings").EnumerateArray().Select(static warning => warning.GetString()!));
        JsonElement ofPhantom = JsonDocument.Parse(File.ReadAllText(folder.File("out/phantom.json"))).RootElement;
        Assert.False(ofPhantom.TryGetProperty("warnings", out _));
        string[] figures = File.ReadAllText(folder.File("out/gallery.html")).Split("<figure ");
        string figure = Assert.Single(figures, static part => part.Contains("<b>white.png</b>", StringComparison.Ordinal));
        string other = Assert.Single(figures, static part => part.Contains("<b>phantom.png</b>", StringComparison.Ordinal));
        Assert.All(expected, warning => Assert.Contains($"<span>{WebUtility.HtmlEncode(warning)}</span>", figure));
        Assert.All(expected, warning => Assert.DoesNotContain(WebUtility.HtmlEncode(warning), other));
    }

    [Fact]
    public void Whoever_opens_the_gallery_alone_learns_of_an_image_that_failed()
    {
        Save("in/a.png");
        File.WriteAllText(folder.File("in/b & c.png"), "no image");
        Assert.Equal(ExitStatus.Failed, Predict().Status);
        AssertTold();

        // In parts as well.
        Directory.Delete(folder.File("out"), recursive: true);
        Assert.Equal(ExitStatus.Failed, Predict("--part", "1/1").Status);
        AssertTold();

        void AssertTold()
        {
            string html = File.ReadAllText(folder.File("out/gallery.html"));
            Assert.Contains("2 images, ", html);
            Assert.Contains("<strong>1 not segmented</strong>", html);
            string figure = Assert.Single(
                html.Split("<figure "), static part => part.Contains("<b>b &amp; c.png</b>", StringComparison.Ordinal));
            Assert.Contains("<span>not segmented: ", figure);
        }
    }

    [Fact]
    public void The_overlay_of_an_image_without_a_finding_says_so()
    {
        Save("in/a.png");
        (int status, string output, string error) = Predict("--threshold", "0.9999", "--all");
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains("lesions are in 0 of them", output);
        Image image = ImageFile.Load(folder.File("in/a.png"));
        Image overlay = ImageFile.Load(folder.File("out/a_overlay.png"));

        // The text stands at the lower edge; at the upper one there is a warning of the image.
        int lower = image.Pixels.Length * 3 / 4;
        Assert.Contains(Enumerable.Range(lower, image.Pixels.Length - lower), i => overlay.Pixels[3 * i] != image.Pixels[i]);
        Assert.Contains("no finding", File.ReadAllText(folder.File("out/gallery.html")));
    }

    [Fact]
    public async Task A_watched_folder_has_each_image_done_once_also_after_a_new_start()
    {
        Directory.CreateDirectory(folder.File("in"));
        AgedFile first;
        using (CommandProcess watch = Watch())
        {
            Save("in/a.png");
            await Written("a.json", watch);
            first = new AgedFile(folder.File("out/a.json"));
            Save("in/b.png");
            await Written("b.json", watch);
            Assert.False(first.IsWrittenAnew);
            watch.Kill();
        }

        using (CommandProcess watch = Watch())
        {
            Save("in/c.png");
            await Written("c.json", watch);
            string summary = folder.File("out/summary.csv");
            await Until(() => File.Exists(summary) && File.ReadAllText(summary).Contains("c.png", StringComparison.Ordinal), watch);
            watch.Kill();
        }

        Assert.False(first.IsWrittenAnew);
        string[] rows = [.. File.ReadLines(folder.File("out/summary.csv")).Skip(1).Select(static row => row.Split(',')[0]).Order()];
        Assert.Equal(["a.png", "b.png", "c.png"], rows);
    }

    [Fact]
    public async Task A_loop_that_comes_again_with_fewer_frames_has_these_alone()
    {
        DicomTools.Need("dump2dcm");
        string path = folder.File("in/loop.dcm");
        Directory.CreateDirectory(folder.File("in"));
        using TemporaryFolder made = new();
        new MadeFile("MONOCHROME2", Frames: 3).Write(made, made.File("three.dcm"));
        new MadeFile("MONOCHROME2", Frames: 2).Write(made, made.File("two.dcm"));
        File.Copy(made.File("three.dcm"), path);
        using CommandProcess watch = Watch();
        await Until(() => Rows() is 3, watch);
        File.Copy(made.File("two.dcm"), path, overwrite: true);
        await Until(() => Rows() is 2, watch);
        watch.Kill();
        Assert.Equal(2, Directory.GetFiles(folder.File("out"), "loop_*_mask.png").Length);
        Assert.DoesNotContain("not done", File.ReadAllText(folder.File("out/summary.csv")), StringComparison.Ordinal);

        int? Rows() => File.Exists(folder.File("out/summary.csv")) ? File.ReadAllLines(folder.File("out/summary.csv")).Length - 1 : null;
    }

    [Fact]
    public void A_file_is_not_watched()
    {
        Save("in/a.png");
        (int status, _, string error) = CommandProcess.Run("predict", folder.File("in/a.png"), "--watch", "--output", folder.File("out"));
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains("--watch takes folders", error);
    }

    private (int Status, string Output, string Error) Predict(params string[] options) =>
        CommandProcess.Run(["predict", folder.File("in"), "--output", folder.File("out"), "--threads", "1", .. options]);

    private CommandProcess Watch() =>
        CommandProcess.Start("predict", folder.File("in"), "--output", folder.File("out"), "--threads", "1", "--watch");

    private Task Written(string name, CommandProcess watch) => Until(() => File.Exists(folder.File($"out/{name}")), watch);

    private static async Task Until(Func<bool> isThere, CommandProcess watch)
    {
        using CancellationTokenSource stop = new(Longest);
        while (!isThere())
        {
            Assert.False(watch.HasExited, "It ended.");
            await Task.Delay(100, stop.Token);
        }
    }

    private void Save(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        byte[] pixels = [.. Enumerable.Range(0, 320 * 240).Select(static i => (byte)(i * 7 / 320))];
        ImageFile.SavePng(folder.File(name), new Image(320, 240, 1, pixels));
    }
}
