using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Evaluation;

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

    internal static ClassSummary Of(
        string name, int index, IReadOnlyList<CaseResult> results, bool haveConfidences, Func<IEnumerable<double>, Statistic> summarize) =>
        Of(name, [.. results.Select(r => (r.Classes[index], r.IsUncertain))],
            EmptyReferenceSummary.Of(index + 1, results, haveConfidences), summarize);

    internal static ClassSummary OfAny(IReadOnlyList<CaseResult> results, Func<IEnumerable<double>, Statistic> summarize) =>
        Of(AnyName, [.. results.Select(static r => (r.AnyClass!, r.IsUncertain))], null, summarize);

    // What is uncertain has no outcome and no value: the cases stay, since units are drawn of all.
    private static ClassSummary Of(
        string name, (SegmentationMetrics Metrics, bool IsUncertain)[] cases, EmptyReferenceSummary? empty,
        Func<IEnumerable<double>, Statistic> summarize)
    {
        int Count(Outcome outcome) => cases.Count(c => !c.IsUncertain && c.Metrics.Confusion.Outcome == outcome);
        return new ClassSummary(
            cases[0].Metrics.Class,
            name,
            Count(Outcome.BothPresent),
            Count(Outcome.CorrectlyEmpty),
            Count(Outcome.FalsePositive),
            Count(Outcome.Missed),
            Metric.All.ToDictionary(m => m.Key, m => summarize(cases.Select(c => c.IsUncertain ? double.NaN : m.Value(c.Metrics)))),
            empty)
        {
            Present = Metric.All.ToDictionary(
                m => m.Key, m => summarize(cases.Select(c => c.Metrics.Confusion.ReferenceArea > 0 ? m.Value(c.Metrics) : double.NaN))),
        };
    }
}
