using System.Globalization;
using System.Text.Json;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What was measured over all cases. As JSON it is <c>summary.json</c>, with names in snake_case.</summary>
/// <param name="Info">What was evaluated.</param>
/// <param name="EmptyMasks">The rule for masks that do not hold a class, in words.</param>
/// <param name="All">All cases.</param>
/// <param name="Subgroups">The cases of each subgroup, by name; none where no name shows one.</param>
/// <param name="Sizes">
/// The cases with a lesion in three equal groups, by the part of the image that is a lesion in the reference; none where there are fewer
/// than six.
/// </param>
/// <param name="Lesions">The lesions that the network found; null where it found none, or given masks were judged.</param>
public sealed record EvaluationSummary(
    EvaluationInfo Info, string EmptyMasks, GroupSummary All, IReadOnlyList<GroupSummary> Subgroups, IReadOnlyList<GroupSummary> Sizes,
    LesionSummary? Lesions)
{
    /// <summary>The cases with a lesion and those without, where there are both: their means are never mixed.</summary>
    public IReadOnlyList<GroupSummary> ByPresence { get; init; } = [];

    /// <summary>What healthy images and detected lesions show; null where given masks were judged.</summary>
    public PresenceSummary? Presence { get; init; }

    /// <summary>Which class is taken for which; null for one class, and where it was not counted.</summary>
    public ClassConfusion? Confusion { get; init; }

    internal const string RuleForEmptyMasks =
        "Neither mask holds the class (correctly empty): IoU, Dice, F1, sensitivity, precision, HD95 and ASSD are undefined. "
        + "Only the prediction holds it (false positive): IoU, Dice, F1 and precision are 0, sensitivity, HD95 and ASSD undefined. "
        + "Only the reference holds it (missed): IoU, Dice, F1, sensitivity and precision are 0, HD95 and ASSD undefined. "
        + "Undefined values are left out of means, standard deviations and medians, and the number of defined values stands beside them.";

    /// <summary>Summarizes cases.</summary>
    /// <param name="info">What was evaluated.</param>
    /// <param name="cases">At least one, each with the metrics of every class named in <paramref name="info"/>.</param>
    /// <exception cref="ArgumentException">There is no case, or a case has another number of classes.</exception>
    public static EvaluationSummary Of(EvaluationInfo info, IReadOnlyList<CaseResult> cases) => Of(info, cases, CaseGrouping.None);

    /// <inheritdoc cref="Of(EvaluationInfo, IReadOnlyList{CaseResult})"/>
    internal static EvaluationSummary Of(EvaluationInfo info, IReadOnlyList<CaseResult> cases, CaseGrouping grouping)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(cases);
        if (cases.Count == 0)
        {
            throw new ArgumentException("There is nothing to summarize without a case.", nameof(cases));
        }

        if (cases.FirstOrDefault(c => c.Classes.Count != info.Classes.Count) is { } odd)
        {
            throw new ArgumentException($"The case {odd.Name} has {odd.Classes.Count} classes, not {info.Classes.Count}.", nameof(cases));
        }

        GroupSummary Summarize(string? name, IReadOnlyList<CaseResult> group) => GroupSummary.Of(name, info.Classes, group, grouping);
        return new EvaluationSummary(
            info,
            RuleForEmptyMasks,
            Summarize(null, cases),
            [
                .. cases.Where(static c => c.Subgroup is not null)
                    .GroupBy(static c => c.Subgroup!)
                    .OrderBy(static g => g.Key, StringComparer.Ordinal)
                    .Select(g => Summarize(g.Key, [.. g])),
                .. grouping.Subgroups
                    .Select(subgroup => (subgroup.Title, Cases: cases.Where(c => subgroup.Cases.Contains(c.Name)).ToArray()))
                    .Where(static subgroup => subgroup.Cases.Length > 0)
                    .Select(subgroup => Summarize(subgroup.Title, subgroup.Cases)),
            ],
            BySize(cases, Summarize),
            LesionSummary.Of([.. cases.SelectMany(static c => c.Lesions)]))
        {
            ByPresence = SplitByPresence(cases, Summarize),
            Presence = PresenceSummary.Of(info, cases),
            Confusion = ClassConfusion.Of(info.Classes, cases),
        };
    }

    private static IReadOnlyList<GroupSummary> SplitByPresence(
        IReadOnlyList<CaseResult> cases, Func<string?, IReadOnlyList<CaseResult>, GroupSummary> summarize)
    {
        ILookup<bool, CaseResult> groups = cases.ToLookup(static c => c.ReferenceFraction > 0);
        return groups.Count < 2 ? [] : [summarize("with a lesion", [.. groups[true]]), summarize("without", [.. groups[false]])];
    }

    private static IReadOnlyList<GroupSummary> BySize(
        IReadOnlyList<CaseResult> cases, Func<string?, IReadOnlyList<CaseResult>, GroupSummary> summarize)
    {
        const int LeastInGroup = 2;
        string[] names = ["small", "medium", "large"];
        CaseResult[] ordered = [.. cases.Where(static c => c.ReferenceFraction > 0).OrderBy(static c => c.ReferenceFraction)];
        if (ordered.Length < LeastInGroup * names.Length)
        {
            return [];
        }

        return
        [
            .. names.Select((name, i) =>
            {
                CaseResult[] group = ordered[(i * ordered.Length / names.Length)..((i + 1) * ordered.Length / names.Length)];
                string range = string.Create(CultureInfo.InvariantCulture,
                    $"{100 * group[0].ReferenceFraction:0.0} to {100 * group[^1].ReferenceFraction:0.0} % of the image");
                return summarize($"{name}: {range}", group);
            }),
        ];
    }

    /// <summary>The summary as an indented JSON document; undefined values are null.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Readable.EvaluationSummary);
}

