using System.Globalization;
using System.Text;
using CMUNeXt.Training.Metrics;
using static CMUNeXt.Training.Evaluation.ReportTables;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// The page <c>report.html</c>: everything in one file, nothing from outside. Its content policy forbids the browser to load or run
/// anything else, whatever a name may contain.
/// </summary>
internal static class ReportPage
{
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    /// <summary>Builds the page.</summary>
    public static string Html(EvaluationSummary summary, IReadOnlyList<CaseResult> cases, Func<string, byte[]> overlayPng)
    {
        EvaluationInfo info = summary.Info;
        string title = Escaped($"Segmentation of {info.Data} by {info.Model ?? info.Predictions ?? "given masks"}");
        StringBuilder html = new();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}"><title>{title}</title>
            <style>{ReportStyle.Css}</style></head><body>
            <header><div><h1>{title}</h1>{Head(info, cases.Count)}</div></header><main>

            """);
        AppendTiles(html, summary.All);
        AppendNotes(html, info);
        AppendSummaries(html, summary);
        AppendConfusion(html, summary.Confusion);
        AppendEmptyReferences(html, summary.All);
        html.Append(summary.Presence is { } presence ? PresenceSection.Html(presence, info.PresenceThresholds) : "");
        AppendConfidence(html, summary.Lesions);
        AppendHistogram(html, cases);
        AppendGalleries(html, info, cases, overlayPng);
        html.Append(CultureInfo.InvariantCulture, $"""
            <section class="cases"><h2>All cases</h2>
            <p class="soft">Ratios in %, distances in pixels of the original image. A click on a column's name sorts by it.</p>
            <div class="scroll">{Cases(info, cases)}</div></section></main>
            <footer>{Foot(info)}</footer>
            <script>{ReportStyle.Script}</script></body></html>

            """);
        return html.ToString();
    }

    private static string Head(EvaluationInfo info, int cases)
    {
        (string Name, string? Value)[] rows =
        [
            ("Data set", info.Data),
            ("List", string.Create(CultureInfo.InvariantCulture, $"{info.List} ({cases} cases)")),
            ("Classes", info.Classes.Count > 1 ? string.Join(", ", info.Classes) : null),
            ("Model", info.Model),
            ("Weights", info.WeightFiles > 1 ? $"{info.Weights} ({info.WeightFiles} files)" : info.Weights),
            ("SHA-256", info.WeightsSha256),
            ("Predictions", info.Predictions),
            ("Backend", info.Backend),
            ("Flips", info.Flips ? "the mean over each image's flips that the training showed" : null),
            ("Intervals", info.Unit is null ? "95 %, bootstrap over the cases" : $"95 %, bootstrap over {info.Unit}"),
        ];
        IEnumerable<string> known = rows.Where(static r => r.Value is not null)
            .Select(static r => $"<dt>{r.Name}</dt><dd>{Escaped(r.Value!)}</dd>");
        return $"<dl>{string.Concat(known)}</dl>";
    }

    private static void AppendTiles(StringBuilder html, GroupSummary all)
    {
        html.Append("""<div class="tiles">""");
        bool healthy = all.Metrics.Classes.Any(static one => one.EmptyReference is not null);
        foreach (Metric<SegmentationMetrics> metric in Metric.All.Where(
            static m => m.Key is "iou" or "dice" or "sensitivity" or "precision" or "hd95"))
        {
            Tile(Number(all.Metrics.MeanWherePresent(metric.Key), metric.InPixels) + $"<small>{(metric.InPixels ? "px" : "%")}</small>",
                $"{metric.Label}, mean{(healthy ? " where there is a lesion" : "")}", warn: false);
        }

        int missed = all.Metrics.Classes.Sum(static c => c.Missed);
        int falsePositives = all.Metrics.Classes.Sum(static c => c.FalsePositive);
        Tile(missed.ToString(CultureInfo.InvariantCulture), "missed", missed > 0);
        Tile(
            falsePositives.ToString(CultureInfo.InvariantCulture),
            falsePositives == 1 ? "false positive" : "false positives",
            falsePositives > 0);
        html.Append("</div>");

        void Tile(string value, string label, bool warn) =>
            html.Append($"""<div class="tile{(warn ? " warn" : "")}"><b>{value}</b><span>{label}</span></div>""");
    }

    private static void AppendNotes(StringBuilder html, EvaluationInfo info)
    {
        string[] notes = [.. info.Notes, .. info.Caution is null ? Array.Empty<string>() : [info.Caution]];
        if (notes.Length > 0)
        {
            html.Append("<h2>Notes</h2><ul>").AppendJoin("", notes.Select(static n => $"<li>{Escaped(n)}</li>")).Append("</ul>");
        }
    }

    private static void AppendSummaries(StringBuilder html, EvaluationSummary summary)
    {
        MetricsSummary metrics = summary.All.Metrics;
        bool severalClasses = metrics.Classes.Count > 1;
        html.Append("""<div class="columns"><section><h2>Metrics <span class="tag">original size</span></h2><p class="soft">Each """
            + """case and class on its own, where the reference holds it, at the image's original size; nothing is smoothed.</p>""");
        foreach (ClassSummary summaryOfClass in metrics.Classes)
        {
            html.Append(severalClasses ? $"<h3>{Escaped(summaryOfClass.Name)}</h3>" : "")
                .Append(Statistics(Metric.All, summaryOfClass.Present));
        }

