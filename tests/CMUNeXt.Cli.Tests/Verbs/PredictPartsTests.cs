using System.Text.Json;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>predict --part</c>: parts of a job leave what one process would have left.</summary>
public sealed class PredictPartsTests : IDisposable
{
    private const int Images = 11;
    private const int Width = 48;
    private const int Height = 40;
    private readonly TemporaryFolder folder = new();

    public PredictPartsTests()
    {
        Directory.CreateDirectory(In("in/deep"));
        for (int i = 0; i < Images; i++)
        {
            int seed = i;
            byte[] pixels = [.. Enumerable.Range(0, Width * Height).Select(p => (byte)((p * (seed + 3)) ^ (p >> 4)))];
            ImageFile.SavePng(In(i % 3 == 0 ? $"in/deep/{i}.png" : $"in/{i}.png"), new Image(Width, Height, 1, pixels));
        }

        // One that fails has its row too.
        File.WriteAllText(In("in/5.png"), "no image");
    }

    public void Dispose() => folder.Dispose();

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
        Wait.Until("part that is killed among its images", () =>
        {
            // One that was faster than the kill begins anew.
            Directory.Delete(Created(In("two")), recursive: true);
            using CommandProcess killed = CommandProcess.Start(arguments);
            Wait.Until("first findings", () => killed.HasExited || Findings().Any());
            killed.Kill();
            return Findings().Any() && !File.Exists(In("two/.cmunext-prediction-2-of-2.json"));
        });
        AgedFile done = new(Findings().First());
        using (CommandProcess first = CommandProcess.Start(Arguments("two", "--part", "1/2")))
        using (CommandProcess second = CommandProcess.Start(arguments))
        {
            first.WaitForExit();
            second.WaitForExit();
        }

        AssertSame("one", "two");
        Assert.False(done.IsWrittenAnew);