/// <summary>What was measured over a group of cases.</summary>
/// <param name="Name">The subgroup; null for all cases.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Metrics">The metrics at the original size.</param>
/// <param name="AsPublished">The metrics as published, at the network's size, by name; null where no case has it.</param>
public sealed record GroupSummary(
    string? Name, int Cases, MetricsSummary Metrics, IReadOnlyDictionary<string, Statistic>? AsPublished)
{
    internal static GroupSummary Of(string? name, IReadOnlyList<string> classes, IReadOnlyList<CaseResult> cases, CaseGrouping grouping)
    {
        int[] units = grouping.UnitsOf([.. cases.Select(c => c.Name)]);
        Bootstrap bootstrap = Bootstrap.Draw(units.Max() + 1);
        Statistic Summarize(IEnumerable<double> values)
        {
            double[] all = [.. values];
            return Statistic.Of(all) with { Interval = bootstrap.OfMean(all, units) };
        }

        ClassSummary[] summaries = [.. classes.Select((c, i) => ClassSummary.Of(c, i, cases, Summarize))];
        MetricsAsPublished[] published = [.. cases.Select(static c => c.AsPublished).OfType<MetricsAsPublished>()];
        return new GroupSummary(
            name,
            cases.Count,
            new MetricsSummary(
                summaries,
                Metric.All.ToDictionary(m => m.Key, m => Statistic.Of(summaries.Select(s => s.Metrics[m.Key].Mean ?? double.NaN)).Mean))
            {
                AnyClass = cases.All(static c => c.AnyClass is not null)
                    ? ClassSummary.OfAny([.. cases.Select(static c => c.AnyClass!)], Summarize)
                    : null,
            },
            published.Length == 0 ? null : Metric.AsPublished.ToDictionary(m => m.Key, m => Statistic.Of(published.Select(m.Value))));
    }
}

/// <summary>The metrics of a group of cases.</summary>
/// <param name="Classes">Each class on its own.</param>
/// <param name="MeanOverClasses">The mean of the classes' means, by the metric's name; null where it is defined for none.</param>
public sealed record MetricsSummary(IReadOnlyList<ClassSummary> Classes, IReadOnlyDictionary<string, double?> MeanOverClasses)
{
    /// <summary>All classes taken as one, against the background; null for one class.</summary>
    public ClassSummary? AnyClass { get; init; }

    /// <summary>The same mean, of a metric over the cases whose reference holds the class; null where none does.</summary>
    /// <param name="metric">The metric's name.</param>
    public double? MeanWherePresent(string metric) => Statistic.Of(
        Classes.Select(one => one.Present.TryGetValue(metric, out Statistic? known) ? known.Mean ?? double.NaN : double.NaN)).Mean;

    internal IEnumerable<ClassSummary> ClassesAndAny => AnyClass is null ? Classes : [.. Classes, AnyClass];
}

