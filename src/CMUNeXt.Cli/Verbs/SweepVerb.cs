using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Studies;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>sweep</c>: a cross-validation with several seeds and recipes from one file.</summary>
internal static class SweepVerb
{
    private static readonly Argument<string> Plan =
        new("PLAN") { Description = "The plan of the study, a JSON file: data, folds, seeds, and by name the recipes." };
    private static readonly Option<string> Output = CommonOptions.Output("The study's folder; run again, it goes on from what is there.");
    private static readonly ComputingOptions Computing = new();

    public static Command Create() => Verb.Create(
        "sweep",
        "Train all folds, seeds and recipes of a study, and judge every case once by weights that have not seen it.",
        [Plan, Output, .. Computing.All, .. PartOptions.All],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        string plan = parsed.GetValue(Plan)!;
        if (plan.Length == 0)
        {
            throw new UsageException("PLAN is empty: give the name of a file");
        }

        WorkPart? part = PartOptions.Read(parsed);
        string output = parsed.GetValue(Output)!;

        // A run that goes on keeps its own device where none is given.
        StudyComputing computing = new()
        {
            Backend = parsed.GetValue(Computing.Backend),
            Device = CommonOptions.IsGiven(parsed, Computing.Device) ? parsed.GetValue(Computing.Device) : null,
            Threads = parsed.GetValue(Computing.Threads),
        };
        Study study = WorkProgress.Run("dividing the data set", "images", work =>
            Study.Open(plan, output, computing, new CaseReport(work), stop));
        try
        {
            List<StudyRun> failed = Train(study, [.. study.Runs.Where((_, place) => part?.Has(place) ?? true)], computing.Backend, stop);
            if (part is null)
            {
                using FolderLock held = FolderLock.Take(study.Folder);
                Judge(study, stop);
            }
            else
            {
                JudgeIfLast(study, stop);
            }

            return failed.Count == 0 ? ExitStatus.Done : PartOptions.StatusOfFailures(parsed);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Everything is kept. To go on:");
            Option[] options = [.. Computing.All, .. PartOptions.All];
            Console.Error.WriteLine(ShellText.Of(
                ["cmunext", "sweep", plan, "--output", output, .. options.SelectMany(option => CommonOptions.AsGiven(parsed, option))]));
            throw;
        }
    }

    // The part that ends last judges for all.
    private static void JudgeIfLast(Study study, CancellationToken stop)
    {
        int left = study.Runs.Count(static run => !run.Folder.HasFailed && !run.Folder.IsFinished());
        if (left > 0)
        {
            Console.WriteLine($"{left} of {study.Runs.Count} trainings are other parts', and not done; the last part judges.");
            return;
        }

        using FolderLock? held = FolderLock.TryTake(study.Folder, cancellation: stop);
        if (held is null)
        {
            Console.WriteLine("All trainings are done; another part judges.");
            return;
        }

        Judge(study, stop);
    }

    // Gives those that failed; the others go on.
    private static List<StudyRun> Train(Study study, IReadOnlyList<StudyRun> runs, string? backend, CancellationToken stop)
    {
        List<StudyRun> failed = [];
        StudyRun[] left = [.. runs.Where(run => !run.Folder.IsFinished())];
        Console.Error.WriteLine($"{runs.Count - left.Length} of {runs.Count} trainings are done.");
        foreach (StudyRun run in left)
        {
            if (study.ListsAreGiven && !study.Runs.Any(other => other.Fold == run.Fold && other.Folder.HasRun))
            {
                WarnOfOverlap(study, run.Fold, stop);
            }

            Console.Error.WriteLine($"{run.Name}:");
            if (backend is not null && run.Folder.HasRun && run.Folder.ReadSettings().Backend is var own && own != backend)
            {
                Console.Error.WriteLine($"note: it goes on with the backend that it began with, {own}, and not with {backend}");
            }

            try
            {
                EpochRecord judged = WorkProgress.Run("training", unit: null, work => study.Complete(run, new TrainingReport(work), stop));
                if (judged.FindsNothing)
                {
                    Console.Error.WriteLine(
                        $"warning: {run.Name} finds nothing in any of its validation cases; train longer, or with another loss");
                }
            }
            catch (Exception e) when (e is TrainingFailedException or BadFileException)
            {
                // What keeps one from being trained, such as another process that has it, is no matter of the others.
                failed.Add(run);
                Console.Error.WriteLine($"cmunext: {run.Name}: {e.Message}");
            }
        }

        return failed;
    }

    // Before the first training of the fold.
    private static void WarnOfOverlap(Study study, int fold, CancellationToken stop)
    {
        ListOverlap overlap = WorkProgress.Run($"comparing the lists of fold {fold}", "images", work =>
            study.FindOverlap(fold, new CaseReport(work), stop));
        if (!overlap.IsEmpty)
        {
            Console.Error.WriteLine($"warning: fold {fold} is judged on what is not independent of its training list: {overlap}");
        }
    }

    // What has all its trainings.
    private static void Judge(Study study, CancellationToken stop)
    {
        StudyRun[] left = [.. study.Runs.Where(static run => !run.Folder.IsFinished())];
        StudyEvaluation[] complete =
            [.. study.Evaluations.Where(one => !left.Any(run => run.Arm == one.Arm && one.Seeds.Contains(run.Seed)))];
        if (complete.Length == 0)
        {
            Console.WriteLine("No recipe has all its trainings, so nothing is judged.");
            return;
        }

        List<(StudyEvaluation Evaluation, EvaluationSummary Summary)> found = [];
        foreach (StudyEvaluation evaluation in complete)
        {
            found.Add((evaluation,
                WorkProgress.Run($"judging {evaluation.Name}", "cases", work => study.Complete(evaluation, new CaseReport(work), stop))));
        }

        StudyReport.Write(study.Folder, found);
        Console.Write(StudyReport.Table(found).ToMarkdown());
        string[] tables = [.. StudyReport.Files.Select(file => Path.Combine(study.Folder, file))];
        Console.WriteLine($"Every case is judged once, out of fold. The table is in {string.Join(", ", tables)}.");
        if (found.Count > 1)
        {
            Console.WriteLine("To compare evaluations:");
            Console.WriteLine(ShellText.Of(
                ["cmunext", "compare", .. WorthComparing(complete).Select(one => one.Folder), "--output",
                Path.Combine(study.Folder, "comparison")]));
        }
    }

    // The arms where there are several, else what flips bring, else the seeds; of ensembles where there are some.
    private static StudyEvaluation[] WorthComparing(StudyEvaluation[] all)
    {
        int seeds = all.Max(static one => one.Seeds.Count);
        bool arms = all.Any(one => one.Arm != all[0].Arm);
        StudyEvaluation[] some = [.. all.Where(one => one.Seeds.Count == seeds && !(arms && one.Flips))];
        return some.Length > 1 ? some : all;
    }
}
