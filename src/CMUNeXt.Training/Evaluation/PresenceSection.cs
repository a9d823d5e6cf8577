using System.Globalization;
using System.Text;
using static CMUNeXt.Training.Evaluation.ReportTables;

namespace CMUNeXt.Training.Evaluation;

/// <summary>The report's section on healthy images and detected lesions.</summary>
internal static class PresenceSection
{
    /// <summary>The section as HTML.</summary>
    /// <param name="presence">What it shows.</param>
    /// <param name="foldThresholds">The presence threshold of each fold's weights, where these differ.</param>
    public static string Html(PresenceSummary presence, IReadOnlyList<double?>? foldThresholds)
    {
        StringBuilder html = new(
            $"""<section><h2>Presence and detection</h2><p>{presence.Healthy} healthy images, {presence.WithLesion} with a lesion.""");
        html.Append((presence.Threshold, foldThresholds) switch
        {
            ({ } threshold, _) => $" Nothing is outlined where the presence is at or below {Score(threshold)}.</p>",
            (null, { } own) => " Nothing is outlined where the presence is at or below the threshold of the fold's own weights "
                + $"({string.Join(", ", own.Select(Score))}).</p>",
            _ => " No presence threshold is applied, so all that is found counts.</p>",
        });
        html.Append("""<div class="scroll"><table><tbody>""");
        Row("Area under the ROC curve of presence",
            presence.RocArea is { } area ? area.ToString("0.000", CultureInfo.InvariantCulture) : null);
        Row("Sensitivity at 90 % specificity, %", Percent(presence.SensitivityAt90));
        Row("Sensitivity at 95 % specificity, %", Percent(presence.SensitivityAt95));
        Row("Healthy images with a false positive", Interval(presence.FalsePositiveImages));
        Row("The same with a confidence of at least 50 %", Interval(presence.ConfidentFalsePositiveImages));
        Row("False positives a healthy image", presence.FalsePositivesAHealthyImage?.ToString("0.00", CultureInfo.InvariantCulture));
        Row("False positives an image with a lesion", presence.FalsePositivesALesionImage?.ToString("0.00", CultureInfo.InvariantCulture));
        foreach (FrocCurve froc in presence.Froc)
        {
            string at = string.Join(", ", froc.Sensitivity.Select(s => Percent(s)));
            Row(string.Create(
                CultureInfo.InvariantCulture,
                $"Lesions hit (IoU at least {froc.LeastIou}) at 1/8, 1/4, 1/2, 1 false positives an image, %"), at);
        }

        foreach (MissedLesions missed in presence.MissedBySize)
        {
            Row(string.Create(
                CultureInfo.InvariantCulture,
                $"Missed, {missed.Size} lesions ({100 * missed.LeastArea:0.0} to {100 * missed.LargestArea:0.0} % of the image)"),
                    Interval(missed.Missed));
        }

        html.Append("</tbody></table></div>");
        if (presence.Roc.Count > 0)
        {
            html.Append(CurveDiagram.Svg("1 - specificity", 1, [("presence of a lesion", presence.Roc)]));
        }

        if (presence.Froc.Count > 0)
        {
            html.Append(CurveDiagram.Svg(
                "false positives an image", 1,
                [.. presence.Froc.Select(f => (string.Create(CultureInfo.InvariantCulture, $"IoU at least {f.LeastIou}"), f.Points))]));
        }

        return html.Append("""<p class="soft">Intervals are Wilson's, of 95 %. A found lesion is a false positive where its IoU with """
            + """every lesion of the reference is below 0.1.</p></section>""").ToString();

        void Row(string name, string? value)
        {
            if (value is not null)
            {
                html.Append(CultureInfo.InvariantCulture, $"""<tr><td>{Escaped(name)}</td><td>{Escaped(value)}</td></tr>""");
            }
        }
    }

    /// <summary>A count of a number with its interval: "16 of 128 (12.5 %, 7.8 to 19.3 %)".</summary>
    public static string? Interval(WilsonInterval? interval) => interval is null ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"{interval.Count} of {interval.Of} ({100.0 * interval.Count / interval.Of:0.0} %, "
            + $"{100 * interval.Low:0.0} to {100 * interval.High:0.0} %)");

    private static string Score(double? threshold) => threshold?.ToString("0.00", CultureInfo.InvariantCulture) ?? "none";

    private static string? Percent(double? part) => part is { } p ? (100 * p).ToString("0.0", CultureInfo.InvariantCulture) : null;
}
