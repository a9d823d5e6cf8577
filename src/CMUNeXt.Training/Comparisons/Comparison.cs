using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Comparisons;

/// <summary>
/// Evaluations of the same cases, compared pair by pair: mean differences with their intervals and tests. Overlaps and distances are
/// compared on the images that hold the class, false positives on those that do not; the two are never mixed.
/// </summary>
/// <param name="Evaluations">The evaluations; the others are compared with the first.</param>
/// <param name="Cases">The number of cases that all have judged.</param>
/// <param name="LeftOut">The number of cases that only some have judged.</param>
/// <param name="Unit">What counts as one unit; null where it is the case.</param>
/// <param name="Units">The number of units.</param>
/// <param name="Seed">The seed of resamples and permutations.</param>
/// <param name="Resamples">The resamples of an interval.</param>
/// <param name="Permutations">
/// The permutations that are drawn for a test; where at most 13 units differ, it goes through all of theirs instead.
/// </param>
/// <param name="Metrics">What was compared.</param>
public sealed record Comparison(
    IReadOnlyList<ComparedEvaluation> Evaluations, int Cases, int LeftOut, string? Unit, int Units, ulong Seed, int Resamples,
        int Permutations,
    IReadOnlyList<ComparedMetric> Metrics)
{
    private static readonly string[] Keys = ["iou", "dice", "sensitivity", "precision", "hd95", "assd"];

    /// <summary>Compares evaluations.</summary>
    /// <param name="options">Which, and how.</param>
    /// <exception cref="ArgumentException">A folder is given twice.</exception>
    /// <exception cref="BadFileException">
    /// A folder holds no evaluation, the evaluations have no case in common, or other classes, references or units, or a key does not have
    /// all cases.
    /// </exception>
    public static Comparison Of(ComparisonOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> names = NamesOf(options.Folders);
        JudgedCases[] judged = [.. options.Folders.Select(JudgedCases.Read)];
        string[] common = [.. judged[0].Cases.Where(name => judged.All(one => one.Has(name)))];
        if (common.Length == 0)
        {
            throw new BadFileException(judged[^1].Folder, $"has no case in common with {judged[0].Folder}");
        }

        string[] classes = [.. judged[0].Info.Classes];
        if (judged.FirstOrDefault(one => one.Info.Classes.Count != classes.Length
            || (classes.Length > 1 && !one.Info.Classes.SequenceEqual(classes, StringComparer.Ordinal))) is { } other)
        {
            throw new BadFileException(other.Folder,
                $"has other classes ({string.Join(", ", other.Info.Classes)}) than {judged[0].Folder} ({string.Join(", ", classes)}); "
                + "compare evaluations of one data set");
        }

        CaseGrouping grouping = CaseGrouping.Of(common, options.Unit ?? UnitOf(judged, common), options.Subgroups);
        IEnumerable<(string? Title, string[] Cases)> groups =
            [(null, common), .. grouping.Subgroups.Select(subgroup =>
                ((string?)subgroup.Title, common.Where(subgroup.Cases.Contains).ToArray()))];
        return new Comparison(
            [.. judged.Zip(names, static (one, name) => new ComparedEvaluation(name, one.Folder, one.Info))],
            common.Length,
            judged.SelectMany(one => one.Cases).Distinct(StringComparer.Ordinal).Count() - common.Length,
            grouping.UnitName,
            grouping.UnitsOf(common).Max() + 1,
            options.Seed,
            Bootstrap.Resamples,
            PermutationTest.Permutations,
            [.. groups.SelectMany(group =>
                judged[0].Info.Classes.SelectMany(label => OfClass(judged, group.Title, label, group.Cases, grouping, options.Seed)))]);
    }

    // Whoever evaluated by patient and forgets to say so again would get intervals that are too narrow.
    private static CaseKey? UnitOf(JudgedCases[] judged, string[] cases)
    {
        CaseKey?[] units = [.. judged.Select(static one => one.Unit)];
        string[] first = Texts(units[0]);
        int other = Array.FindIndex(units, unit => !Texts(unit).SequenceEqual(first, StringComparer.Ordinal));
        return other < 0 ? units[0] : throw new BadFileException(judged[other].Folder,
            $"its intervals are by {units[other]?.Name ?? "case"}, and those of {judged[0].Folder} by {units[0]?.Name ?? "case"}; "
            + "say which with --group-by PATTERN or --groups CSV --by COLUMN");

        string[] Texts(CaseKey? unit) => unit is null ? cases : [.. unit.Of(cases)];
    }

    private static IEnumerable<ComparedMetric> OfClass(
        JudgedCases[] judged, string? group, string label, string[] cases, CaseGrouping grouping, ulong seed)
    {
        foreach (string name in cases)
        {
            if (judged.FirstOrDefault(one => one.HasOtherReference(judged[0], label, name)) is { } other)
            {
                throw new BadFileException(other.Folder,
                    $"judges the case {name} against another reference than {judged[0].Folder}: their masks differ");
            }
        }

        // As in a report, all units of the group are drawn: a case that a metric is not of has no value, and stays.
        bool?[] holds = [.. cases.Select(name => judged[0].ReferenceArea(label, name) > 0 ? true
            : judged.Any(one => one.IsUncertain(name)) ? (bool?)null : false)];
        int present = holds.Count(static one => one == true);
        int absent = holds.Count(static one => one == false);
        double[] ValuesWhere(bool isHeld, Func<string, double> value) =>
            [.. cases.Zip(holds, (name, held) => held == isHeld ? value(name) : double.NaN)];
        PairedComparison paired = new(grouping.UnitsOf(cases), seed);
        if (present > 0)
        {
            foreach (Metric<CMUNeXt.Training.Metrics.SegmentationMetrics> metric in Metric.All.Where(
                metric => Keys.Contains(metric.Key)))
            {
                yield return paired.Of(
                    new ComparedMetric(group, label, metric.Key, metric.Label, metric.InPixels, present, [], []),
                    [.. judged.Select(one => ValuesWhere(isHeld: true, name => one.Value(label, name, metric.Key)))]);
            }
        }

        if (absent > 0)
        {
            ComparedMetric falsePositives = paired.Of(
                new ComparedMetric(group, label, "false_positive", "False positive", InPixels: false, absent, [], []),
                [.. judged.Select(one => ValuesWhere(isHeld: false, name => one.IsFound(label, name) ? 1 : 0))]);

            // Of none, or all, each resample has as many: that says nothing of how many there would be elsewhere.
            bool IsSame(int i) => falsePositives.Means[i].Mean is 0 or 1;
            yield return falsePositives with
            {
                Means = [.. falsePositives.Means.Select((one, i) => IsSame(i) ? one with { Interval = null } : one)],
                Differences =
                    [.. falsePositives.Differences.Select((one, i) => IsSame(0) && IsSame(i + 1) ? one with { Interval = null } : one)],
            };
        }
    }

    // Those of a suite are all called "evaluation": as many of the folders above as tell them apart.
    private static string[] NamesOf(IReadOnlyList<string> folders)
    {
        string[][] paths =
            [.. folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)).Split(Path.DirectorySeparatorChar))];
        return Enumerable.Range(1, paths.Max(static path => path.Length))
            .Select(length => paths.Select(path => string.Join('/', path.TakeLast(length))).ToArray())
            .FirstOrDefault(static names => names.Distinct(StringComparer.Ordinal).Count() == names.Length)
            ?? throw new ArgumentException("A folder is given twice.", nameof(folders));
    }
}

