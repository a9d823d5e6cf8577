using CMUNeXt.Files;

using ScottPlot;

namespace CMUNeXt.Drawing.Plots;

/// <summary>Grouped bars with their spread as a PNG, and curves below them.</summary>
public static class BarsPlot
{
    private const int PanelsAcross = 3;

    // A group and the gap behind it, in bars.
    private const double Gap = 1;

    /// <summary>Draws and writes a plot.</summary>
    /// <param name="path">The PNG file.</param>
    /// <param name="bars">Panels of bars, three in a row; at least one.</param>
    /// <param name="curves">Panels of curves in rows below them.</param>
    /// <exception cref="ArgumentException">There is no panel, or a series has not as many values as it needs.</exception>
    /// <exception cref="IOException">The file could not be written; what stood under the name is untouched.</exception>
    public static void Save(string path, IReadOnlyList<BarsPanel> bars, IReadOnlyList<CurvesPanel> curves) =>
        AtomicFile.WriteBytes(path, EncodePng(bars, curves));

    /// <summary>Draws a plot.</summary>
    /// <inheritdoc cref="Save"/>
    public static byte[] EncodePng(IReadOnlyList<BarsPanel> bars, IReadOnlyList<CurvesPanel> curves)
    {
        ArgumentNullException.ThrowIfNull(bars);
        ArgumentNullException.ThrowIfNull(curves);
        return bars.Count == 0
            ? throw new ArgumentException("A plot needs a panel.", nameof(bars))
            : PanelSheet.EncodePng([.. bars.Select(Build).Chunk(PanelsAcross), .. curves.Select(CurvesPlot.Build).Chunk(PanelsAcross)]);
    }

    private static Plot Build(BarsPanel panel)
    {
        Plot plot = PanelSheet.NewPanel(panel.Title, "", panel.YLabel);
        double pitch = panel.Series.Count + Gap;
        for (int i = 0; i < panel.Series.Count; i++)
        {
            BarsSeries series = panel.Series[i];
            if (series.Bars.Count != panel.Groups.Count)
            {
                throw new ArgumentException(
                    $"\"{series.Name}\" has {series.Bars.Count} bars for {panel.Groups.Count} groups.", nameof(panel));
            }

            Color color = PanelSheet.Colors[i % PanelSheet.Colors.Length];
            ScottPlot.Plottables.BarPlot bars = plot.Add.Bars(
                series.Bars.Select((bar, group) => (bar, group)).Where(at => at.bar is not null).Select(at =>
                new ScottPlot.Bar
                {
                    Position = (at.group * pitch) + i,
                    Value = at.bar!.Height,
                    FillColor = color,
                    LineWidth = 0,
                    Size = 0.9,
                }).ToArray());
            bars.LegendText = series.Name;
            for (int group = 0; group < series.Bars.Count; group++)
            {
                if (series.Bars[group] is { } bar)
                {
                    double x = (group * pitch) + i;
                    plot.Add.Line(x, bar.Least, x, bar.Most).LineStyle = new LineStyle(2, Colors.Black);
                }
            }
        }

        double[] middles = [.. panel.Groups.Select((_, group) => (group * pitch) + ((panel.Series.Count - 1) / 2.0))];
        plot.Axes.Bottom.SetTicks(middles, [.. panel.Groups]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.HideGrid();
        PanelSheet.ShowLegend(plot);

        // Set rather than found, so that a bar that is missing leaves its place.
        double highest = panel.Series.SelectMany(series => series.Bars).Select(bar => Math.Max(bar?.Height ?? 0, bar?.Most ?? 0))
            .DefaultIfEmpty().Max();
        plot.Axes.SetLimits(-Gap, (Math.Max(1, panel.Groups.Count) * pitch) - Gap, 0, highest > 0 ? 1.08 * highest : 1);
        return plot;
    }
}
