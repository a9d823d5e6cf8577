using System.Globalization;
using System.Text;

namespace CMUNeXt.Training.Evaluation;

/// <summary>Curves of a sensitivity, as an SVG image: ROC and FROC.</summary>
internal static class CurveDiagram
{
    private const int Side = 280;
    private const int Left = 56;
    private const int Top = 12;

    private static readonly string[] Colors = ["#0b6e75", "#d9822b"];

    /// <summary>Draws curves whose sensitivity goes up from 0 to 1.</summary>
    /// <param name="label">What goes to the right.</param>
    /// <param name="end">Where the axis to the right ends; curves are cut off there.</param>
    /// <param name="curves">At most two, each with its name.</param>
    public static string Svg(string label, double end, IReadOnlyList<(string Name, IReadOnlyList<CurvePoint> Points)> curves)
    {
        int width = Left + Side + 20;
        int height = Top + Side + 50 + (20 * curves.Count);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" """
                + $"""font-family="sans-serif" font-size="12" role="img" aria-label="Sensitivity over """
                + $"""{ReportTables.Escaped(label)}"><rect width="100%" height="100%" fill="#fff"/>""");
        for (int tick = 0; tick <= 4; tick++)
        {
            double part = tick / 4.0;
            svg.Append(CultureInfo.InvariantCulture,
                $"""<path d="M{X(part * end):0.#} {Top}V{Top + Side}M{Left} {Y(part):0.#}H{Left + Side}" stroke="#dde3e9"/>""");
            svg.Append(CultureInfo.InvariantCulture,
                $"""<text x="{X(part * end):0.#}" y="{Top + Side + 18}" text-anchor="middle" fill="#5c6b7a">{part * end:0.##}</text>""");
            svg.Append(CultureInfo.InvariantCulture,
                $"""<text x="{Left - 8}" y="{Y(part) + 4:0.#}" text-anchor="end" fill="#5c6b7a">{part:0.##}</text>""");
        }

        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left + (Side / 2)}" y="{Top + Side + 38}" text-anchor="middle" """
            + $"""fill="#1b2530">{ReportTables.Escaped(label)}</text>""");
        svg.Append(CultureInfo.InvariantCulture,
            $"""<text transform="translate(16 {Top + (Side / 2)}) rotate(-90)" text-anchor="middle" fill="#1b2530">sensitivity</text>""");
        for (int i = 0; i < curves.Count; i++)
        {
            CurvePoint[] points = [.. curves[i].Points.TakeWhile(p => p.X <= end)];

            // Steps: a sensitivity holds until the next false positive.
            string path = $"M{Left} {Top + Side}"
                + string.Concat(points.Select(p => string.Create(CultureInfo.InvariantCulture, $"H{X(p.X):0.#}V{Y(p.Y):0.#}")));
            svg.Append(CultureInfo.InvariantCulture,
                $"""<path d="{path}H{X(end):0.#}" fill="none" stroke="{Colors[i]}" stroke-width="1.8"/>""");
            svg.Append(CultureInfo.InvariantCulture,
                $"""<circle cx="{Left + 6}" cy="{Top + Side + 54 + (20 * i)}" r="5" fill="{Colors[i]}"/><text x="{Left + 18}" """
                    + $"""y="{Top + Side + 58 + (20 * i)}" fill="#1b2530">{ReportTables.Escaped(curves[i].Name)}</text>""");
        }

        return svg.Append("</svg>\n").ToString();

        double X(double value) => Left + (value / end * Side);

        static double Y(double value) => Top + ((1 - value) * Side);
    }
}