/// <summary>One of the compared evaluations.</summary>
/// <param name="Name">The folder's name, with as many of those above it as tell the evaluations apart.</param>
/// <param name="Folder">The folder.</param>
/// <param name="Info">What was judged.</param>
public sealed record ComparedEvaluation(string Name, string Folder, EvaluationInfo Info);

/// <summary>A metric of the compared evaluations.</summary>
/// <param name="Group">The subgroup; null for all cases.</param>
/// <param name="Class">The class's name.</param>
/// <param name="Metric">The metric's name in files.</param>
/// <param name="Label">The metric's name for people.</param>
/// <param name="InPixels">Whether it is a distance in pixels; otherwise it is a ratio in [0, 1].</param>
/// <param name="Cases">The cases that it is of: those that hold the class, for false positives those that do not.</param>
/// <param name="Means">The mean of each evaluation.</param>
/// <param name="Differences">The difference of each evaluation but the first from the first.</param>
public sealed record ComparedMetric(
    string? Group, string Class, string Metric, string Label, bool InPixels, int Cases, IReadOnlyList<ComparedMean> Means,
        IReadOnlyList<ComparedDifference> Differences);

/// <summary>A mean over the cases in which the metric is defined.</summary>
/// <param name="Mean">The mean; null where it is defined in none.</param>
/// <param name="Interval">
/// Its interval of 95 %; null where fewer than two units have a value, and of false positives where no case or each has one.
/// </param>
/// <param name="Defined">The number of cases in which it is defined.</param>
public sealed record ComparedMean(double? Mean, MeanInterval? Interval, int Defined);

/// <summary>The mean of the differences from the first evaluation, over the cases in which the metric is defined in both.</summary>
/// <param name="Mean">The mean difference; null where there is no such case.</param>
/// <param name="Interval">Its interval of 95 %; null where fewer than two units have a value.</param>
/// <param name="P">The p of the paired permutation test, two-sided; null where there is no such case.</param>
/// <param name="AdjustedP">The same with Holm's correction for the several comparisons with the first.</param>
/// <param name="Defined">The number of such cases.</param>
public sealed record ComparedDifference(double? Mean, MeanInterval? Interval, double? P, double? AdjustedP, int Defined);
