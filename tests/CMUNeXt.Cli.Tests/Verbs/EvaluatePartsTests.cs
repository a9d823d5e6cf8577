using CMUNeXt.Tests;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>evaluate --part</c>: parts of an evaluation leave what one process would have left.</summary>
public sealed class EvaluatePartsTests : IDisposable
{
    private const int Cases = 13;
    private readonly TemporaryFolder folder = new();
    private readonly string[] names;

    public EvaluatePartsTests()
    {
        PhantomDataSet.Write(In("data"), Cases, 5, cancellationToken: TestContext.Current.CancellationToken);
        names = [.. File.ReadLines(In("data/train.txt")).Concat(File.ReadLines(In("data/val.txt"))).Order(StringComparer.Ordinal)];
        File.WriteAllLines(In("data/all.txt"), names);

        // One that cannot be judged is noted by all.
        File.WriteAllText(ImageOf(names[4]), "no image");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Parts_leave_the_bytes_of_one_process()
    {
        Assert.Equal(ExitStatus.Failed, Evaluate("one").Status);
        string[] printed = [.. Enumerable.Range(1, 3).Select(part => Evaluate("three", "--part", $"{part}/3").Output)];
        AssertSame("one", "three");
        Assert.Equal(["", ""], printed[..2]);
        Assert.Contains("The report is ", printed[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_was_killed_goes_on_where_it_was_beside_another()
    {
        Evaluate("one");
        string journal = In("two/.cmunext-evaluation-2-of-2.json");
        string[] arguments = Arguments("two", "--part", "2/2");
        Wait.Until("part that is killed among its cases", () =>
        {
            // One that was faster than the kill begins anew.
            Directory.CreateDirectory(In("two"));
            File.Delete(journal);
            using CommandProcess killed = CommandProcess.Start(arguments);
            Wait.Until("second case", () => killed.HasExited || Judged(journal) >= 2);
            killed.Kill();
            return Judged(journal) is >= 2 and < Cases / 2;
        });

        // What a killed process had not written to its end.
        File.AppendAllText(journal, "{\"place\":3,\"resu");
        AgedFile kept = new(In($"two/overlays/{names[1]}.png"));
        using (CommandProcess first = CommandProcess.Start(Arguments("two", "--part", "1/2")))
        using (CommandProcess second = CommandProcess.Start(arguments))
        {
            first.WaitForExit();
            second.WaitForExit();
        }

        AssertSame("one", "two");
        Assert.False(kept.IsWrittenAnew);
    }

    [Fact]
    public void A_case_whose_files_changed_is_judged_again()
    {
        Evaluate("two", "--part", "1/2");
        Replace(names[0], names[1]);
        Evaluate("two", "--part", "1/2");
        Evaluate("two", "--part", "2/2");
        Evaluate("one");
        AssertSame("one", "two");
    }

    [Fact]
    public void A_part_whose_case_has_changed_since_is_missing_until_it_is_started_again()
    {
        Evaluate("two", "--part", "1/2");
        Replace(names[0], names[1]);
        Assert.Contains("Not done yet with these options: part 1. ", Evaluate("two", "--part", "2/2").Error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("two/summary.json")));
        Evaluate("two", "--part", "1/2");
        Evaluate("one");
        AssertSame("one", "two");
    }

    [Fact]
    public void A_part_whose_overlay_was_taken_away_is_missing_until_it_is_started_again()
    {
        Evaluate("two", "--part", "1/2");
        File.Delete(In($"two/overlays/{names[0]}.png"));
        Assert.Contains("Not done yet with these options: part 1. ", Evaluate("two", "--part", "2/2").Error, StringComparison.Ordinal);
        Evaluate("two", "--part", "1/2");
        Evaluate("one");
        AssertSame("one", "two");
    }

    [Fact]
    public void Parts_may_read_copies_of_the_data_set_but_no_old_one()
    {
        foreach (string path in Directory.GetFiles(In("data"), "*", SearchOption.AllDirectories))
        {
            string copy = In(Path.Combine("copy", "data", Path.GetRelativePath(In("data"), path)));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        Evaluate("one");
        Evaluate("two", "--part", "1/2");
        EvaluateElsewhere("two", "2/2");
        AssertSame("one", "two");

        File.Copy(In("copy/data/masks/0/" + names[1] + ".png"), In("copy/data/masks/0/" + names[3] + ".png"), overwrite: true);
        Evaluate("old", "--part", "1/2");
        (int status, _, string error) = EvaluateElsewhere("old", "2/2");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("that judged different files", error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("old/summary.json")));
    }

    [Fact]
    public void A_case_that_is_put_right_after_the_merge_comes_into_the_summary_by_its_part_alone()
    {
        // It ends no rank of mpirun, which would end all others.
        Assert.Equal(
            [ExitStatus.Done, ExitStatus.Done],
            new[] { 0, 1 }.Select(rank => CommandProcess.RunAsRank(rank, 2, Arguments("two", "--part", "auto")).Status));
        Assert.Contains("1 of 13 cases could not be judged", File.ReadAllText(In("two/summary.json")), StringComparison.Ordinal);
        Replace(names[4], names[5]);
        Assert.Equal(ExitStatus.Done, Evaluate("two", "--part", "1/2").Status);
        Evaluate("one");
        AssertSame("one", "two");
        Assert.Empty(Directory.EnumerateFiles(In("two"), ".cmunext-evaluation-*"));
    }

    [Fact]
    public void Merge_says_which_part_is_missing_and_refuses_parts_of_different_jobs()
    {
        Evaluate("two", "--part", "1/2");
        (int status, _, string error) = CommandProcess.Run("merge", In("two"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.EndsWith("1 of 2 parts are not done: 2; start them again\n", error, StringComparison.Ordinal);
        (status, _, error) = Evaluate("two", "--part", "2/2", "--mean", "0.5,0.5,0.5");
        Assert.Equal(ExitStatus.Done, status);
        Assert.Contains("Not done yet with these options: part 1. ", error, StringComparison.Ordinal);
        (status, _, error) = CommandProcess.Run("merge", In("two"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("is of a job of other options, weights or images than part 1", error, StringComparison.Ordinal);
        Assert.False(File.Exists(In("two/summary.json")));

        // Started again with these options, the first part is the last, and ends the job.
        Assert.Equal(ExitStatus.Failed, Evaluate("two", "--part", "1/2", "--mean", "0.5,0.5,0.5").Status);
        Evaluate("one", "--mean", "0.5,0.5,0.5");
        AssertSame("one", "two");
    }

    [Fact]
    public void What_a_part_found_does_not_count_once_a_whole_evaluation_or_one_of_other_parts_has_begun()
    {
        Evaluate("two", "--part", "1/2");
        Directory.CreateDirectory(In("none"));
        (int status, _, _) = CommandProcess.Run(
            "evaluate", "--data", In("data"), "--list", "all.txt", "--predictions", In("none"), "--output", In("two"), "--overwrite");
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("Not done yet with these options: part 1. ", Evaluate("two", "--part", "2/2").Error, StringComparison.Ordinal);

        Evaluate("two", "--part", "1/3", "--mean", "0.5,0.5,0.5");
        Assert.Contains("Not done yet with these options: part 2. ", Evaluate("two", "--part", "1/2").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_leaves_no_tables_of_an_earlier_evaluation_beside_what_it_judges()
    {
        Evaluate("two");
        string[] tables = [.. EvaluationReport.Files.Where(name => File.Exists(In($"two/{name}")))];
        Assert.Contains("summary.json", tables);
        Assert.Contains(
            "Not done yet with these options: part 2. The one that ends last writes the summary.",
            Evaluate("two", "--part", "1/2", "--mean", "0.5,0.5,0.5").Error, StringComparison.Ordinal);
        Assert.DoesNotContain(tables, name => File.Exists(In($"two/{name}")));
        Evaluate("two", "--part", "2/2", "--mean", "0.5,0.5,0.5");
        Evaluate("one", "--mean", "0.5,0.5,0.5");
        AssertSame("one", "two");
    }

    [Fact]
    public void A_part_of_a_finished_evaluation_that_is_started_again_leaves_its_tables()
    {
        Replace(names[4], names[5]);
        Evaluate("two", "--part", "1/2");
        Assert.Equal(ExitStatus.Done, Evaluate("two", "--part", "2/2").Status);
        string[] tables = [.. EvaluationReport.Files.Select(name => In($"two/{name}")).Where(File.Exists)];
        Assert.Contains(In("two/summary.json"), tables);
        byte[][] before = [.. tables.Select(File.ReadAllBytes)];

        // The records of the parts have gone, so all its cases are judged anew.
        AgedFile overlay = new(In($"two/overlays/{names[0]}.png"));
        Assert.Contains("is of an earlier start", Evaluate("two", "--part", "1/2").Error, StringComparison.Ordinal);
        Assert.True(overlay.IsWrittenAnew);
        Assert.Equal(before, tables.Select(File.ReadAllBytes));
    }

    [Fact]
    public void What_a_version_of_other_rules_judged_is_judged_again()
    {
        Evaluate("two", "--part", "1/2");
        AgedFile overlay = new(In($"two/overlays/{names[0]}.png"));
        Evaluate("two", "--part", "1/2");
        Assert.False(overlay.IsWrittenAnew);

        Age(1);
        Assert.Contains("Not done yet with these options: part 1. ", Evaluate("two", "--part", "2/2").Error, StringComparison.Ordinal);
        Age(2);
        (int status, _, string error) = CommandProcess.Run("merge", In("two"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("holds parts that another version of this program judged; start them again", error, StringComparison.Ordinal);
        Evaluate("two", "--part", "1/2");
        Assert.True(overlay.IsWrittenAnew);

        void Age(int part)
        {
            string journal = In($"two/.cmunext-evaluation-{part}-of-2.json");
            File.WriteAllText(journal, File.ReadAllText(journal).Replace(
                $"{{\"rules\":{EvaluationJob.CurrentRules},", "{\"rules\":0,", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_part_that_is_missing_is_not_the_one_that_others_are_compared_with()
    {
        Evaluate("three", "--part", "2/3");
        Evaluate("three", "--part", "3/3", "--mean", "0.5,0.5,0.5");
        (_, _, string error) = CommandProcess.Run("merge", In("three"));
        Assert.Contains("3-of-3.json: is of a job of other options, weights or images than part 2", error, StringComparison.Ordinal);
    }

    private static int Judged(string journal) => File.Exists(journal) ? File.ReadAllText(journal).Count(static c => c == '\n') - 1 : 0;

    private string[] Arguments(string output, params string[] options) =>
    [
        "evaluate", "--data", In("data"), "--list", "all.txt", "--output", In(output), "--threads", "1", "--group-by", "[0-9]$", .. options,
    ];

    private (int Status, string Output, string Error) EvaluateElsewhere(string output, string part) => CommandProcess.Run(
        [.. Arguments(output, "--part", part).Select(argument => argument == In("data") ? In("copy/data") : argument)]);

    private (int Status, string Output, string Error) Evaluate(string output, params string[] options) =>
        CommandProcess.Run(Arguments(output, options));

    private void AssertSame(string expected, string actual)
    {
        SameFolders.Check(In(expected), In(actual), ".cmunext-evaluation-", ".cmunext-files");
        Assert.True(File.Exists(In($"{actual}/summary.json")));
    }

    // The image and mask of a case by those of another.
    private void Replace(string name, string other)
    {
        foreach (string kind in (string[])["images", "masks/0"])
        {
            File.Copy(In($"data/{kind}/{other}.png"), In($"data/{kind}/{name}.png"), overwrite: true);
        }
    }

    private string ImageOf(string name) => In($"data/images/{name}.png");

    private string In(string name) => folder.File(name);
}
