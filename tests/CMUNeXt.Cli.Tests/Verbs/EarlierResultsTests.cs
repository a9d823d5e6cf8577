using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>What a verb leaves of the files that this program wrote before, by another verb or for other images.</summary>
public sealed class EarlierResultsTests(ManagedRun run) : IClassFixture<ManagedRun>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Neither_predict_nor_evaluate_removes_a_run()
    {
        string copy = folder.File("run");
        Copy(run.Uninterrupted, copy);
        string[] before = Files(copy);
        Assert.Contains("best.safetensors", before);
        string image = Path.Combine(run.Data, "images", "case 1.png");
        Done("predict", image, "--output", copy, "--resume");
        Done("predict", image, "--output", copy, "--overwrite");
        string weights = Path.Combine(copy, "best.safetensors");
        string[] evaluation = ["evaluate", "--data", run.Data, "--list", "val.txt", "--weights", weights, "--output", copy];
        Done([.. evaluation, "--overwrite"]);
        Done([.. evaluation, "--part", "1/1"]);
        Assert.Equal(before, Files(copy).Intersect(before));
        Assert.Contains("case 1_mask.png", Files(copy));
        Assert.Contains("cases.csv", Files(copy));
    }

    [Fact]
    public void Predict_evaluate_and_phantom_leave_a_prepared_data_set()
    {
        string data = folder.File("data");
        Done("phantom", "--count", "4", "--output", data);
        string[] before = Files(data);
        Done("predict", Path.Combine(data, "images", "phantom_0001.png"), "--output", data, "--overwrite");
        Done("evaluate", "--data", data, "--list", "all.txt", "--output", data, "--overwrite");
        Assert.Equal(before, Files(data).Intersect(before));

        // Results of other verbs stay as well, and fewer phantoms are fewer.
        Done("phantom", "--count", "2", "--output", data, "--overwrite");
        string[] after = Files(data);
        Assert.Contains("phantom_0001_mask.png", after);
        Assert.Contains("summary.json", after);
        Assert.DoesNotContain("images/phantom_0003.png", after);
        Assert.DoesNotContain("masks/0/phantom_0003.png", after);
    }

    [Fact]
    public void Results_of_images_that_are_not_seen_stay_where_a_job_is_gone_on_with_and_go_where_it_begins_anew()
    {
        string[] ofFirst = ["a.json", "a_mask.png", "a_overlay.png"];
        Save("in/a.png");
        Save("in/b.png");
        Done("predict", folder.File("in"), "--output", folder.File("out"));
        Done("predict", folder.File("in/b.png"), "--output", folder.File("out"), "--resume");
        Assert.Equal(ofFirst, Files(folder.File("out")).Intersect(ofFirst));
        Done("predict", folder.File("in/b.png"), "--output", folder.File("out"), "--overwrite");
        Assert.Empty(Files(folder.File("out")).Intersect(ofFirst));
        Assert.True(File.Exists(folder.File("out/b_mask.png")));
    }

    [Fact]
    public void An_image_that_is_done_anew_keeps_nothing_that_is_of_its_earlier_findings()
    {
        Save("in/a.png");
        string[] call = ["predict", folder.File("in"), "--output", folder.File("out")];
        Done([.. call, "--probability"]);
        Done([.. call, "--resume", "--no-overlay"]);
        Assert.Equal(["a.json", "a_mask.png", "a_overlay.png", "a_probability.png"], ResultsOf('a'));
        Done([.. call, "--resume", "--no-overlay", "--threshold", "0.25"]);
        Assert.Equal(["a.json", "a_mask.png"], ResultsOf('a'));
        Done([.. call, "--resume", "--threshold", "0.25"]);
        Done("predict", folder.File("in"), "--output", folder.File("fresh"), "--threshold", "0.25");
        Assert.Equal(File.ReadAllBytes(folder.File("fresh/a_overlay.png")), File.ReadAllBytes(folder.File("out/a_overlay.png")));
    }

    [Fact]
    public void An_image_that_fails_keeps_nothing_that_it_would_not_have_got_either()
    {
        Save("in/a.png");
        Save("in/b.png");
        string[] call = ["predict", folder.File("in"), "--output", folder.File("out")];
        Done([.. call, "--probability"]);
        File.WriteAllText(folder.File("in/b.png"), "no image");
        Assert.Equal(ExitStatus.Failed, CommandProcess.Run([.. call, "--resume", "--no-overlay"]).Status);
        Assert.Empty(ResultsOf('b'));
        Assert.NotEmpty(ResultsOf('a'));
    }

    [Fact]
    public void A_watch_that_sees_no_image_leaves_the_summary_and_the_gallery()
    {
        Save("in/a.png");
        Done("predict", folder.File("in"), "--output", folder.File("out"));
        string[] before = Pages();
        File.Delete(folder.File("in/a.png"));
        using CommandProcess watch = CommandProcess.Start("predict", folder.File("in"), "--output", folder.File("out"), "--watch");
        Wait.Until("folder that is taken", () => watch.HasExited || File.Exists(folder.File("out/cmunext.lock")));
        watch.Interrupt();
        Assert.Contains("cmunext: watching", watch.WaitForExit().Error, StringComparison.Ordinal);
        Assert.Equal(before, Pages());

        string[] Pages() => [File.ReadAllText(folder.File("out/summary.csv")), File.ReadAllText(folder.File("out/gallery.html"))];
    }

    [Fact]
    public void Results_are_no_images_whatever_folder_they_are_in()
    {
        Save("scans/a.png");
        Save("scans/deep/b.png");
        Done("predict", folder.File("scans"), "--output", folder.File("scans/first"));
        Done("phantom", "--count", "2", "--output", folder.File("scans/data"));
        Done("evaluate", "--data", folder.File("scans/data"), "--list", "all.txt", "--output", folder.File("scans/judged"));
        string[] images = ["a.png", "data/images/phantom_0001.png", "data/images/phantom_0002.png", "deep/b.png"];
        foreach ((string output, string input) in ((string, string)[])[("folder", "scans"), ("pattern", "scans/**/*.png")])
        {
            Done("predict", folder.File(input), "--output", folder.File(output));
            Assert.Equal(images, File.ReadLines(folder.File($"{output}/summary.csv")).Skip(1).Select(static row => row.Split(',')[0]));
        }

        (int status, _, string error) = CommandProcess.Run("predict", folder.File("scans/first"), "--output", folder.File("alone"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("results of this program alone", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);

        // Whoever names one means it.
        Done("predict", folder.File("scans/first/a_mask.png"), "--output", folder.File("named"));
    }

    private static void Done(params string[] arguments)
    {
        string[] threads = arguments[0] == "phantom" ? [] : ["--threads", "1"];
        (int status, _, string error) = CommandProcess.Run([.. arguments, .. threads]);
        Assert.True(status == ExitStatus.Done, error);
    }

    private static string[] Files(string below) =>
    [
        .. Directory.GetFiles(below, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(below, path).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    private string[] ResultsOf(char name) => [.. Files(folder.File("out")).Where(file => file.StartsWith(name))];

    private static void Copy(string source, string target)
    {
        foreach (string file in Files(source))
        {
            string path = Path.Combine(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(Path.Combine(source, file), path);
        }
    }

    private void Save(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        ImageFile.SavePng(folder.File(name), new Image(64, 48, 1, [.. Enumerable.Range(0, 64 * 48).Select(static i => (byte)(i * 7))]));
    }
}
