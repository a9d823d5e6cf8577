using System.Text;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>predict --part</c>: parts of a job leave what one process would have left.</summary>
public sealed class PredictPartsTests : IDisposable
{
    private const int Images = 11;
    private readonly string folder = Directory.CreateTempSubdirectory("cmunext-parts-").FullName;

    public PredictPartsTests()
    {
        Directory.CreateDirectory(In("in/deep"));
        for (int i = 0; i < Images; i++)
        {
            int seed = i;
            byte[] pixels = [.. Enumerable.Range(0, 48 * 40).Select(p => (byte)((p * (seed + 3)) ^ (p >> 4)))];
            ImageFile.SavePng(In(i % 3 == 0 ? $"in/deep/{i}.png" : $"in/{i}.png"), new Image(48, 40, 1, pixels));
        }

        // One that fails has its row too.
        File.WriteAllText(In("in/5.png"), "no image");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Parts_leave_the_files_and_the_summary_of_one_process()
    {
        Assert.Equal(ExitStatus.Failed, Predict("one").Status);
        string[] outputs = [.. Enumerable.Range(1, 3).Select(part => Predict("three", "--part", $"{part}/3").Output)];
        AssertSame("one", "three");
        Assert.DoesNotContain("All", outputs[0] + outputs[1], StringComparison.Ordinal);
        Assert.Contains("All 3 parts are done", outputs[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_was_killed_goes_on_where_it_was_and_parts_run_beside_each_other()
    {
        Predict("one");
        string[] arguments = Arguments("two", "--part", "2/2");
        using (CommandProcess killed = CommandProcess.Start(arguments))
        {
            // Somewhere among its images.
            while (!killed.HasExited && !Directory.EnumerateFiles(Created(In("two")), "*.json", SearchOption.AllDirectories).Any())
            {
                Thread.Sleep(5);
            }

            killed.Kill();
        }

        string done = Directory.EnumerateFiles(In("two"), "*.json", SearchOption.AllDirectories).First();
        DateTime written = File.GetLastWriteTimeUtc(done);
        using (CommandProcess first = CommandProcess.Start(Arguments("two", "--part", "1/2")))
        using (CommandProcess second = CommandProcess.Start(arguments))
        {
            first.WaitForExit();
            second.WaitForExit();
        }

        AssertSame("one", "two");
        Assert.Equal(written, File.GetLastWriteTimeUtc(done));
    }

    [Fact]
    public void Merge_says_what_is_missing_and_writes_what_the_last_part_would()
    {
        Predict("one");
        Predict("two", "--part", "1/2");
        (int status, _, string error) = CommandProcess.Run("merge", In("two"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.EndsWith("1 of 2 parts are not done: 2; start them again\n", error, StringComparison.Ordinal);

        // Another process keeps the folder when the last part ends.
        using (FolderLock.Take(In("two")))
        {
            Assert.EndsWith($"cmunext merge {In("two")}\n", Predict("two", "--part", "2/2").Error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(In("two/summary.csv")));
        (status, string output, _) = CommandProcess.Run("merge", In("two"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.StartsWith("10 of 11 images are segmented in ", output, StringComparison.Ordinal);
        AssertSame("one", "two");
    }

    [Fact]
    public void A_part_waits_for_another_that_looked_before_its_record_was_there()
    {
        Predict("one");
        Predict("two", "--part", "1/2");
        using CommandProcess last = CommandProcess.Start(Arguments("two", "--part", "2/2"));
        using (FolderLock.Take(In("two")))
        {
            while (!last.HasExited && !File.Exists(In("two/.cmunext-prediction-2-of-2.json")))
            {
                Thread.Sleep(5);
            }

            // By now it has found the folder held, or will find it free: either is right.
            Thread.Sleep(500);
        }

        last.WaitForExit();
        AssertSame("one", "two");
    }

    [Fact]
    public void Parts_of_different_jobs_are_not_merged()
    {
        Predict("two", "--part", "1/2");
        (int status, _, string error) = CommandProcess.Run(Arguments("two", "--part", "2/2", "--min-area", "5"));
        Assert.Equal(ExitStatus.Done, status);
        Assert.Contains("Not done yet with these options: part 1. ", error, StringComparison.Ordinal);
        (status, _, error) = CommandProcess.Run("merge", In("two"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("is of a job of other options or images than part 1", error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("two/summary.csv")));
        Predict("two", "--part", "1/2", "--min-area", "5");
        Predict("one", "--min-area", "5");
        AssertSame("one", "two");
    }

    private static string Created(string path)
    {
        Directory.CreateDirectory(path);
        return path;
    }

    private string[] Arguments(string output, params string[] options) =>
        ["predict", In("in"), "--output", In(output), "--threads", "1", .. options];

    private (int Status, string Output, string Error) Predict(string output, params string[] options) =>
        CommandProcess.Run(Arguments(output, options));

    private void AssertSame(string expected, string actual)
    {
        string[] Names(string output) => [.. Directory.EnumerateFiles(In(output), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(In(output), path)).Order(StringComparer.Ordinal)];
        // Parts make no gallery.
        const string Gallery = "gallery.html";
        Assert.Equal(Names(expected).Where(static name => name != Gallery), Names(actual));
        foreach (string name in Names(actual))
        {
            string[] lines =
                [.. File.ReadAllLines(Path.Combine(In(expected), name), Encoding.Latin1).Where(static line => line != Gallery)];
            Assert.Equal(lines, File.ReadAllLines(Path.Combine(In(actual), name), Encoding.Latin1));
        }
    }

    private string In(string name) => Path.Combine(folder, name);
}
