using System.CommandLine;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>merge</c>: the summary of a prediction or an evaluation in parts, where the last part could not write it.</summary>
internal static class MergeVerb
{
    // Of the parts that are missing.
    private const int Shown = 10;

    private static readonly Argument<string> Folder = new("DIR") { Description = "The output folder of the parts." };

    public static Command Create() => Verb.Create(
        "merge",
        "Write the summary of a prediction or an evaluation in parts (--part), as the last part does.",
        [Folder],
        (parsed, _) => Run(parsed.GetValue(Folder)!));

    /// <summary>
    /// Says which parts are still to come, that another has written the summary, or what to do where the last part could not write it.
    /// </summary>
    /// <param name="folder">The folder of the parts.</param>
    /// <param name="record">The record that the part has left.</param>
    /// <param name="summary">The summary.</param>
    /// <param name="missing">The parts that are not done yet.</param>
    public static void Advise(string folder, string record, string summary, IReadOnlyList<int> missing)
    {
        if (missing.Count > 0)
        {
            Console.Error.WriteLine(
                $"Not done yet with these options: {(missing.Count == 1 ? "part" : "parts")} {Words(missing)}. "
                + (File.Exists(summary)
                    ? $"{summary} is of an earlier start: to write it anew, start these too."
                    : "The one that ends last writes the summary."));
            return;
        }

        // Whoever joins the records removes them.
        if (!File.Exists(record) && File.Exists(summary))
        {
            Console.Error.WriteLine($"Another part has written the summary, {summary}.");
            return;
        }

        Console.Error.WriteLine("Another process keeps the folder. When it has ended and the summary is not there:");
        Console.Error.WriteLine(ShellText.Of("cmunext", "merge", folder));
    }

    private static int Run(string folder)
    {
        if (folder.Length == 0)
        {
            throw new UsageException("DIR is empty: give the name of a folder");
        }

        if (!Directory.Exists(folder))
        {
            throw new BadFileException(folder, "there is no such folder");
        }

        IReadOnlyList<int> missing;
        if (EvaluationParts.In(folder).FindCount() is { } parts)
        {
            (EvaluationSummary summary, IReadOnlyList<string> failures) =
                EvaluationParts.Merge(folder, parts, out missing) ?? throw NotDone(folder, parts, missing);
            SummaryTable.PrintReport(summary, folder);
            return failures.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
        }

        int count = PartRecord.In(folder).FindCount()
            ?? throw new BadFileException(folder, "no part has left its record here; the summary is there already, or no part has ended");
        PartRecord joined = PredictionParts.Merge(folder, count, null, out missing) ?? throw NotDone(folder, count, missing);
        PredictionParts.Print(joined, folder);
        return joined.Failures == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static BadFileException NotDone(string folder, int count, IReadOnlyList<int> missing) => new(folder, missing.Count == 0
        ? "another process writes here; wait until it has ended"
        : $"{missing.Count} of {count} parts are not done: {Words(missing)}; start them again");

    private static string Words(IReadOnlyList<int> missing) => ShortList.Of([.. missing.Select(static part => $"{part}")], Shown);
}
