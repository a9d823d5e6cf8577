using CMUNeXt.Files;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>A study by the command line: killed, gone on with, and compared.</summary>
public sealed class SweepVerbTests(ManagedRun run) : IClassFixture<ManagedRun>
{
    [Fact]
    public void Killed_it_goes_on_to_the_same_weights_and_its_evaluations_can_be_compared()
    {
        string plan = run.RunFolder("plan.json");
        File.WriteAllText(plan, """
            { "data": ".", "folds": 2, "seeds": [1, 2], "flips": true, "model": "cmunext-s",
              "arms": { "published": { "recipe": "published", "protocol": { "epochs": 2, "batch": 2, "width": 32, "height": 32 } } } }
            """);
        string whole = Sweep(plan, "whole", out string shown);

        // In a file, a line for each count would be thousands.
        Assert.Equal("dividing the data set: 12 of 12 images",
            Assert.Single(shown.Split('\n'), line => line.StartsWith("dividing", StringComparison.Ordinal)).TrimEnd());
        Assert.Equal(4, shown.Split('\n').Count(line => line.TrimEnd().EndsWith(": 100 %", StringComparison.Ordinal)));
        string first = Path.Combine(run.RunFolder("killed"), "runs", "published-fold1-seed1");
        using (CommandProcess program = CommandProcess.Start("sweep", plan, "--threads", "1", "--output", run.RunFolder("killed")))
        {
            Wait.Until("first checkpoint", () => program.HasExited || File.Exists(Path.Combine(first, "checkpoint.safetensors")));
            program.Kill();
        }

        Assert.False(File.Exists(Path.Combine(run.RunFolder("killed"), "study.md")));
        string killed = Sweep(plan, "killed");
        string[] weights = [.. Directory.EnumerateFiles(whole, "last.safetensors", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)];
        Assert.Equal(4, weights.Length);
        Assert.All(weights, path => Assert.Equal(
            CMUNeXt.Weights.WeightsFile.Load(path).State.SelectMany(tensor => tensor.Data.ToArray()),
            CMUNeXt.Weights.WeightsFile.Load(path.Replace(whole, killed, StringComparison.Ordinal))
                .State.SelectMany(tensor => tensor.Data.ToArray())));
        Assert.Equal(File.ReadAllText(Path.Combine(whole, "study.csv")), File.ReadAllText(Path.Combine(killed, "study.csv")));

        (int status, string output, string error) = CommandProcess.Run(
            "compare", Path.Combine(whole, "evaluations", "published-ensemble"),
                Path.Combine(whole, "evaluations", "published-ensemble-flips"),
            "--group-by", "[0-9]+$", "--output", run.RunFolder("comparison"));
        Assert.True(status == 0, error);
        Assert.Contains("| IoU, % | 12 |", output, StringComparison.Ordinal);
        Assert.Contains("12 units ([0-9]+$)", output, StringComparison.Ordinal);
        Assert.StartsWith("\\begin{tabular}", File.ReadAllText(Path.Combine(run.RunFolder("comparison"), "comparison.tex")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_a_study_end_with_the_table_of_one_process()
    {
        string plan = run.RunFolder("parts.json");
        File.WriteAllText(plan, """
            { "data": ".", "folds": 2, "seeds": [1, 2], "flips": true, "model": "cmunext-s",
              "arms": { "published": { "recipe": "published", "protocol": { "epochs": 1, "batch": 4, "width": 32, "height": 32 } } } }
            """);
        string whole = Sweep(plan, "undivided");
        string parts = run.RunFolder("divided");
        (int status, string output, string error) = CommandProcess.Run("sweep", plan, "--threads", "1", "--output", parts, "--part", "2/2");
        Assert.True(status == 0, error);
        Assert.Contains("2 of 4 trainings are other parts', and not done; the last part judges.", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(parts, "study.csv")));
        (status, output, error) = CommandProcess.Run("sweep", plan, "--threads", "1", "--output", parts, "--part", "1/2");
        Assert.True(status == 0, error);
        Assert.Contains("| published-ensemble-flips | 12 |", output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(whole, "study.csv")), File.ReadAllText(Path.Combine(parts, "study.csv")));
    }

    [Fact]
    public void A_recipe_that_diverges_is_named_and_the_others_are_trained_and_judged()
    {
        string plan = run.RunFolder("diverging.json");
        File.WriteAllText(plan, """
            { "data": ".", "folds": 2, "model": "cmunext-s",
              "arms": {
                "diverging": { "recipe": "published",
                  "protocol": { "epochs": 1, "batch": 4, "width": 32, "height": 32, "learning_rate": 1e300 } },
                "published": { "recipe": "published", "protocol": { "epochs": 1, "batch": 4, "width": 32, "height": 32 } } } }
            """);
        string study = run.RunFolder("diverging");
        (int status, string output, string error) = CommandProcess.Run("sweep", plan, "--threads", "1", "--output", study);
        Assert.Equal(ExitStatus.Failed, status);
        string[] said = [.. error.Split('\n').Where(static line => line.StartsWith("cmunext: ", StringComparison.Ordinal))];
        Assert.Equal(2, said.Length);
        for (int fold = 1; fold <= 2; fold++)
        {
            Assert.Contains($"diverging-fold{fold}-seed41: the ", said[fold - 1], StringComparison.Ordinal);
            Assert.Contains("loss became ", said[fold - 1], StringComparison.Ordinal);
            Assert.DoesNotContain("--", said[fold - 1], StringComparison.Ordinal);
        }

        Assert.Contains("| published-seed41 | 12 |", output, StringComparison.Ordinal);
        Assert.DoesNotContain("diverging", File.ReadAllText(Path.Combine(study, "study.csv")), StringComparison.Ordinal);

        // No part waits for what has failed in another.
        string parts = run.RunFolder("diverging-parts");
        foreach (string part in (string[])["1/2", "2/2"])
        {
            Assert.False(File.Exists(Path.Combine(parts, "study.csv")));
            status = CommandProcess.Run("sweep", plan, "--threads", "1", "--output", parts, "--part", part).Status;
            Assert.Equal(ExitStatus.Failed, status);
        }

        Assert.Equal(File.ReadAllText(Path.Combine(study, "study.csv")), File.ReadAllText(Path.Combine(parts, "study.csv")));
    }

    [Fact]
    public void A_run_that_has_begun_keeps_its_backend_and_a_study_that_another_process_has_is_not_judged()
    {
        string plan = run.RunFolder("kept.json");
        File.WriteAllText(plan, """
            { "data": ".", "folds": 2, "model": "cmunext-s",
              "arms": { "published": { "recipe": "published", "protocol": { "epochs": 1, "batch": 4, "width": 32, "height": 32 } } } }
            """);
        string study = run.RunFolder("kept");
        string[] sweep = ["sweep", plan, "--threads", "1", "--output", study];
        (int status, _, string error) = CommandProcess.Run([.. sweep, "--backend", "managed"]);
        Assert.True(status == ExitStatus.Done, error);
        Assert.DoesNotContain("goes on with the backend", error, StringComparison.Ordinal);

        // As it is where it was stopped before its first checkpoint.
        string begun = Path.Combine(study, "runs", "published-fold1-seed41");
        foreach (string file in (string[])["checkpoint.safetensors", "best.safetensors", "last.safetensors", "metrics.csv"])
        {
            File.Delete(Path.Combine(begun, file));
        }

        Directory.Delete(Path.Combine(study, "evaluations"), recursive: true);
        using (FolderLock.Take(study))
        {
            (status, _, error) = CommandProcess.Run([.. sweep, "--backend", "torch"]);
        }

        Assert.Equal(ExitStatus.Failed, status);
        Assert.Single(error.Split('\n'), static line =>
            line.TrimEnd() == "note: it goes on with the backend that it began with, managed, and not with torch");
        Assert.Contains(
            "another process writes here",
            Assert.Single(error.Split('\n'), static line => line.StartsWith("cmunext: ", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(study, "evaluations")));
    }

    [Fact]
    public void Several_weights_are_one_ensemble_for_predict_and_evaluate()
    {
        string best = Path.Combine(run.Uninterrupted, "best.safetensors");
        string last = Path.Combine(run.Uninterrupted, "last.safetensors");
        (int status, _, string error) = CommandProcess.Run(
            "evaluate", "--data", run.Data, "--list", "val.txt", "--weights", best, "--weights", last, "--tta", "--output",
                run.RunFolder("evaluation"));
        Assert.True(status == 0, error);
        Assert.Contains("4 of 4 cases are known to these weights", error, StringComparison.Ordinal);
        Assert.Contains("\"weight_files\": 2", File.ReadAllText(Path.Combine(run.RunFolder("evaluation"), "summary.json")),
            StringComparison.Ordinal);
        (status, _, error) = CommandProcess.Run(
            "predict", Path.Combine(run.Data, "images", "case 1.png"), "--weights", best, "--weights", last, "--tta", "--output",
                run.RunFolder("predicted"));
        Assert.True(status == 0, error);
        Assert.True(File.Exists(Path.Combine(run.RunFolder("predicted"), "case 1_mask.png")));
    }

    [Theory]
    [InlineData("--by names a column", "split", "--data", ".", "--by", "patient")]
    [InlineData("exclude each other", "split", "--data", ".", "--groups", "x.csv", "--by", "patient", "--group-by", "p")]
    [InlineData("--test-fraction is from 0", "split", "--data", ".", "--test-fraction", "1")]
    [InlineData("together below 1, not 1.1", "split", "--data", ".", "--test-fraction", "0.8")]
    [InlineData("compared with nothing", "compare", "a")]
    [InlineData("merged with nothing", "prepare", "merge", "--data", "a", "--output", "b")]
    [InlineData("and --resume leaves out what is done", "predict", "a.png", "--overwrite", "--resume")]
    [InlineData("and --watch leaves out what is done", "predict", "a", "--overwrite", "--watch")]
    [InlineData("and --part leaves out what is done", "predict", "a.png", "--overwrite", "--part", "1/2")]
    [InlineData("and --part leaves out", "evaluate", "--data", "a", "--list", "b", "--output", "c", "--overwrite", "--part", "1/2")]
    [InlineData("INPUT is empty", "predict", "")]
    [InlineData("given twice", "compare", "a", "a")]
    [InlineData("given twice", "compare", "a", "./a/")]
    public void What_the_command_line_alone_shows_to_be_wrong_is_said_in_one_line(string expected, params string[] arguments)
    {
        (int status, _, string error) = CommandProcess.Run(arguments);
        Assert.Equal(2, status);
        Assert.Contains(expected, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private string Sweep(string plan, string name) => Sweep(plan, name, out _);

    private string Sweep(string plan, string name, out string error)
    {
        (int status, string output, error) = CommandProcess.Run("sweep", plan, "--threads", "1", "--output", run.RunFolder(name));
        Assert.True(status == 0, error);
        Assert.Contains("| published-ensemble-flips | 12 |", output, StringComparison.Ordinal);
        string compared = Assert.Single(output.Split('\n'), line => line.StartsWith("cmunext compare ", StringComparison.Ordinal));
        Assert.Matches("published-ensemble'? .*published-ensemble-flips'? --output", compared);
        Assert.DoesNotContain("-seed", compared, StringComparison.Ordinal);
        return run.RunFolder(name);
    }
}
