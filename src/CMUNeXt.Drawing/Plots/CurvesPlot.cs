using CMUNeXt.Files;

using ScottPlot;

namespace CMUNeXt.Drawing.Plots;

/// <summary>Curves over epochs as a PNG: panels side by side, each with its curves and a legend.</summary>
public static class CurvesPlot
{
    /// <summary>Draws and writes a plot.</summary>
    /// <param name="path">The PNG file.</param>
    /// <param name="panels">At least one panel, from the left.</param>
    /// <exception cref="ArgumentException">There is no panel, or a curve has not as many ordinates as abscissas.</exception>
    /// <exception cref="IOException">The file could not be written; what stood under the name is untouched.</exception>
    public static void Save(string path, IReadOnlyList<CurvesPanel> panels) => AtomicFile.WriteBytes(path, EncodePng(panels));

    /// <summary>Draws a plot.</summary>
    /// <inheritdoc cref="Save"/>
    public static byte[] EncodePng(IReadOnlyList<CurvesPanel> panels)
    {
        ArgumentNullException.ThrowIfNull(panels);
        if (panels.Count == 0)
        {
            throw new ArgumentException("A plot needs a panel.", nameof(panels));
        }

        return PanelSheet.EncodePng([[.. panels.Select(Build)]]);
    }

    /// <summary>Draws a panel.</summary>
    internal static Plot Build(CurvesPanel panel)
    {
        Plot plot = PanelSheet.NewPanel(panel.Title, panel.XLabel, panel.YLabel);
        for (int i = 0; i < panel.Series.Count; i++)
        {
            CurvesSeries series = panel.Series[i];
            if (series.Xs.Count != series.Ys.Count)
            {
                throw new ArgumentException(
                    $"The curve \"{series.Name}\" has {series.Xs.Count} abscissas and {series.Ys.Count} ordinates.", nameof(panel));
            }

            double[] ys = [.. series.Ys.Select(y => double.IsFinite(y) ? y : double.NaN)];
            if (ys.All(double.IsNaN))
            {
                continue;
            }

            ScottPlot.Plottables.Scatter scatter = plot.Add.Scatter(
                series.Xs.ToArray(), ys, PanelSheet.Colors[i % PanelSheet.Colors.Length]);
            scatter.LegendText = series.Name;
            scatter.LineWidth = 1.8f;

            // Where there are more curves than colors.
            int round = i / PanelSheet.Colors.Length;
            scatter.LinePattern = round == 1 ? LinePattern.Dashed : round == 0 ? LinePattern.Solid : LinePattern.Dotted;

            // A single epoch has no line to show.
            scatter.MarkerSize = series.Xs.Count < 3 ? 6 : 0;
        }

        if (panel.Series.Any(series => series.Name.Length > 0))
        {
            PanelSheet.ShowLegend(plot);
        }

        if (panel.Series.All(series => series.Xs.All(double.IsInteger)))
        {
            plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        }

        plot.Axes.Margins(0.02, 0.08);
        return plot;
    }
}