        if (severalClasses)
        {
            html.Append("<h3>Mean over the classes</h3>").Append(MeanOverClasses(metrics));
        }

        if (metrics.AnyClass is { } any)
        {
            html.Append("<h3>Any class</h3>").Append(Statistics(Metric.All, any.Present));
        }

        html.Append("</section>");
        if (summary.All.AsPublished is { } published)
        {
            html.Append("""<section class="original"><h2>Metrics as published """
                + """<span class="tag">network's size</span></h2><p class="soft">As the published code computes them, each image alone, """
                + """at the network's size, the mean over the classes where there are several. For comparison with published """
                + """numbers only.</p>""")
                .Append(Statistics(Metric.AsPublished, published))
                .Append("""<p class="soft">These are smoothed, and in sensitivity, precision, F1, """
                    + """specificity and accuracy an empty reference counts as all foreground. They are of the logits alone: """
                    + """what a presence threshold leaves out counts here.</p></section>""");
        }

        GroupSummary[] groups = [summary.All, .. summary.ByPresence, .. summary.Subgroups, .. summary.Sizes];
        html.Append(CultureInfo.InvariantCulture, $"""
            </div><section><h2>Outcomes</h2><div class="scroll">{Groups(groups, severalClasses)}</div>
            <p class="soft">Means of the metrics, over the cases whose reference holds the class.
            {Escaped(summary.EmptyMasks)}</p></section>

            """);
    }

    private static void AppendConfusion(StringBuilder html, ClassConfusion? confusion)
    {
        if (confusion is not null)
        {
            html.Append(CultureInfo.InvariantCulture, $"""
                <section><h2>Confusion of the classes</h2><div class="columns">
                <section><h3>Images</h3>{Confusion(confusion.Names, confusion.Images)}</section>
                <section><h3>Pixels</h3>{Confusion(confusion.Names, confusion.Pixels)}</section></div>
                <p class="soft">Rows: the reference; columns: the prediction.
                An image counts to the class of most of its lesions' pixels.</p></section>

                """);
        }
    }

    private static void AppendEmptyReferences(StringBuilder html, GroupSummary all)
    {
        if (all.Metrics.Classes.Any(static c => c.EmptyReference is not null))
        {
            // An image without one of several classes may hold another.
            (string title, string which) = all.Metrics.Classes.Count > 1
                ? ("Images without the class", "does not hold the class")
                : ("Healthy images", "is empty");
            html.Append(
                CultureInfo.InvariantCulture,
                $"""<section><h2>{title}</h2><div class="scroll">{EmptyReferences(all.Metrics.Classes)}</div><p class="soft">The """
                    + $"""cases whose reference {which}. Found: at least one pixel. The area is the part of the image, """
                    + $"""over all these cases.</p></section>""");
        }
    }

    private static void AppendConfidence(StringBuilder html, LesionSummary? lesions)
    {
        if (lesions is null)
        {
            return;
        }

        string found = lesions.Found == 1 ? "1 lesion was" : $"{lesions.Found} lesions were";
        html.Append(
            CultureInfo.InvariantCulture,
            $"<section><h2>Confidence</h2><p>{found} found (connected components of the masks); "
                + $"the IoU of {lesions.Right} with a lesion of the reference is at least 0.5.</p>");
        html.Append(lesions.Reliability is { } reliability
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"""{ReliabilityDiagram.Svg([("these cases", reliability)])}<p class="soft">The confidence of a lesion is the """
                    + $"""probability that its IoU is at least 0.5. Expected calibration error over {reliability.Bins.Count} bins of """
                    + $"""equally many lesions: {Number(reliability.ExpectedCalibrationError, false)} %; perfectly calibrated """
                    + $"""confidences would show {Number(reliability.ByChance, false)} % by chance (95th percentile """
                    + $"""{Number(reliability.ByChance95, false)} %). It says something only on cases that the calibration was not """
                    + $"""fitted to.</p></section>""")
            : """<p class="soft">The lesions have no confidence: the weights carry no calibration, or none for flips or """
                + """for a mean of networks.</p></section>""");
    }

    private static void AppendHistogram(StringBuilder html, IReadOnlyList<CaseResult> cases)
    {
        double[] values = [.. cases.Select(IouWherePresent).Where(double.IsFinite)];
        html.Append("<section><h2>Distribution of IoU</h2>");
        if (Statistic.Of(values).Median is { } median)
        {
            html.Append(IouHistogram.Svg(values, median));
        }

        html.Append(
            CultureInfo.InvariantCulture,
            $"""<p class="soft">IoU of the {values.Length} cases with a lesion (mean over the classes that they hold, where there are """
                + $"""several). The other {cases.Count - values.Length} have none.</p></section>""");
    }

    private static double IouWherePresent(CaseResult result) => result.Classes
        .Where(static one => one.Confusion.ReferenceArea > 0).Select(static one => one.Confusion.Iou).DefaultIfEmpty(double.NaN).Average();

    private static void AppendGalleries(
        StringBuilder html, EvaluationInfo info, IReadOnlyList<CaseResult> cases, Func<string, byte[]> overlayPng)
    {
        foreach (CaseSelection selection in CaseSelection.Of(cases))
        {
            html.Append(CultureInfo.InvariantCulture, $"<section><h2>{selection.Title}</h2>")
                .Append(info.OverlayLegend is null ? "" : $"""<p class="soft">{Escaped(info.OverlayLegend)}</p>""")
                .Append("""<div class="gallery">""");
            foreach (CaseResult result in selection.Cases)
            {
                string image = Convert.ToBase64String(overlayPng(result.Name));
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"""<figure><img alt="{Escaped(result.Name)}" """
                        + $"""src="data:image/png;base64,{image}"><figcaption>"""
                        + $"""<b>{Escaped(result.Name)}</b>{Caption(info, result)}</figcaption></figure>""");
            }

            html.Append("</div></section>");
        }
    }

    private static string Caption(EvaluationInfo info, CaseResult result) => string.Join("<br>", result.Classes.Select(metrics =>
    {
        string outcome = result.OutcomeOf(metrics);
        string name = info.Classes.Count > 1 ? Escaped(info.Classes[metrics.Class - 1]) + ": " : "";
        string confidence = string.Join(", ", result.Lesions.Where(lesion => lesion.Class == metrics.Class && lesion.Confidence is not null)
            .Select(lesion => string.Create(CultureInfo.InvariantCulture, $"{100 * lesion.Confidence!.Value:0} %")));
        confidence = confidence.Length == 0 ? "" : $"<br><span>confidence {confidence}</span>";
        return (metrics.Confusion.Outcome == Outcome.BothPresent
            ? $"<span>{name}IoU {Number(metrics.Confusion.Iou, false)} %, Dice {Number(metrics.Confusion.Dice, false)} %, "
                + $"HD95 {Number(metrics.Surface.Hd95, true)} px</span>"
            : $"""<span class="{outcome}">{name}{Words(outcome)}</span>""") + confidence;
    }));

    private static string Foot(EvaluationInfo info) =>
        "<p>HD95 is the larger of the two directed 95th percentiles between the 4-connected borders; ASSD averages over both borders. "
        + "SD is the standard deviation of a sample (n - 1). Within one case F1 and Dice are the same number.</p>"
        + (info.Citation is null ? "" : $"<p>Data: {Escaped(info.Citation)}.</p>");
}
