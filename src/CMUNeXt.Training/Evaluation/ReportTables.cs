using System.Globalization;
using System.Net;
using System.Text;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Evaluation;

/// <summary>The tables of a report, as HTML.</summary>
internal static class ReportTables
{
    private const string Undefined = """<span class="none">–</span>""";

    private static readonly string[] GroupMetrics = ["iou", "dice", "sensitivity", "precision", "hd95", "assd"];

    /// <summary>Text from outside, made safe for a page.</summary>
    public static string Escaped(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A ratio in percent, or a distance in pixels, with two decimals; a dash where it is undefined.</summary>
    public static string Number(double? value, bool inPixels) =>
        value is { } v && !double.IsNaN(v) ? (inPixels ? v : v * 100).ToString("0.00", CultureInfo.InvariantCulture) : Undefined;

    /// <summary>An outcome in words.</summary>
    public static string Words(string outcome) => outcome.Replace('_', ' ');

    /// <summary>A row for each metric with mean, standard deviation, median and the number of defined values.</summary>
    public static string Statistics<T>(IEnumerable<Metric<T>> metrics, IReadOnlyDictionary<string, Statistic> values)
    {
        StringBuilder html = new("<table><thead><tr><th>Metric</th><th>Mean</th><th>95 % interval</th><th>± SD</th><th>Median</th>");
        html.Append("<th>Defined in</th></tr></thead><tbody>");
        foreach (Metric<T> metric in metrics)
        {
            Statistic value = values[metric.Key];
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{metric.Label}, {Unit(metric.InPixels)}</td><td><b>{Number(value.Mean, metric.InPixels)}</b></td><td>"
                    + $"{Interval(value.Interval, metric.InPixels)}</td><td>{Number(value.StandardDeviation, metric.InPixels)}</td><td>"
                    + $"{Number(value.Median, metric.InPixels)}</td><td>{value.Count}</td></tr>");
        }

        return html.Append("</tbody></table>").ToString();
    }

    /// <summary>A row for each class of the reference, a column for each of the prediction.</summary>
    public static string Confusion(IReadOnlyList<string> names, IReadOnlyList<IReadOnlyList<long>> counts)
    {
        StringBuilder html = new("<table><thead><tr><th>Reference</th>");
        html.AppendJoin("", names.Select(static name => $"<th>{Escaped(name)}</th>")).Append("</tr></thead><tbody>");
        for (int r = 0; r < names.Count; r++)
        {
            long all = counts[r].Sum();
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escaped(names[r])}</td>");
            foreach (long count in counts[r])
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<td>{count}{(all > 0 ? $" ({Number((double)count / all, false)} %)" : "")}</td>");
            }

