using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

public sealed class PreparedFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public PreparedFolderTests()
    {
        for (int i = 0; i < 20; i++)
        {
            folder.WriteGray($"in/images/{i}.png", (byte)i);
            folder.WriteGray($"in/masks/{i}.png", 255);
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_with_anything_in_it_is_refused()
    {
        folder.WriteText("out/notes.txt", "mine");

        Assert.Contains("not empty", Assert.Throws<BadFileException>(() => Run()).Message, StringComparison.Ordinal);
        Assert.Equal(["notes.txt"], folder.Files("out"));
    }

    [Fact]
    public void An_empty_folder_and_the_rest_of_an_interruption_are_taken()
    {
        folder.WriteText("out/prepare.part/images/old.png", "half");

        Run();

        Assert.Equal(41, folder.Files("out").Length);
        Assert.DoesNotContain("images/old.png", folder.Files("out"));
    }

    [Fact]
    public void Overwriting_replaces_the_data_set_and_keeps_other_files()
    {
        folder.WriteGray("in/images/old.png", 7);
        folder.WriteGray("in/masks/old.png", 0);
        Run();
        folder.WriteText("out/train.txt", "mine");
        File.Delete(folder["in/images/old.png"]);
        File.Delete(folder["in/masks/old.png"]);

        Run(overwrite: true);

        Assert.Equal(42, folder.Files("out").Length);
        Assert.Contains("train.txt", folder.Files("out"));
        Assert.DoesNotContain(folder.Files("out"), file => file.Contains("old", StringComparison.Ordinal) || file == "normal.txt");
    }

    [Fact]
    public void Overwriting_by_nothing_leaves_the_data_set_that_stood_there()
    {
        Run();
        string[] before = folder.Files("out");

        PreparationReport report = Run(overwrite: true, suffix: "_mistyped");

        Assert.Equal((0, 20), (report.Cases, report.Problems.Count));
        Assert.Equal(before, folder.Files("out"));
        Assert.Equal(20, DataSet.Open(folder["out"]).Cases.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_an_image_is_refused_nothing_is_written_until_that_is_asked_for(bool existing)
    {
        if (existing)
        {
            Run();
        }

        string[] before = Written();
        folder.WriteGray("in/masks/7.png", 255, 255);

        PreparationReport refused = Run(overwrite: true);
        Assert.Equal((19, 1, false), (refused.Cases, refused.Problems.Count, refused.IsWritten));
        Assert.Equal(before, Written());
        Assert.Equal(existing, Directory.Exists(folder["out"]));

        Assert.True(Run(overwrite: true, skipRefused: true).IsWritten);
        Assert.Equal(19, DataSet.Open(folder["out"]).Cases.Count);
        Assert.Equal(
            $"1 file was refused when {folder["out"]} was prepared; see {Path.Combine(folder["out"], "prepare.json")}",
            RefusedFiles.Describe(folder["out"]));
    }

    [Theory]
    [InlineData("images/mine.png")]
    [InlineData("images/deep/mine.txt")]
    [InlineData("masks/7/mine.png")]
    [InlineData("normal.txt")]
    [InlineData("prepare.json")]
    public void Overwriting_refuses_what_no_preparation_wrote(string mine)
    {
        Run();
        File.Delete(folder[$"out/{mine}"]);
        string list = File.ReadAllText(folder["out/.cmunext-files"]);
        File.WriteAllText(folder["out/.cmunext-files"], list.Replace(mine + "\n", "", StringComparison.Ordinal));
        folder.WriteText($"out/{mine}", "mine");

        Assert.Contains(
            "not a file that this program wrote", Assert.Throws<BadFileException>(() => Run(overwrite: true)).Message,
            StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(folder[$"out/{mine}"]));
    }

    [Fact]
    public void Sources_that_lead_into_the_output_by_links_are_never_replaced()
    {
        SymbolicLink.ToFolder(Path.Combine(folder.Path, "link"), folder["in"]);
        Assert.Throws<BadFileException>(() => Run(overwrite: true, output: "link"));
        Assert.Throws<BadFileException>(() => Run(overwrite: true, output: "link/images/.."));

        // A source elsewhere, with one image that is a link into the output.
        Run();
        File.Delete(folder["in/images/3.png"]);
        SymbolicLink.ToFile(folder["in/images/3.png"], folder["out/images/3.png"]);
        string[] before = folder.Files("out");
        Assert.Contains("is in it", Assert.Throws<BadFileException>(() => Run(overwrite: true)).Message, StringComparison.Ordinal);
        Assert.Equal(before, folder.Files("out"));
    }

    [Fact]
    public void A_folder_of_the_data_set_that_is_a_link_stays_one()
    {
        folder.WriteText("elsewhere/mine.png", "mine");
        Directory.CreateDirectory(folder["out/x"]);
        SymbolicLink.ToFolder(Path.Combine(folder.Path, "out", "images"), folder["elsewhere"]);
        Assert.Contains("is a link", Assert.Throws<BadFileException>(() => Run(overwrite: true)).Message, StringComparison.Ordinal);
        Assert.Equal(["mine.png"], folder.Files("elsewhere"));
    }

    [Fact]
    public void Only_one_process_prepares_into_a_folder_at_a_time()
    {
        using (FolderLock.Take(folder["out"]))
        {
            Assert.Contains(
                "another process", Assert.Throws<BadFileException>(() => Run(overwrite: true)).Message, StringComparison.Ordinal);
        }

        Run();
        Assert.Equal(41, folder.Files("out").Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stopped_preparation_leaves_no_data_set_and_no_rests(bool existing)
    {
        if (existing)
        {
            Run();
        }

        string[] before = Written();
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(overwrite: true, new StopAfter(3, stop), stop.Token));

        Assert.Equal(before, Written());
        Assert.Equal(existing, Directory.Exists(folder["out"]));
    }

    [Fact]
    public void A_stop_after_the_last_image_still_counts()
    {
        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(overwrite: false, new StopAfter(20, stop), stop.Token));
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void What_was_written_before_the_moves_is_no_data_set()
    {
        folder.WriteGray("out/prepare.part/images/a.png", 1);
        folder.WriteGray("out/prepare.part/masks/0/a.png", 255);
        Assert.Throws<BadFileException>(() => DataSet.Open(folder["out"]));

        Directory.Move(folder["out/prepare.part/masks"], folder["out/masks"]);
        Assert.Throws<BadFileException>(() => DataSet.Open(folder["out"]));
    }

    [Theory]
    [InlineData("normal.txt")]
    [InlineData("prepare.json")]
    public void A_preparation_that_ends_among_its_moves_leaves_no_data_set_without_its_report(string unmovable)
    {
        folder.WriteGray("in/images/empty.png", 7);
        folder.WriteGray("in/masks/empty.png", 0);
        Run();

        // Nothing can be moved over a folder.
        File.Delete(folder[$"out/{unmovable}"]);
        folder.WriteText($"out/{unmovable}/x", "");
        Exception e = Assert.ThrowsAny<Exception>(() => Run(overwrite: true));
        Assert.True(e is IOException or UnauthorizedAccessException, e.ToString());
        Assert.Throws<BadFileException>(() => DataSet.Open(folder["out"]));

        Directory.Delete(folder[$"out/{unmovable}"], recursive: true);
        Run(overwrite: true);
        Assert.Equal(44, folder.Files("out").Length);
    }

    [Theory]
    [InlineData("in")]
    [InlineData("in/images")]
    [InlineData("in/masks/")]
    [InlineData("in/images/..")]
    public void A_source_is_never_overwritten(string output)
    {
        Assert.Contains(
            "choose another folder", Assert.Throws<BadFileException>(() => Run(overwrite: true, output: output)).Message,
            StringComparison.Ordinal);
        Assert.Equal(40, folder.Files("in").Length);
    }

    [Fact]
    public void Progress_reaches_the_total()
    {
        Counter counter = new();

        Run(progress: counter);

        Assert.Equal(Enumerable.Range(1, 20).Select(i => new PreparationProgress(i, 20)), counter.Seen.OrderBy(p => p.Done));
    }

    private string[] Written() => Directory.Exists(folder["out"]) ? folder.Files("out") : [];

    private PreparationReport Run(
        bool overwrite = false, IProgress<PreparationProgress>? progress = null, CancellationToken? cancellation = null,
        string output = "out", string suffix = "", bool skipRefused = false) =>
        PairsPreparation.Run(
            new PairsPreparationOptions
            {
                Images = folder["in/images"],
                Masks = folder["in/masks"],
                Output = Path.Combine(folder.Path, output),
                MaskSuffix = suffix,
                SkipRefused = skipRefused,
                Overwrite = overwrite,
            },
            progress,
            cancellation ?? TestContext.Current.CancellationToken);

    private sealed class StopAfter(int count, CancellationTokenSource stop) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value)
        {
            if (value.Done == count)
            {
                stop.Cancel();
            }
        }
    }

    private sealed class Counter : IProgress<PreparationProgress>
    {
        public List<PreparationProgress> Seen { get; } = [];

        public void Report(PreparationProgress value)
        {
            lock (Seen)
            {
                Seen.Add(value);
            }
        }
    }
}
