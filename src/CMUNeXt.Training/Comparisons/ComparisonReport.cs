using System.Globalization;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Training.Tables;

namespace CMUNeXt.Training.Comparisons;

/// <summary>Writes a comparison: <c>comparison.json</c> for programs, and its table as Markdown, CSV and LaTeX.</summary>
public static class ComparisonReport
{
    private const string Name = "comparison";
    private const string JsonFile = $"{Name}.json";

    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The files.</summary>
    public static IReadOnlyList<string> Files { get; } = [JsonFile, .. ResultTable.FilesOf(Name)];

    /// <summary>Writes the files; files of these names are replaced.</summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="comparison">The comparison.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    public static void Write(string folder, Comparison comparison)
    {
        ResultTable table = Table(comparison);
        AtomicFile.WriteTogether(folder, Files, () =>
        {
            AtomicFile.WriteText(Path.Combine(folder, JsonFile), ToJson(comparison));
            table.Write(folder, Name);
        });
    }

    /// <summary>The comparison as a JSON document.</summary>
    public static string ToJson(Comparison comparison) => JsonSerializer.Serialize(comparison, Readable) + "\n";

    /// <summary>The rows of all cases together, without those of the subgroups.</summary>
    public static ResultTable ShortTable(Comparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return Table(comparison with { Metrics = [.. comparison.Metrics.Where(metric => metric.Group is null)] });
    }

    /// <summary>
    /// A row for each metric: ratios in percent, distances in pixels. Behind a mean that is of fewer cases than n stands their number.
    /// </summary>
    public static ResultTable Table(Comparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        bool groups = comparison.Metrics.Any(metric => metric.Group is not null);
        bool classes = comparison.Metrics.Any(metric => metric.Class != comparison.Metrics[0].Class);
        IReadOnlyList<ComparedEvaluation> evaluations = comparison.Evaluations;
        string[] names = [.. groups ? ["cases"] : Array.Empty<string>(), .. classes ? ["class"] : Array.Empty<string>(), "metric"];
        return new ResultTable(
            [
                .. names, "n", .. evaluations.Select(one => one.Name),
                .. evaluations.Skip(1).SelectMany(one =>
                    new[] { $"{one.Name} - {evaluations[0].Name}", evaluations.Count > 2 ? $"p (Holm), {one.Name}" : "p" }),
            ],
            [.. comparison.Metrics.Select(metric => (IReadOnlyList<string>)
            [
                .. groups ? [metric.Group ?? "all"] : Array.Empty<string>(),
                .. classes ? [metric.Class] : Array.Empty<string>(),
                $"{metric.Label}, {(metric.InPixels ? "px" : "%")}",
                metric.Cases.ToString(CultureInfo.InvariantCulture),
                .. metric.Means.Select(mean =>
                    ResultTable.Value(mean.Mean, mean.Interval, mean.Defined, metric.Cases, metric.InPixels)),
                .. metric.Differences.SelectMany(one => new[]
                {
                    ResultTable.Value(one.Mean, one.Interval, one.Defined, metric.Cases, metric.InPixels), Probability(one.AdjustedP),
                }),
            ])],
            names.Length);
    }

    private static string Probability(double? p) => p switch
    {
        null => ResultTable.None,
        < 0.001 => "<0.001",
        _ => p.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
