namespace CMUNeXt.Training.Evaluation;

/// <summary>The metrics of a group of cases.</summary>
/// <param name="Classes">Each class on its own.</param>
/// <param name="MeanOverClasses">The mean of the classes' means, by the metric's name; null where it is defined for none.</param>
public sealed record MetricsSummary(IReadOnlyList<ClassSummary> Classes, IReadOnlyDictionary<string, double?> MeanOverClasses)
{
    /// <summary>All classes taken as one, against the background; null for one class.</summary>
    public ClassSummary? AnyClass { get; init; }

    /// <summary>The same mean, over the cases whose reference holds the class, as the report and the terminal show it.</summary>
    public IReadOnlyDictionary<string, double?> MeanOverClassesPresent => Metric.All.ToDictionary(
        static metric => metric.Key, metric => MeanWherePresent(metric.Key));

    /// <summary>The same mean, of a metric over the cases whose reference holds the class; null where none does.</summary>
    /// <param name="metric">The metric's name.</param>
    public double? MeanWherePresent(string metric) => Statistic.Of(
        Classes.Select(one => one.Present.TryGetValue(metric, out Statistic? known) ? known.Mean ?? double.NaN : double.NaN)).Mean;

    internal IEnumerable<ClassSummary> ClassesAndAny => AnyClass is null ? Classes : [.. Classes, AnyClass];
}
