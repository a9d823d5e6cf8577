using System.Globalization;
using System.Text;
using CMUNeXt.Files;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// The table <c>cases.csv</c> (RFC 4180): a row for each case and class. Undefined values are empty. The columns of the original
/// definition are of the whole case, and stand in each of its rows.
/// </summary>
internal static class CaseTable
{
    private static readonly string[] Lead = ["case", "subgroup", "class", "class_name", "outcome", "truth_area", "predicted_area"];

    /// <summary>Builds the table.</summary>
    public static string Csv(EvaluationInfo info, IReadOnlyList<CaseResult> cases)
    {
        StringBuilder text = new();
        AppendRow(text, [.. Lead, .. Metric.Honest.Select(static m => m.Key), .. Metric.Original.Select(static m => "original_" + m.Key)]);
        foreach (CaseResult result in cases)
        {
            string[] original = [.. Metric.Original.Select(m => result.Original is null ? "" : Number(m.Value(result.Original)))];
            foreach (SegmentationMetrics metrics in result.Classes)
            {
                AppendRow(
                    text,
                    [
                        result.Name,
                        result.Subgroup ?? "",
                        metrics.Class.ToString(CultureInfo.InvariantCulture),
                        info.Classes[metrics.Class - 1],
                        Metric.Key(metrics.Confusion.Outcome),
                        metrics.Confusion.TruthArea.ToString(CultureInfo.InvariantCulture),
                        metrics.Confusion.PredictedArea.ToString(CultureInfo.InvariantCulture),
                        .. Metric.Honest.Select(m => Number(m.Value(metrics))),
                        .. original,
                    ]);
            }
        }

        return text.ToString();
    }

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void AppendRow(StringBuilder text, IEnumerable<string> fields) =>
        text.AppendJoin(',', fields.Select(CsvField.Of)).Append("\r\n");
}
