using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Studies;
using CMUNeXt.Training.Tests.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Studies;

public sealed class StudyTests : IDisposable
{
    internal const string Tiny = """
        "network": { "name": "cmunext-s", "channels": 1, "outputs": 1, "configuration": {
            "dims": [2, 2, 4, 4, 4], "depths": [1, 1, 1, 1, 1], "kernels": [3, 3, 3, 3, 3],
            "block": "large-kernel", "fusion": "skip-fusion", "order": "activation-first" } }
        """;

    private const string Short = """ "epochs": 2, "batch": 4, "width": 32, "height": 32 """;

    private static readonly string Data = Repository.Path("tests", "CMUNeXt.Training.Tests", "Sessions", "EarlierRun", "data");
    private static readonly StudyComputing One = new() { Threads = 1 };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_case_is_judged_once_by_weights_that_have_not_seen_it()
    {
        Study study = Open("study", """ "flips": true, """);
        Assert.Equal(
            ["plain-fold1-seed1", "plain-fold1-seed2", "plain-fold2-seed1", "plain-fold2-seed2", "still-fold1-seed1", "still-fold1-seed2",
                "still-fold2-seed1", "still-fold2-seed2"],
            study.Runs.Select(run => run.Name));
        Assert.Equal(
            ["plain-seed1", "plain-seed2", "plain-ensemble", "plain-seed1-flips", "plain-seed2-flips", "plain-ensemble-flips"],
            study.Evaluations.Take(6).Select(evaluation => evaluation.Name));
        Train(study);
        List<(StudyEvaluation, EvaluationSummary)> found = [];
        foreach (StudyEvaluation evaluation in study.Evaluations)
        {
            EvaluationSummary summary = study.Complete(evaluation, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal((10, evaluation.Flips), (summary.All.Cases, summary.Info.Flips));

            // Whoever had seen a case would be noted.
            Assert.Empty(summary.Info.Notes);
            string[] judged = [.. File.ReadLines(Path.Combine(evaluation.Folder, "cases.csv")).Skip(1).Select(row => row.Split(',')[0])];
            Assert.Equal(10, judged.Distinct().Count());
            found.Add((evaluation, summary));
        }

        StudyReport.Write(study.Folder, found);
        Assert.Equal(12 + 2, File.ReadLines(folder["study/study.md"]).Count());
        Assert.Contains("plain-ensemble-flips & 10 &", File.ReadAllText(folder["study/study.tex"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_ensemble_of_a_fold_is_the_mean_of_its_seeds()
    {
        Study study = Open("study");
        Train(study);
        StudyEvaluation ensemble = study.Evaluations.Single(evaluation => evaluation.Name == "plain-ensemble");
        study.Complete(ensemble, cancellation: TestContext.Current.CancellationToken);
        foreach (int fold in (int[])[1, 2])
        {
            LoadedWeights[] seeds =
                [.. study.Runs.Where(run => run.Arm == "plain" && run.Fold == fold).Select(run => WeightsFile.Load(run.Folder.LastPath))];
            using EvaluationSession alone = EvaluationSession.Open(new EvaluationOptions
            {
                Data = Data, List = Path.Combine(study.Folder, "lists", $"fold{fold}_val.txt"), Weights = seeds,
            });
            alone.Run(folder[$"alone{fold}"], cancellation: TestContext.Current.CancellationToken);
            Assert.Subset(
                File.ReadLines(Path.Combine(ensemble.Folder, "cases.csv")).ToHashSet(),
                File.ReadLines(Path.Combine(folder[$"alone{fold}"], "cases.csv")).ToHashSet());
        }
    }

    [Fact]
    public void Cases_are_judged_again_where_the_plan_has_other_subgroups()
    {
        string[] cases = [.. Directory.EnumerateFiles(Path.Combine(Data, "images")).Select(path =>
            Path.GetFileNameWithoutExtension(path)!)];
        folder.WriteText("info.csv", "image,site\n" + string.Concat(cases.Select((name, i) => $"{name},{"ab"[i % 2]}\n")));
        Study plain = Open("study");
        Train(plain);
        Assert.Empty(Judge(plain).Subgroups);

        Study study = Open("study", """ "groups": "info.csv", "subgroups": ["site"], """);
        string summary = Path.Combine(study.Evaluations[0].Folder, "summary.json");
        Assert.Equal([("site = a", 5), ("site = b", 5)], Judge(study).Subgroups.Select(group => (group.Name!, group.Cases)));
        AgedFile aged = new(summary);
        Assert.Equal(2, Judge(study).Subgroups.Count);
        Assert.False(aged.IsWrittenAnew);

        // What is compared later is not there any more.
        File.Delete(Path.Combine(study.Evaluations[0].Folder, "cases.csv"));
        Judge(study);
        Assert.True(aged.IsWrittenAnew);

        static EvaluationSummary Judge(Study study) =>
            study.Complete(study.Evaluations[0], cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Cases_are_judged_again_where_subgroups_are_others_or_an_earlier_version_did_not_say_which_they_were()
    {
        WriteInfo(static i => $"{i / 2},{"ab"[i % 2]}");
        Study study = Open("study", """ "groups": "info.csv", "subgroups": ["site"], """);
        Train(study);
        StudyEvaluation evaluation = study.Evaluations[0];
        string summary = Path.Combine(evaluation.Folder, "summary.json");
        study.Complete(evaluation, cancellation: TestContext.Current.CancellationToken);
        Assert.False(IsJudgedAgain());

        // As many of each site as before.
        WriteInfo(static i => $"{i / 2},{"ba"[i % 2]}");
        Assert.True(IsJudgedAgain());
        Assert.False(IsJudgedAgain());

        string[] lines = File.ReadAllLines(summary);
        File.WriteAllLines(summary, lines.Where(line => !line.Contains("inputs_sha256", StringComparison.Ordinal)));
        Assert.True(IsJudgedAgain());

        bool IsJudgedAgain()
        {
            AgedFile aged = new(summary);
            study.Complete(evaluation, cancellation: TestContext.Current.CancellationToken);
            return aged.IsWrittenAnew;
        }
    }

    [Fact]
    public void Images_masks_patients_or_lists_that_have_changed_are_refused_and_what_is_put_back_is_not()
    {
        CopyData();
        WriteInfo(static i => $"{i},a");
        (string[] a, string[] b) = Halves();
        folder.WriteText("a.txt", string.Join('\n', a));
        folder.WriteText("b.txt", string.Join('\n', b));
        WritePlan("""
            "lists": [{ "train": "a.txt", "val": "b.txt" }, { "train": "b.txt", "val": "a.txt" }], "groups": "info.csv", "by": "woman",
            """, data: folder["data"]);
        Study study = Reopen();
        study.Complete(study.Runs[0], cancellation: TestContext.Current.CancellationToken);
        Reopen();

        string mask = $"masks/0/{b[1]}.png";
        AssertRefused(
            $"data/{mask}", path => File.Copy(folder[$"data/masks/0/{a[0]}.png"], path, overwrite: true),
            $"1 of its files have changed since {study.Runs[0].Name} began: {mask}");
        AssertRefused("info.csv", _ => WriteInfo(static i => $"{i / 2},a"), "its plan, cases, lists or patients were others");
        AssertRefused(
            "b.txt", path => File.WriteAllText(path, string.Join('\n', b[1..])), "its plan, cases, lists or patients were others");

        // An earlier version did not write what it had divided.
        string division = folder["study/lists/division.json"];
        File.WriteAllText(division, Regex.Replace(File.ReadAllText(division), ",\n *\"cases_sha256\".*", ""));
        Reopen();

        void AssertRefused(string file, Action<string> change, string expected)
        {
            byte[] content = File.ReadAllBytes(folder[file]);
            change(folder[file]);
            Assert.Contains(expected, Refusal(() => Reopen()), StringComparison.Ordinal);
            File.WriteAllBytes(folder[file], content);
            Reopen();
        }

        Study Reopen() => Study.Open(folder["plan.json"], folder["study"], One, cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Whoever_waits_for_the_division_is_told_how_many_images_there_are()
    {
        ConcurrentBag<CaseProgress> told = [];
        Open("study", progress: new Callback<CaseProgress>(told.Add));
        Assert.Equal(Enumerable.Range(1, 10), told.Select(progress => progress.Done).Order());
        Assert.All(told, progress => Assert.Equal(10, progress.Total));
    }

    [Fact]
    public void Stopped_anywhere_it_goes_on_to_the_same_weights_also_in_parts()
    {
        Study whole = Open("whole");
        Train(whole);
        Study stopped = Open("stopped");
        using (CancellationTokenSource stop = new())
        {
            int reported = 0;
            Assert.Throws<OperationCanceledException>(() => stopped.Complete(
                stopped.Runs[0], new Callback<TrainingIteration>(_ => (++reported == 3 ? stop : null)?.Cancel()), stop.Token));
        }

        // Two that share the work, each with the study opened anew.
        foreach (int part in (int[])[1, 0])
        {
            Study again = Open("stopped");
            foreach (StudyRun run in again.Runs.Where((run, i) => i % 2 == part && !run.Folder.IsFinished()))
            {
                again.Complete(run, cancellation: TestContext.Current.CancellationToken);
            }
        }

        Assert.All(whole.Runs.Zip(stopped.Runs), pair => SomeRun.AssertEqual(
            WeightsFile.Load(pair.First.Folder.LastPath).State, WeightsFile.Load(pair.Second.Folder.LastPath).State));
        Assert.All(Open("stopped").Runs, run => Assert.True(run.Folder.IsFinished()));
    }

    [Fact]
    public void Another_plan_in_its_folder_is_refused_and_one_with_more_in_it_is_not()
    {
        Study study = Open("study");
        study.Complete(study.Runs[0], cancellation: TestContext.Current.CancellationToken);
        Assert.Contains("divides its data otherwise", Refusal(() => Open("study", """ "split_seed": 5, """)), StringComparison.Ordinal);
        Assert.Contains("protocol.epochs is 2 and not 3",
            Refusal(() => Open("study", plain: "\"epochs\": 3, \"batch\": 4, \"width\": 32, \"height\": 32")), StringComparison.Ordinal);
        Assert.Equal(12, Open("study", seeds: "[1, 2, 3]").Runs.Count);
        Assert.Contains("not done yet", Refusal(() => study.Complete(study.Evaluations[0])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_that_its_patience_ends_is_done_and_judged()
    {
        // A learning rate that is nothing: no epoch is better than the first.
        Study study = Open("study", plain: Short.Replace("\"epochs\": 2", "\"epochs\": 9, \"patience\": 2, \"learning_rate\": 1e-30"));
        Assert.False(study.Runs[0].Folder.IsFinished());
        Train(study);
        Assert.Equal(3, study.Runs[0].Folder.ReadValidationIou().Count);
        Assert.All(study.Runs, run => Assert.True(run.Folder.IsFinished()));
        Assert.Equal(10, study.Complete(study.Evaluations[0], cancellation: TestContext.Current.CancellationToken).All.Cases);
    }

    [Fact]
    public async Task Parts_that_begin_together_divide_once()
    {
        WritePlan();
        Task<Study>[] parts = [.. Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(
            () => Study.Open(folder["plan.json"], folder["study"], One, cancellation: TestContext.Current.CancellationToken),
            TaskCreationOptions.LongRunning))];
        Study[] opened = await Task.WhenAll(parts);
        Assert.All(opened, study => Assert.Equal(8, study.Runs.Count));
        Assert.Equal(
            ["division.json", "fold1_train.txt", "fold1_val.txt", "fold2_train.txt", "fold2_val.txt"],
            Directory.EnumerateFiles(folder["study/lists"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Given_lists_stand_beside_the_plan()
    {
        (string[] a, string[] b) = Halves();
        folder.WriteText("lists/a.txt", string.Join('\n', a));
        folder.WriteText("lists/b.txt", string.Join('\n', b));
        WritePlan("""
            "lists": [{ "train": "lists/a.txt", "val": "lists/b.txt" }, { "train": "lists/b.txt", "val": "lists/a.txt" }],
            """);
        Study.Open(folder["plan.json"], folder["study"], One);
        Assert.Equal(b, File.ReadAllLines(folder["study/lists/fold1_val.txt"]));
        Assert.Equal(b, File.ReadAllLines(folder["study/lists/fold2_train.txt"]));
        File.Delete(folder["lists/b.txt"]);
        Assert.Contains(
            "neither beside the plan nor under", Refusal(() => Study.Open(folder["plan.json"], folder["other"], One)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_that_train_on_what_they_judge_are_refused()
    {
        (string[] a, string[] b) = Halves();
        folder.WriteText("a.txt", string.Join('\n', a));
        folder.WriteText("a and one.txt", string.Join('\n', a.Append(b[2])));
        folder.WriteText("b.txt", string.Join('\n', b));
        WritePlan("""
            "lists": [{ "train": "a and one.txt", "val": "b.txt" }, { "train": "b.txt", "val": "a.txt" }],
            """);

        // A second start does not take what was refused for a division.
        foreach (int start in (int[])[1, 2])
        {
            string refusal = Refusal(() => Study.Open(folder["plan.json"], folder["study"], One));
            Assert.Contains("fold1_train.txt", refusal, StringComparison.Ordinal);
            Assert.Contains($"trains on what its fold is judged on ({b[2]})", refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Lists_that_train_on_images_of_a_patient_whom_they_judge_are_refused()
    {
        (string[] a, string[] b) = Halves();
        folder.WriteText("a.txt", string.Join('\n', a));
        folder.WriteText("b.txt", string.Join('\n', b));
        folder.WriteText("info.csv", "image,woman\n"
            + string.Concat(a.Concat(b).Select((name, i) => $"{name},W{(name == b[0] ? 1 : i)}\n")));
        const string Lists = """ "lists": [{ "train": "a.txt", "val": "b.txt" }, { "train": "b.txt", "val": "a.txt" }], """;
        WritePlan(Lists + """ "groups": "info.csv", "by": "woman", """);
        string refusal = Refusal(() => Study.Open(folder["plan.json"], folder["study"], One));
        Assert.Contains("fold1_train.txt", refusal, StringComparison.Ordinal);
        Assert.Contains("trains on images of those whose others its fold is judged on (by woman: W1)", refusal, StringComparison.Ordinal);
        WritePlan(Lists);
        Study.Open(folder["plan.json"], folder["study"], One);
    }

    [Fact]
    public void Given_lists_that_share_an_image_or_a_name_in_other_letters_are_found_out()
    {
        string[] cases = ["gro\u0308\u00dfe", "b", "c", "d"];
        for (byte i = 0; i < cases.Length; i++)
        {
            folder.WriteCase(cases[i], (byte)(50 * Math.Max(i, (byte)1)), 200);
        }

        folder.WriteText("one.txt", $"gr\u00f6\u00dfe\n{cases[2]}\n");
        folder.WriteText("two.txt", "b\nd\n");
        WritePlan("""
            "lists": [{ "train": "one.txt", "val": "two.txt" }, { "train": "two.txt", "val": "one.txt" }],
            """, data: folder.Path);
        Study study = Study.Open(folder["plan.json"], folder["study"], One);
        Assert.True(study.ListsAreGiven);
        IdenticalPair pair = Assert.Single(
            study.FindOverlap(1, cancellation: TestContext.Current.CancellationToken).IdenticalImages);
        Assert.Equal(("gr\u00f6\u00dfe", "b"), (pair.Train, pair.Validation));

        folder.WriteText("two.txt", "b\nd\ngro\u0308\u00dfe\n");
        Assert.Contains("trains on what its fold is judged on", Refusal(() => Study.Open(folder["plan.json"], folder["other"], One)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_fold_whose_patients_are_all_healthy_keeps_the_last_epoch_which_is_what_is_judged()
    {
        foreach (string name in (string[])["a", "b", "c", "d", "healthy1", "healthy2"])
        {
            folder.WriteCase(name, (byte)(10 * name[^1]), 200);
        }

        folder.WriteGray("masks/0/healthy1.png", 0, 0);
        folder.WriteGray("masks/0/healthy2.png", 0, 0);
        folder.WriteText("one.txt", "a\nb\nc\nd\n");
        folder.WriteText("two.txt", "healthy1\nhealthy2\n");
        const string Lists = """ "lists": [{ "train": "one.txt", "val": "two.txt" }], """;
        WritePlan(Lists, data: folder.Path);
        Study study = Study.Open(folder["plan.json"], folder["study"], One);
        study.Complete(study.Runs[0], cancellation: TestContext.Current.CancellationToken);
        Assert.True(Study.Open(folder["plan.json"], folder["study"], One).Runs[0].Folder.IsFinished());

        WritePlan(Lists + """ "weights": "best", """, data: folder.Path);
        Study best = Study.Open(folder["plan.json"], folder["best"], One);
        Assert.Contains(
            "in a plan \"select\" stands in the arm's \"protocol\"",
            Refusal(() => best.Complete(best.Runs[0], cancellation: TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_set_that_has_another_name_by_now_is_the_same()
    {
        CopyData();
        WritePlan(data: folder["data"]);
        Study.Open(folder["plan.json"], folder["study"], One);
        Directory.Move(folder["data"], folder["moved"]);
        WritePlan(data: folder["moved"] + "/.");
        Study.Open(folder["plan.json"], folder["study"], One);
    }

    [Fact]
    public void A_file_of_somebody_where_a_study_would_write_is_refused_as_it_begins()
    {
        foreach (string file in (string[])["study/study.md", "study/lists/fold1_val.txt"])
        {
            folder.WriteText(file, "mine");
            Assert.Contains("is not a file that this program wrote here", Refusal(() => Open("study")), StringComparison.Ordinal);
            Assert.Equal("mine", File.ReadAllText(folder[file]));
            File.Delete(folder[file]);
        }

        // An earlier version kept no list of what it wrote.
        File.Delete(Path.Combine(Open("study").Folder, ".cmunext-files"));
        folder.WriteText("study/study.md", "of an earlier version");
        Open("study");
    }

    private static string Refusal(Action action) => Assert.Throws<BadFileException>(action).Message;

    private static void Train(Study study)
    {
        foreach (StudyRun run in study.Runs)
        {
            study.Complete(run, cancellation: TestContext.Current.CancellationToken);
        }
    }

    private static (string[] A, string[] B) Halves()
    {
        string[] cases = [.. Directory.EnumerateFiles(Path.Combine(Data, "images"))
            .Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];
        return (cases[..5], cases[5..]);
    }

    // A table of the cases with a woman and a site each.
    private void WriteInfo(Func<int, string> row)
    {
        (string[] a, string[] b) = Halves();
        folder.WriteText("info.csv", "image,woman,site\n" + string.Concat(a.Concat(b).Select((name, i) => $"{name},{row(i)}\n")));
    }

    private void CopyData()
    {
        foreach (string path in Directory.EnumerateFiles(Data, "*.png", SearchOption.AllDirectories))
        {
            File.Copy(path, folder[Path.Combine("data", Path.GetRelativePath(Data, path))]);
        }
    }

    private Study Open(string name, string more = "", string plain = Short, string seeds = "[1, 2]",
        IProgress<CaseProgress>? progress = null)
    {
        WritePlan("\"folds\": 2," + more, plain, seeds);
        return Study.Open(folder["plan.json"], folder[name], One, progress, TestContext.Current.CancellationToken);
    }

    private void WritePlan(string more = "\"folds\": 2,", string plain = Short, string seeds = "[1, 2]", string? data = null) =>
        folder.WriteText("plan.json", $$"""
            { "data": "{{(data ?? Data).Replace("\\", "/", StringComparison.Ordinal)}}", "seeds": {{seeds}}, {{more}}
              "arms": {
                "plain": { "recipe": "published", {{Tiny}}, "protocol": { {{plain}} } },
                "still": { "recipe": "published", {{Tiny}}, "protocol": { {{Short}}, "augmentation": "none" } } } }
            """);

    private sealed class Callback<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}
