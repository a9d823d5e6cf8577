using System.Globalization;
using System.Text;

namespace CMUNeXt.Training.Evaluation;

/// <summary>A reliability diagram as an SVG image: how often lesions are right over how often they were said to be.</summary>
internal static class ReliabilityDiagram
{
    private const int Side = 320;
    private const int Left = 60;
    private const int Top = 16;

    private static readonly string[] Colors = ["#0b6e75", "#d9822b", "#7a4fa3"];

    /// <summary>Draws one or more series; a point is a bin, a larger one of more lesions.</summary>
    /// <param name="series">At most three, each with its name.</param>
    public static string Svg(IReadOnlyList<(string Name, Reliability Reliability)> series)
    {
        int height = Top + Side + 50 + (20 * series.Count);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Left + Side + 20}" height="{height}" viewBox="0 0 {Left + Side + 20} """
                + $"""{height}" font-family="sans-serif" font-size="12" role="img" aria-label="Reliability diagram">""");
        svg.Append("""<rect width="100%" height="100%" fill="#fff"/>""");
        for (int tick = 0; tick <= 10; tick += 2)
        {
            double value = tick / 10.0;
            svg.Append(CultureInfo.InvariantCulture,
                $"""<path d="M{X(value):0.#} {Top}V{Top + Side}M{Left} {Y(value):0.#}H{Left + Side}" stroke="#dde3e9"/>""");
            svg.Append(CultureInfo.InvariantCulture,
                $"""<text x="{X(value):0.#}" y="{Top + Side + 18}" text-anchor="middle" fill="#5c6b7a">{value:0.0}</text>""");
            svg.Append(CultureInfo.InvariantCulture,
                $"""<text x="{Left - 8}" y="{Y(value) + 4:0.#}" text-anchor="end" fill="#5c6b7a">{value:0.0}</text>""");
        }

        svg.Append(CultureInfo.InvariantCulture, $"""<path d="M{X(0)} {Y(0)}L{X(1)} {Y(1)}" stroke="#8a98a5" stroke-dasharray="5 4"/>""");
        svg.Append(CultureInfo.InvariantCulture,
            $"""<text x="{X(0.5):0.#}" y="{Top + Side + 38}" text-anchor="middle" fill="#1b2530">confidence</text>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text transform="translate(16 {Y(0.5):0.#}) rotate(-90)" text-anchor="middle" """
            + $"""fill="#1b2530">part with IoU of at least 0.5</text>""");
        for (int s = 0; s < series.Count; s++)
        {
            (string name, Reliability reliability) = series[s];
            string line = string.Join(
                ' ', reliability.Bins.Select(
                    bin => string.Create(CultureInfo.InvariantCulture, $"{X(bin.MeanConfidence):0.#},{Y(bin.FractionRight):0.#}")));
            svg.Append(CultureInfo.InvariantCulture,
                $"""<polyline points="{line}" fill="none" stroke="{Colors[s]}" stroke-width="1.5"/>""");
            foreach (ReliabilityBin bin in reliability.Bins)
            {
                svg.Append(CultureInfo.InvariantCulture,
                    $"""<circle cx="{X(bin.MeanConfidence):0.#}" cy="{Y(bin.FractionRight):0.#}" """
                        + $"""r="{Math.Clamp(Math.Sqrt(bin.Lesions), 3, 12):0.#}" fill="{Colors[s]}" """
                        + $"""fill-opacity="0.75"><title>{bin.Lesions} lesions: confidence {bin.MeanConfidence:0.000}, """
                        + $"""right {bin.FractionRight:0.000}</title></circle>""");
            }

            svg.Append(CultureInfo.InvariantCulture,
                $"""<circle cx="{Left + 6}" cy="{Top + Side + 54 + (20 * s)}" r="5" fill="{Colors[s]}"/><text x="{Left + 18}" """
                    + $"""y="{Top + Side + 58 + (20 * s)}" fill="#1b2530">{ReportTables.Escaped(name)}</text>""");
        }

        return svg.Append("</svg>\n").ToString();

        static double X(double value) => Left + (value * Side);

        static double Y(double value) => Top + ((1 - value) * Side);
    }
}
