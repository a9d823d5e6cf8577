using System.Globalization;
using System.Net;
using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// The page <c>gallery.html</c>: what was found in each image, sorted as the reader likes. It stands beside the overlays that it shows, and
/// takes nothing from anywhere else.
/// </summary>
/// <param name="settings">What was wanted.</param>
internal sealed class Gallery(PredictionSettings settings)
{
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>What was found</title>
        <style>
        :root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
        body { margin: 1rem; }
        main { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; }
        figure { margin: 0; border: 1px solid #8888; border-radius: .4rem; overflow: hidden; }
        img { display: block; width: 100%; height: 14rem; object-fit: contain; background: #000; }
        figcaption { padding: .5rem; overflow-wrap: anywhere; }
        figcaption b, figcaption span { display: block; }
        </style>
        <h1>What was found</h1>

        """;

    private const string Sorting = """
        <script>
        const main = document.querySelector('main');
        const inOrder = [...main.children];
        document.querySelector('select').addEventListener('change', event => {
          const key = event.target.value;
          const value = figure => Number(figure.dataset[key] || -Infinity);
          main.append(...(key ? [...inOrder].sort((a, b) => value(b) - value(a) || 0) : inOrder));
        });
        </script>

        """;

    /// <summary>The page.</summary>
    /// <param name="images">The images, in order, with what was found in them; null where that failed, or was not come to.</param>
    public string ToHtml(IEnumerable<(ImageInput Image, SegmentationReport? Report)> images)
    {
        (ImageInput Image, SegmentationReport Report)[] found =
            [.. images.Where(static image => image.Report is not null).Select(static image => (image.Image, image.Report!))];
        StringBuilder html = new(Head);
        html.Append(CultureInfo.InvariantCulture, $"<p><strong>{SegmentationReport.NotMedical}</strong> ");
        html.Append(CultureInfo.InvariantCulture, $"{found.Length} images, {found.Count(static image => image.Report.HasFinding)} ");
        html.Append("of them with a finding.</p>\n<p><label>Sorted by <select><option value=\"\">name</option>");
        html.Append("<option value=\"confidence\">confidence</option><option value=\"presence\">presence</option>");
        html.Append("<option value=\"area\">area</option></select></label></p>\n<main>\n");
        foreach ((ImageInput image, SegmentationReport report) in found)
        {
            Append(html, image, report);
        }

        return html.Append("</main>\n").Append(Sorting).Append("</html>\n").ToString();
    }

    private void Append(StringBuilder html, ImageInput image, SegmentationReport report)
    {
        double? confidence = report.Lesions.Max(static lesion => lesion.Confidence);
        html.Append(CultureInfo.InvariantCulture, $"<figure data-confidence=\"{confidence}\" data-presence=\"{report.Presence}\" ");
        html.Append(CultureInfo.InvariantCulture, $"data-area=\"{report.Area}\">");
        if (settings.ResultsOf(image).Overlay is { } overlay)
        {
            string address = string.Join('/', overlay.Split('/').Select(Uri.EscapeDataString));
            html.Append(CultureInfo.InvariantCulture, $"<a href=\"{address}\"><img loading=\"lazy\" alt=\"\" src=\"{address}\"></a>");
        }

        html.Append(CultureInfo.InvariantCulture, $"<figcaption><b>{Text(image.Name)}</b>{Describe(report, confidence)}</figcaption>");
        html.Append("</figure>\n");
    }

    private static string Describe(SegmentationReport report, double? confidence)
    {
        List<string> lines =
        [
            !report.HasFinding ? "no finding" : report.Lesions.Count == 1 ? "1 lesion" : $"{report.Lesions.Count} lesions",
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

        return string.Concat(lines.Concat(report.Warnings ?? []).Select(static line => $"<span>{Text(line)}</span>"));
    }

    private static string Text(string text) => WebUtility.HtmlEncode(PrintableText.Of(text));
}