        IEnumerable<string> Findings() => Directory.EnumerateFiles(Created(In("two")), "*.json", SearchOption.AllDirectories);
    }

    [Fact]
    public void Merge_says_what_is_missing_and_writes_what_the_last_part_would()
    {
        Assert.EndsWith("nothing: there is no such folder\n", CommandProcess.Run("merge", In("nothing")).Error, StringComparison.Ordinal);
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
    public void Missing_parts_that_are_not_named_are_counted()
    {
        Assert.Contains(
            "Not done yet with these options: parts 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more. ",
            Predict("many", "--part", "1/13").Error, StringComparison.Ordinal);
        Assert.EndsWith(
            "12 of 13 parts are not done: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more; start them again\n",
            CommandProcess.Run("merge", In("many")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_waits_for_another_that_looked_before_its_record_was_there()
    {
        Predict("one");
        Predict("two", "--part", "1/2");
        using CommandProcess last = CommandProcess.Start(Arguments("two", "--part", "2/2"));
        using (FolderLock.Take(In("two")))
        {
            Wait.Until(
                "record of the last part", () => last.HasExited || File.Exists(In("two/.cmunext-prediction-2-of-2.json")));

            // By now it has found the folder held, or will find it free: either is right.
            Thread.Sleep(500);
        }

        last.WaitForExit();
        AssertSame("one", "two");
    }

    [Theory]
    [InlineData("""{"job":"X","total":0,"files":{},"found":{}}""")]
    [InlineData("""{"job":"X","total":1,"files":{},"found":{"0":null}}""")]
    [InlineData("""{"job":"X","total":1,"files":{},"found":{"0":[null]}}""")]
    [InlineData("""{"job":"X","total":1,"files":{},"found":{"7":[{"row":"a","figure":null,"has_lesions":false,"has_problem":false}]}}""")]
    [InlineData("{")]
    public void A_record_that_is_none_is_named(string record)
    {
        Directory.CreateDirectory(In("two"));
        File.WriteAllText(In("two/.cmunext-prediction-1-of-1.json"), record);
        (int status, _, string error) = CommandProcess.Run("merge", In("two"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("1-of-1.json: is not the record of a part; remove it and start the part again", error, StringComparison.Ordinal);
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
        Assert.Contains("is of a job of other options, weights or images than part 1", error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("two/summary.csv")));
        Predict("two", "--part", "1/2", "--min-area", "5");
        Predict("one", "--min-area", "5");
        AssertSame("one", "two");
    }

    [Fact]
    public void Under_mpirun_which_ends_all_over_the_failure_of_one_an_image_that_fails_is_told_and_ends_no_rank()
    {
        (int Status, string Output, string Error)[] ranks =
            [.. Enumerable.Range(0, 3).Select(rank => CommandProcess.RunAsRank(rank, 3, Arguments("three", "--part", "auto")))];
        Assert.All(ranks, static rank => Assert.Equal(ExitStatus.Done, rank.Status));
        Assert.Single(ranks, static rank => rank.Error.Contains("5.png", StringComparison.Ordinal));
        Assert.Contains("All 3 parts are done, and 1 of 11 images failed; ", ranks[2].Output, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.Failed, CommandProcess.Run("merge", In("three")).Status);
        Predict("one");
        AssertSame("one", "three");
    }

    [Fact]
    public void An_image_that_is_put_right_after_the_merge_comes_into_the_summary_by_its_part_alone()
    {
        int[] failed = [.. new[] { 1, 2 }.Where(part => Predict("two", "--part", $"{part}/2").Status == ExitStatus.Failed)];
        Assert.Contains(",failed,", File.ReadAllText(In("two/summary.csv")), StringComparison.Ordinal);
        File.Copy(In("in/4.png"), In("in/5.png"), overwrite: true);
        (int status, string output, _) = Predict("two", "--part", $"{Assert.Single(failed)}/2");
        Assert.Equal(ExitStatus.Done, status);
        Assert.Contains("All 2 parts are done; ", output, StringComparison.Ordinal);
        Predict("one");
        AssertSame("one", "two");
        Assert.Empty(Directory.EnumerateFiles(In("two"), ".cmunext-prediction-*"));
    }

    [Fact]
    public void A_loop_that_was_half_copied_comes_into_the_summary_by_its_part_alone()
    {
        DicomTools.Need("dump2dcm");
        new MadeFile("MONOCHROME2", Frames: 3).Write(folder, In("loop.dcm"));
        byte[] loop = File.ReadAllBytes(In("loop.dcm"));
        File.WriteAllBytes(In("in/loop.dcm"), loop[..(loop.Length / 2)]);
        string[] errors = [.. Enumerable.Range(1, 3).Select(part => Predict("three", "--part", $"{part}/3").Error)];
        int own = Array.FindIndex(errors, static error => error.Contains("loop.dcm", StringComparison.Ordinal)) + 1;
        File.WriteAllBytes(In("in/loop.dcm"), loop);
        string output = Predict("three", "--part", $"{own}/3").Output;
        Assert.Contains("All 3 parts are done, and 1 of 14 images failed; ", output, StringComparison.Ordinal);
        Predict("one");
        Assert.All((string[])["summary.csv", "gallery.html"], name =>
            Assert.Equal(File.ReadAllText(In($"one/{name}")), File.ReadAllText(In($"three/{name}"))));
    }

    [Fact]
    public void A_part_whose_image_has_changed_since_is_missing_until_it_is_started_again()
    {
        Predict("two", "--part", "1/2");
        string findings = Directory.EnumerateFiles(In("two/deep"), "*.json").First();
        string image = In($"in/deep/{Path.GetFileNameWithoutExtension(findings)}.png");
        ImageFile.SavePng(image, new Image(Width, Height, 1, new byte[Width * Height]));
        Assert.Contains("Not done yet with these options: part 1. ", Predict("two", "--part", "2/2").Error, StringComparison.Ordinal);
        Assert.EndsWith(
            "1 of 2 parts are not done: 1; start them again\n", CommandProcess.Run("merge", In("two")).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("two/summary.csv")));
        Predict("two", "--part", "1/2");
        Predict("one");
        AssertSame("one", "two");
    }

    [Fact]
    public async Task What_a_part_found_does_not_count_once_a_whole_job_has_begun()
    {
        // Its overlay is larger than what pipes take.
        byte[] noise = new byte[1000 * 1000];
        new Random(3).NextBytes(noise);
        ImageFile.SavePng(In("in/big.png"), new Image(1000, 1000, 1, noise));
        Predict("two", "--part", "1/2");
        using (HeldWrite overlay = new(In("two/big_overlay.png")))
        using (CommandProcess whole = CommandProcess.Start(Arguments("two", "--overwrite", "--threshold", "0.05")))
        {
            await overlay.Begun(whole);
            whole.Kill();
            overlay.LeaveTorn();
        }

        Assert.Contains("Not done yet with these options: part 1. ", Predict("two", "--part", "2/2").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_part_found_does_not_count_once_a_job_of_other_parts_has_begun()
    {
        Predict("two", "--part", "1/2");
        Predict("two", "--part", "1/3", "--threshold", "0.05");
        Assert.Contains("Not done yet with these options: part 1. ", Predict("two", "--part", "2/2").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gallery_of_what_parts_found_replaces_that_of_an_earlier_call()
    {
        Predict("one", "--no-overlay");
        Predict("two");
        Assert.NotEqual(Gallery("one"), Gallery("two"));
        Predict("two", "--part", "1/1", "--no-overlay");
        Assert.Equal(Gallery("one"), Gallery("two"));

        string Gallery(string output) => File.ReadAllText(In($"{output}/gallery.html"));
    }

    [Fact]
    public void A_part_whose_record_another_has_joined_says_that_the_summary_is_there()
    {
        Predict("two", "--part", "1/2");
        string record = In("two/.cmunext-prediction-2-of-2.json");
        using CommandProcess last = CommandProcess.Start(Arguments("two", "--part", "2/2"));
        using (FolderLock.Take(In("two")))
        {
            Wait.Until("record of the last part", () => last.HasExited || File.Exists(record));
            File.WriteAllText(In("two/summary.csv"), "of another part");
            File.Delete(record);
        }

        Assert.EndsWith(
            $"Another part has written the summary, {In("two/summary.csv")}.\n", last.WaitForExit().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void With_json_the_last_part_prints_the_document_alone_on_standard_output()
    {
        Predict("two", "--part", "1/2");
        (_, string output, string error) = Predict("two", "--part", "2/2", "--json");
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.NotEqual(0, document.RootElement.GetArrayLength());
        Assert.Contains("All 2 parts are done", error, StringComparison.Ordinal);
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
        SameFolders.Check(In(expected), In(actual), ".cmunext-prediction-");
        Assert.True(File.Exists(In($"{actual}/gallery.html")));
    }

    private string In(string name) => folder.File(name);
}
