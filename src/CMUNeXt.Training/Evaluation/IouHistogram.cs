using System.Globalization;
using System.Text;

namespace CMUNeXt.Training.Evaluation;

/// <summary>The histogram of the cases' IoU as an inline SVG image.</summary>
internal static class IouHistogram
{
    private const int Bins = 20;
    private const int BarWidth = 32;
    private const int PlotHeight = 200;
    private const int Left = 44;
    private const int Top = 26;

    /// <summary>How many values fall into each of the bins from 0 to 1; 1 falls into the last.</summary>
    public static int[] Count(IEnumerable<double> values)
    {
        int[] counts = new int[Bins];
        foreach (double value in values)
        {
            counts[Math.Min(Bins - 1, (int)(value * Bins))]++;
        }

        return counts;
    }

    /// <summary>Draws the histogram.</summary>
    /// <param name="values">Values in [0, 1], at least one.</param>
    /// <param name="median">Where to mark the median.</param>
    public static string Svg(IReadOnlyCollection<double> values, double median)
    {
        int[] counts = Count(values);
        int step = Step(counts.Max());
        int highest = (counts.Max() + step - 1) / step * step;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg class="histogram" viewBox="0 0 {Left + Bins * BarWidth + 16} """
            + $"""{Top + PlotHeight + 46}" role="img" aria-label="Histogram of IoU">""");
        for (int count = 0; count <= highest; count += step)
        {
            double y = Y(count);
            svg.Append(CultureInfo.InvariantCulture,
                $"""<line class="grid" x1="{Left}" x2="{Left + Bins * BarWidth}" y1="{y:0.#}" y2="{y:0.#}"/>""");
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left - 8}" y="{y + 4:0.#}" text-anchor="end">{count}</text>""");
        }

        for (int bin = 0; bin < Bins; bin++)
        {
            double y = Y(counts[bin]);
            string range = string.Create(CultureInfo.InvariantCulture, $"{bin * 100 / Bins} to {(bin + 1) * 100 / Bins} %: {counts[bin]}");
            svg.Append(CultureInfo.InvariantCulture, $"""<rect x="{Left + bin * BarWidth + 2}" y="{y:0.#}" width="{BarWidth - 4}" """
                + $"""height="{Top + PlotHeight - y:0.#}"><title>{range}</title></rect>""");
        }

        for (int tick = 0; tick <= 10; tick++)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"""<text x="{X(tick / 10.0):0.#}" y="{Top + PlotHeight + 18}" text-anchor="middle">{tick * 10}</text>""");
        }

        svg.Append(CultureInfo.InvariantCulture,
            $"""<line class="median" x1="{X(median):0.#}" x2="{X(median):0.#}" y1="{Top - 8}" y2="{Top + PlotHeight}"/>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text class="median" x="{X(median):0.#}" y="{Top - 12}" """
            + $"""text-anchor="{(median > 0.8 ? "end" : median < 0.2 ? "start" : "middle")}">median {median * 100:0.0}</text>""");
        svg.Append(CultureInfo.InvariantCulture,
            $"""<text x="{X(0.5):0.#}" y="{Top + PlotHeight + 38}" text-anchor="middle">IoU, %</text></svg>""");
        return svg.ToString();

        double Y(int count) => Top + PlotHeight * (1 - (double)count / highest);

        static double X(double value) => Left + value * Bins * BarWidth;
    }

    /// <summary>The distance of the grid lines: 1, 2 or 5 times a power of ten, for at most six of them.</summary>
    private static int Step(int largest)
    {
        int power = 1;
        while (true)
        {
            foreach (int factor in (ReadOnlySpan<int>)[1, 2, 5])
            {
                if (factor * power * 5 >= largest)
                {
                    return factor * power;
                }
            }

            power *= 10;
        }
    }
}
