using System.Globalization;
using System.Net;
using System.Text;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// The page <c>gallery.html</c>: what was found in each image, sorted as the reader likes. It stands beside the overlays that it shows, and
/// takes nothing from anywhere else.
/// </summary>
/// <param name="settings">What was wanted.</param>
internal sealed class Gallery(PredictionSettings settings)
{
    private static readonly string Head = $"""
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>What was found</title>
        <style>
        {Read("gallery.css")}
        </style>
        <h1>What was found</h1>

        """;

    // What the figure of an image that failed begins with.
    private const string Failed = "<figure class=\"failed\">";

    private static readonly string Sorting = $"""
        <script>
        {Read("gallery.js")}
        </script>

        """;

    /// <summary>The page.</summary>
    /// <param name="figures">The images' figures, in order.</param>
    /// <param name="withFinding">The number of images with a finding.</param>
    public static string ToHtml(IReadOnlyCollection<string> figures, int withFinding)
    {
        StringBuilder html = new(Head);
        html.Append(CultureInfo.InvariantCulture, $"<p><strong>{SegmentationReport.NotMedical}</strong> ");
        html.Append(CultureInfo.InvariantCulture, $"{Quantity.Of(figures.Count, "image")}, {withFinding} of them with a finding");
        int failed = figures.Count(IsFailure);
        html.Append(failed == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", <strong>{failed} not segmented</strong>"));
        html.Append(".</p>\n<p><label>Sorted by <select><option value=\"\">name</option>");
        html.Append("<option value=\"confidence\">confidence</option><option value=\"presence\">presence</option>");
        html.Append("<option value=\"area\">area</option></select></label></p>\n<main>\n");
        return html.AppendJoin("", figures).Append("</main>\n").Append(Sorting).Append("</html>\n").ToString();
    }

    /// <summary>Whether a figure is that of an image that failed.</summary>
    public static bool IsFailure(string figure) => figure.StartsWith(Failed, StringComparison.Ordinal);

    /// <summary>What the page shows of an image; null where it was not come to.</summary>
    /// <param name="image">The image.</param>
    /// <param name="summary">What became of it. Who opens the page alone learns of a failure too.</param>
    public string? FigureOf(ImageInput image, PredictionSummary summary)
    {
        if (summary.Find(image) is not { } report)
        {
            return summary.FindProblem(image) is { } problem
                ? $"{Failed}<figcaption><b>{Text(image.Name)}</b><span>not segmented: {Text(problem)}</span></figcaption></figure>\n"
                : null;
        }

        StringBuilder html = new();
        double? confidence = report.Lesions.Max(static lesion => lesion.Confidence);
        html.Append(CultureInfo.InvariantCulture, $"<figure data-confidence=\"{confidence}\" data-presence=\"{report.Presence}\" ");
        html.Append(CultureInfo.InvariantCulture, $"data-area=\"{report.Area}\">");
        if (settings.ResultsOf(image).Overlay is { } overlay)
        {
            string address = string.Join('/', overlay.Split('/').Select(Uri.EscapeDataString));
            html.Append(CultureInfo.InvariantCulture, $"<a href=\"{address}\"><img loading=\"lazy\" alt=\"\" src=\"{address}\"></a>");
        }

        html.Append(CultureInfo.InvariantCulture, $"<figcaption><b>{Text(image.Name)}</b>");
        html.Append(Describe(report, confidence, summary.FindProblem(image))).Append("</figcaption>");
        return html.Append("</figure>\n").ToString();
    }

    private static string Describe(SegmentationReport report, double? confidence, string? problem)
    {
        List<string> lines =
        [
            report.HasFinding ? Quantity.Of(report.Lesions.Count, "lesion") : "no finding",
        ];
        if (report.HasFinding && confidence is { } highest)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"highest confidence: {Math.Round(100 * highest)} %"));
        }

        if (report.Presence is { } presence)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"presence: {presence:0.0}"));
        }

        if (report.Lesions is [{ LongAxisMm: { } longAxis } largest, ..])
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"the largest: {longAxis:0.0} x {largest.ShortAxisMm:0.0} mm"));
        }

        lines.AddRange(report.Warnings ?? []);
        lines.AddRange(problem is null ? [] : [problem]);
        return string.Concat(lines.Select(static line => $"<span>{Text(line)}</span>"));
    }

    private static string Read(string name)
    {
        using StreamReader reader = new(typeof(Gallery).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().TrimEnd();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(PrintableText.Of(text));
}