            html.Append("</tr>");
        }

        return html.Append("</tbody></table>").ToString();
    }

    /// <summary>The mean over the classes of each metric.</summary>
    public static string MeanOverClasses(MetricsSummary metrics)
    {
        StringBuilder html = new("""<table><thead><tr><th>Metric</th><th>Mean over the classes</th></tr></thead><tbody>""");
        foreach (Metric<SegmentationMetrics> metric in Metric.All)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{metric.Label}, {Unit(metric.InPixels)}</td>"
                    + $"<td><b>{Number(metrics.MeanWherePresent(metric.Key), metric.InPixels)}</b></td></tr>");
        }

        return html.Append("</tbody></table>").ToString();
    }

    /// <summary>A row for each group and class: outcomes, and the means of the main metrics.</summary>
    public static string Groups(IEnumerable<GroupSummary> groups, bool severalClasses)
    {
        Metric<SegmentationMetrics>[] metrics = [.. Metric.All.Where(static m => GroupMetrics.Contains(m.Key))];
        StringBuilder html = new("<table><thead><tr><th>Cases</th>");
        html.Append(severalClasses ? """<th class="text">Class</th>""" : "")
            .Append("<th>Number</th><th>Both present</th><th>Missed</th><th>False positive</th><th>Correctly empty</th>");
        foreach (Metric<SegmentationMetrics> metric in metrics)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th>{metric.Label}, {Unit(metric.InPixels)}</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (GroupSummary group in groups)
        {
            foreach (ClassSummary summary in group.Metrics.ClassesAndAny)
            {
                html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escaped(group.Name ?? "all")}</td>")
                    .Append(severalClasses ? $"""<td class="text">{Escaped(summary.Name)}</td>""" : "")
                    .Append(CultureInfo.InvariantCulture, $"<td>{group.Cases}</td><td>{summary.BothPresent}</td><td>{summary.Missed}</td>"
                        + $"<td>{summary.FalsePositive}</td><td>{summary.CorrectlyEmpty}</td>");
                foreach (Metric<SegmentationMetrics> metric in metrics)
                {
                    html.Append(
                        CultureInfo.InvariantCulture,
                        $"<td>{Number(summary.Present[metric.Key].Mean, metric.InPixels)}</td>");
                }

                html.Append("</tr>");
            }
        }

        return html.Append("</tbody></table>").ToString();
    }

    /// <summary>A row for each class with cases whose reference is empty.</summary>
    public static string EmptyReferences(IReadOnlyList<ClassSummary> classes)
    {
        StringBuilder html = new("<table><thead><tr><th>Class</th><th>Cases</th><th>Found</th><th>Found, "
            + "%</th><th>With a confidence of at least 50 %</th><th>Found area, %</th><th>Median, %</th></tr></thead><tbody>");
        foreach (ClassSummary summary in classes)
        {
            if (summary.EmptyReference is { } empty)
            {
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr><td>{Escaped(summary.Name)}</td><td>{empty.Cases}</td><td>{empty.Found}</td><td>"
                        + $"{Number(empty.FoundFraction, false)}</td><td>{(empty.Confident is { } confident ? confident : Undefined)}</td>"
                        + $"<td>{Number(empty.FoundArea.Mean, false)}</td><td>{Number(empty.FoundArea.Median, false)}</td></tr>");
            }
        }

        return html.Append("</tbody></table>").ToString();
    }

    /// <summary>A row for each case and class, which the page's script sorts.</summary>
    public static string Cases(EvaluationInfo info, IReadOnlyList<CaseResult> cases)
    {
        bool severalClasses = info.Classes.Count > 1;
        bool published = cases.Any(static c => c.AsPublished is not null);
        StringBuilder html = new("<table><thead><tr>");
        string[] heads =
        [
            "Case",
            .. severalClasses ? ["Class"] : Array.Empty<string>(),
            "Outcome",
            .. Metric.All.Where(static m => m.Key != "f1").Select(m => m.Label),
            .. published ? ["IoU as published", "F1 as published"] : Array.Empty<string>(),
        ];
        foreach (string head in heads)
        {
            string text = head is "Class" or "Outcome" ? " class=\"text\"" : "";
            html.Append(CultureInfo.InvariantCulture, $"""<th{text}><button type="button">{head}</button></th>""");
        }

        html.Append("</tr></thead><tbody>");
        foreach (CaseResult result in cases)
        {
            foreach (SegmentationMetrics metrics in result.Classes)
            {
                string outcome = result.OutcomeOf(metrics);
                html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Escaped(result.Name)}</td>")
                    .Append(severalClasses ? $"""<td class="text">{Escaped(info.Classes[metrics.Class - 1])}</td>""" : "")
                    .Append(CultureInfo.InvariantCulture, $"""<td class="text {outcome}">{Words(outcome)}</td>""");
                foreach (Metric<SegmentationMetrics> metric in Metric.All.Where(static m => m.Key != "f1"))
                {
                    AppendSortable(html, result.IsUncertain ? double.NaN : metric.Value(metrics), metric.InPixels);
                }

                if (published)
                {
                    AppendSortable(html, result.AsPublished?.Iou ?? double.NaN, inPixels: false);
                    AppendSortable(html, result.AsPublished?.F1 ?? double.NaN, inPixels: false);
                }

                html.Append("</tr>");
            }
        }

        return html.Append("</tbody></table>").ToString();
    }

    private static void AppendSortable(StringBuilder html, double value, bool inPixels)
    {
        string sortedBy = double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);
        html.Append(CultureInfo.InvariantCulture, $"""<td data-v="{sortedBy}">{Number(value, inPixels)}</td>""");
    }

    private static string Interval(MeanInterval? interval, bool inPixels) =>
        interval is null ? Undefined : $"{Number(interval.Low, inPixels)} to {Number(interval.High, inPixels)}";

    private static string Unit(bool inPixels) => inPixels ? "px" : "%";
}