/// <summary>The metrics of one class over a group of cases.</summary>
/// <param name="Class">The class's index, from 1.</param>
/// <param name="Name">The class's name.</param>
/// <param name="BothPresent">The number of cases where both masks hold the class.</param>
/// <param name="CorrectlyEmpty">The number of cases where neither does.</param>
/// <param name="FalsePositive">The number of cases where only the prediction does.</param>
/// <param name="Missed">The number of cases where only the reference does.</param>
/// <param name="Metrics">The metrics, by name.</param>
/// <param name="EmptyReference">What is found in the cases whose reference does not hold the class; null where there are none.</param>
public sealed record ClassSummary(
    int Class,
    string Name,
    int BothPresent,
    int CorrectlyEmpty,
    int FalsePositive,
    int Missed,
    IReadOnlyDictionary<string, Statistic> Metrics,
    EmptyReferenceSummary? EmptyReference)
{
    internal const string AnyName = "any class";

    /// <summary>The metrics over the cases whose reference holds the class: what is found in others has no part in them.</summary>
    public IReadOnlyDictionary<string, Statistic> Present { get; init; } = new Dictionary<string, Statistic>();

    internal static ClassSummary Of(string name, int index, IReadOnlyList<CaseResult> results, Func<IEnumerable<double>,
        Statistic> summarize) =>
        Of(name, [.. results.Select(r => r.Classes[index])], EmptyReferenceSummary.Of(index + 1, results), summarize);

    internal static ClassSummary OfAny(SegmentationMetrics[] cases, Func<IEnumerable<double>, Statistic> summarize) =>
        Of(AnyName, cases, null, summarize);

    private static ClassSummary Of(string name, SegmentationMetrics[] cases, EmptyReferenceSummary? empty, Func<IEnumerable<double>,
        Statistic> summarize)
    {
        int Count(Outcome outcome) => cases.Count(c => c.Confusion.Outcome == outcome);
        return new ClassSummary(
            cases[0].Class,
            name,
            Count(Outcome.BothPresent),
            Count(Outcome.CorrectlyEmpty),
            Count(Outcome.FalsePositive),
            Count(Outcome.Missed),
            Metric.All.ToDictionary(m => m.Key, m => summarize(cases.Select(m.Value))),
            empty)
        {
            Present = Metric.All.ToDictionary(
                m => m.Key, m => summarize(cases.Select(c => c.Confusion.ReferenceArea > 0 ? m.Value(c) : double.NaN))),
        };
    }
}

/// <summary>How often, and how much, is found in images whose reference does not hold the class.</summary>
/// <param name="Cases">The number of cases whose reference does not hold the class.</param>
/// <param name="Found">In how many of them a pixel is found: a false positive.</param>
/// <param name="FoundFraction">The same as a part of the cases, in [0, 1].</param>
/// <param name="Confident">
/// In how many of them a lesion is found with a confidence of at least 0.5; null where what is found has no confidence.
/// </param>
/// <param name="FoundArea">The part of the image that is found, in [0, 1], over all these cases.</param>
public sealed record EmptyReferenceSummary(int Cases, int Found, double FoundFraction, int? Confident, Statistic FoundArea)
{
    internal static EmptyReferenceSummary? Of(int label, IReadOnlyList<CaseResult> all)
    {
        CaseResult[] cases = [.. all.Where(c => c.Classes[label - 1].Confusion.ReferenceArea == 0)];
        if (cases.Length == 0)
        {
            return null;
        }

        SegmentationMetrics[] metrics = [.. cases.Select(c => c.Classes[label - 1])];
        int found = metrics.Count(static m => m.Confusion.PredictedArea > 0);
        return new EmptyReferenceSummary(
            cases.Length,
            found,
            (double)found / cases.Length,
            found == 0 || all.Any(static c => c.Lesions.Any(static lesion => lesion.Confidence is not null))
                ? cases.Count(c => c.Lesions.Any(lesion => lesion.Class == label && lesion.Confidence >= 0.5))
                : null,
            Statistic.Of(metrics.Select(static m => (double)m.Confusion.PredictedArea / m.Confusion.Pixels)));
    }
}

/// <summary>The lesions that a network found.</summary>
/// <param name="Found">Their number.</param>
/// <param name="Right">The number of those whose IoU with a lesion of the reference is at least 0.5.</param>
/// <param name="Reliability">Whether their confidences mean what they say; null where the weights carry no calibration.</param>
public sealed record LesionSummary(int Found, int Right, Reliability? Reliability)
{
    /// <summary>The IoU from which a lesion is right.</summary>
    public const double LeastIou = 0.5;

    internal static LesionSummary? Of(IReadOnlyList<LesionResult> lesions) => lesions.Count == 0
        ? null
        : new LesionSummary(
            lesions.Count,
            lesions.Count(static lesion => lesion.Iou >= LeastIou),
            lesions.All(static lesion => lesion.Confidence is not null)
                ? Evaluation.Reliability.Of([.. lesions.Select(static lesion => (lesion.Confidence!.Value, lesion.Iou >= LeastIou))])
                : null);
}
