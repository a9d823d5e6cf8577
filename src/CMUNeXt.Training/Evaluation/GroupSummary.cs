using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What was measured over a group of cases.</summary>
/// <param name="Name">The subgroup; null for all cases.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Metrics">The metrics at the original size.</param>
/// <param name="AsPublished">The metrics as published, at the network's size, by name; null where no case has it.</param>
public sealed record GroupSummary(
    string? Name, int Cases, MetricsSummary Metrics, IReadOnlyDictionary<string, Statistic>? AsPublished)
{
    internal static GroupSummary Of(
        string? name, IReadOnlyList<string> classes, IReadOnlyList<CaseResult> cases, CaseGrouping grouping, bool haveConfidences)
    {
        int[] units = grouping.UnitsOf([.. cases.Select(c => c.Name)]);
        Bootstrap bootstrap = Bootstrap.Draw(units.Max() + 1);
        Statistic Summarize(IEnumerable<double> values)
        {
            double[] all = [.. values];
            return Statistic.Of(all) with { Interval = bootstrap.OfMean(all, units) };
        }

        ClassSummary[] summaries = [.. classes.Select((c, i) => ClassSummary.Of(c, i, cases, haveConfidences, Summarize))];
        MetricsAsPublished[] published =
            [.. cases.Where(static c => !c.IsUncertain).Select(static c => c.AsPublished).OfType<MetricsAsPublished>()];
        return new GroupSummary(
            name,
            cases.Count,
            new MetricsSummary(
                summaries,
                Metric.All.ToDictionary(m => m.Key, m => Statistic.Of(summaries.Select(s => s.Metrics[m.Key].Mean ?? double.NaN)).Mean))
            {
                AnyClass = cases.All(static c => c.AnyClass is not null)
                    ? ClassSummary.OfAny(cases, Summarize)
                    : null,
            },
            published.Length == 0 ? null : Metric.AsPublished.ToDictionary(m => m.Key, m => Statistic.Of(published.Select(m.Value))));
    }
}
