using System.Globalization;
using System.Runtime.ExceptionServices;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>What both layouts of a source have in common: all cases in parallel, one report in the order of the cases.</summary>
internal static class PreparationRun
{
    /// <summary>
    /// Prepares the cases of a scanned source, and completes the output where there are any, and nothing is refused or that is left out.
    /// </summary>
    public static PreparationReport Execute(
        SourceScan scan, MaskRules rules, PreparedFolder output, bool skipRefused, IProgress<PreparationProgress>? progress,
        CancellationToken cancellation)
    {
        MaskRules decided = rules.Classes is null ? rules with { Threshold = MaskScale.Threshold(scan.Cases, cancellation) } : rules;
        CaseOutcome[] outcomes = PrepareAll(scan.Cases, new CasePreparer(output, decided), progress, cancellation);
        string[] empty = [.. outcomes.Zip(scan.Cases).Where(static c => c.First.Problems.Count == 0 && c.First.IsEmpty)
            .Select(static c => c.Second.Name)];
        PreparationReport report = new()
        {
            Layout = scan.Layout,
            Images = scan.Images,
            Masks = scan.Masks,
            Cases = outcomes.Count(o => o.Problems.Count == 0),
            MergedCases = outcomes.Where((o, i) => o.Problems.Count == 0 && scan.Cases[i].Masks.Count > 1).Count(),
            EmptyCases = empty.Length,
            Classes = rules.Count,
            ClassNames = rules.Names,
            ClassCases = rules.Count == 1 ? null
                : [.. Enumerable.Range(0, rules.Count).Select(place => outcomes.Count(o => o.Classes.ElementAtOrDefault(place)))],
            MasksOfZeroAndOne = decided.Threshold == 0,
            ImageTypes = Count(outcomes.Select(o => o.ImageType).OfType<string>()),
            MaskTypes = Count(outcomes.SelectMany(o => o.MaskTypes)),
            Problems = [.. scan.Problems, .. outcomes.SelectMany(o => o.Problems)],
            Remarks = [.. scan.Remarks, .. outcomes.SelectMany(o => o.Remarks), .. Identical(scan.Cases, outcomes, output, rules.Count)],
        };
        cancellation.ThrowIfCancellationRequested();

        // A data set without what was refused is a selection that nobody has made, and where a mistyped option leaves no case it is none:
        // what stood there stays.
        if (report.Cases == 0 || (report.Problems.Count > 0 && !skipRefused))
        {
            return report;
        }

        output.Complete(report.ToJson(), empty);
        return report with { IsWritten = true };
    }

    private static CaseOutcome[] PrepareAll(
        IReadOnlyList<CaseSource> cases, CasePreparer preparer, IProgress<PreparationProgress>? progress, CancellationToken cancellation)
    {
        CaseOutcome[] outcomes = new CaseOutcome[cases.Count];
        int done = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        try
        {
            Parallel.For(0, cases.Count, options, i =>
            {
                outcomes[i] = preparer.Prepare(cases[i]);
                progress?.Report(new PreparationProgress(Interlocked.Increment(ref done), cases.Count));
            });
        }
        catch (AggregateException e)
        {
            // Bad files are in the outcomes; what comes here is a disk that is full or the like, and one such failure is enough.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return outcomes;
    }

    private static SortedDictionary<string, int> Count(IEnumerable<string> types)
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string type in types)
        {
            counts[type] = counts.GetValueOrDefault(type) + 1;
        }

        return counts;
    }

    private static IEnumerable<PreparationFinding> Identical(
        IReadOnlyList<CaseSource> cases, CaseOutcome[] outcomes, PreparedFolder output, int classes)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Fingerprint is { } print && !seen.TryAdd(print, i))
            {
                int first = seen[print];
                string how = outcomes[first].FileHash == outcomes[i].FileHash ? "byte by byte the same file as" : "the same pixels as";
                string masks = outcomes[first].Problems.Count + outcomes[i].Problems.Count == 0
                    ? Disagreement(output, classes, cases[first].Name, cases[i].Name)
                    : "";
                yield return new PreparationFinding(
                    FindingKind.IdenticalImages, cases[i].Image.Display, $"{how} {cases[first].Image.Display}{masks}");
            }
        }
    }

    // How far the masks of two cases with one image agree, which is how far anybody can agree with either; nothing where they are the same.
    private static string Disagreement(PreparedFolder output, int classes, string first, string second)
    {
        long both = 0;
        long any = 0;
        for (int c = 0; c < classes; c++)
        {
            byte[] one = GrayMask.Load(output.MaskPath(c, first)).Pixels;
            byte[] other = GrayMask.Load(output.MaskPath(c, second)).Pixels;
            both += one.Zip(other).LongCount(static pixel => pixel is { First: > 0, Second: > 0 });
            any += one.Zip(other).LongCount(static pixel => pixel.First + pixel.Second > 0);
        }

        return both == any ? ""
            : string.Create(CultureInfo.InvariantCulture, $"; the masks differ, their IoU is {(double)both / any:0.000}");
    }
}
