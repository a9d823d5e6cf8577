using System.Globalization;
using System.Text;
using CMUNeXt.Files;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// The table <c>cases.csv</c> (RFC 4180): a row for each case and class. Undefined values are empty. The columns of the metrics as
/// published definition are of the whole case, and stand in each of its rows.
/// </summary>
internal static class CaseTable
{
    /// <summary>How much speaks for a lesion in the image.</summary>
    public const string PresenceColumn = "presence";

    /// <summary>1 where nothing is known of some of the image's pixels, otherwise 0.</summary>
    public const string IgnoredColumn = "has_ignored";

    /// <summary>The first digits of the SHA-256 of the reference mask.</summary>
    public const string ReferenceColumn = "reference_sha256";

    private static readonly string[] Lead = ["case", "subgroup", "unit", "class", "class_name", "outcome", "reference_area",
        "predicted_area", PresenceColumn, IgnoredColumn, ReferenceColumn];

    // Enough of a SHA-256 to tell two masks of one image apart.
    private const int Digits = 16;

    /// <summary>Builds the table.</summary>
    public static string Csv(EvaluationInfo info, IReadOnlyList<CaseResult> cases, CaseGrouping grouping)
    {
        StringBuilder text = new();
        AppendRow(
            text,
            [.. Lead, .. Metric.All.Select(static m => m.Key), .. Metric.AsPublished.Select(static m => m.Key + "_as_published")]);
        foreach (CaseResult result in cases)
        {
            string[] published =
            [
                .. Metric.AsPublished.Select(m =>
                    result.IsUncertain || result.AsPublished is not { } values ? "" : Number(m.Value(values))),
            ];
            foreach (SegmentationMetrics metrics in result.Classes)
            {
                AppendRow(
                    text,
                    [
                        CsvField.Of(result.Name),
                        CsvField.Of(result.Subgroup ?? ""),
                        CsvField.Of(grouping.Units?[result.Name] ?? ""),
                        metrics.Class.ToString(CultureInfo.InvariantCulture),
                        CsvField.Of(info.Classes[metrics.Class - 1]),
                        result.OutcomeOf(metrics),
                        metrics.Confusion.ReferenceArea.ToString(CultureInfo.InvariantCulture),
                        metrics.Confusion.PredictedArea.ToString(CultureInfo.InvariantCulture),
                        Number(result.Presence ?? double.NaN),
                        result.HasIgnored ? "1" : "0",
                        result.ReferenceSha256?[..Digits] ?? "",
                        .. Metric.All.Select(m => result.IsUncertain ? "" : Number(m.Value(metrics))),
                        .. published,
                    ]);
            }
        }

        return text.ToString();
    }

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void AppendRow(StringBuilder text, IEnumerable<string> fields) => text.AppendJoin(',', fields).Append("\r\n");
}
