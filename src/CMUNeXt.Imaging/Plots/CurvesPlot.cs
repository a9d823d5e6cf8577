using CMUNeXt.Files;
using CMUNeXt.Imaging.Fonts;

using ScottPlot;

using SkiaSharp;

namespace CMUNeXt.Imaging.Plots;

/// <summary>Curves over epochs as a PNG: panels side by side, each with its curves and a legend.</summary>
public static class CurvesPlot
{
    private const int PanelWidth = 640;
    private const int PanelHeight = 480;

    // Okabe and Ito (2002): told apart with any kind of colour vision.
    private static readonly Color[] Colours =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000" }.Select(hex => Color.FromHex(hex))];

    // Without it ScottPlot would ask the system for fonts, which containers do not have.
    static CurvesPlot() => ScottPlot.Fonts.FontResolvers.Insert(0, new EmbeddedFontResolver());

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

        using SKSurface surface = SKSurface.Create(new SKImageInfo(panels.Count * PanelWidth, PanelHeight));
        for (int i = 0; i < panels.Count; i++)
        {
            using Plot plot = Build(panels[i]);

            // A plot clears the whole canvas that it is drawn on.
            using SKSurface panel = SKSurface.Create(new SKImageInfo(PanelWidth, PanelHeight));
            plot.Render(panel.Canvas, PanelWidth, PanelHeight);
            using SKImage drawn = panel.Snapshot();
            surface.Canvas.DrawImage(drawn, i * PanelWidth, 0);
        }

        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static Plot Build(CurvesPanel panel)
    {
        Plot plot = new();
        plot.Font.Set(EmbeddedFont.Name);
        plot.Title(panel.Title, 18);
        plot.Axes.Title.Label.Bold = false;
        plot.XLabel(panel.XLabel, 14);
        plot.YLabel(panel.YLabel, 14);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        for (int i = 0; i < panel.Series.Count; i++)
        {
            CurvesSeries series = panel.Series[i];
            if (series.Xs.Count != series.Ys.Count)
            {
                throw new ArgumentException($"The curve \"{series.Name}\" has {series.Xs.Count} abscissas and {series.Ys.Count} ordinates.", nameof(panel));
            }

            double[] ys = [.. series.Ys.Select(y => double.IsFinite(y) ? y : double.NaN)];
            if (ys.All(double.IsNaN))
            {
                continue;
            }

            ScottPlot.Plottables.Scatter scatter = plot.Add.Scatter(series.Xs.ToArray(), ys, Colours[i % Colours.Length]);
            scatter.LegendText = series.Name;
            scatter.LineWidth = 1.8f;
            scatter.LinePattern = series.Dashed ? LinePattern.Dashed : LinePattern.Solid;

            // A single epoch has no line to show.
            scatter.MarkerSize = series.Xs.Count < 3 ? 6 : 0;
        }

        if (panel.Series.Any(series => series.Name.Length > 0))
        {
            plot.Legend.FontName = EmbeddedFont.Name;
            plot.Legend.FontSize = 13;
            plot.Legend.OutlineWidth = 0;
            plot.Legend.ShadowColor = Color.FromARGB(0);
            plot.ShowLegend(Edge.Bottom);
        }

        if (panel.Series.All(series => series.Xs.All(double.IsInteger)))
        {
            plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        }

        plot.Axes.Margins(0.02, 0.08);
        return plot;
    }

    private sealed class EmbeddedFontResolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == EmbeddedFont.Name ? EmbeddedFont.Load() : null;

        [Obsolete("The interface still asks for it.")]
        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            fontName == EmbeddedFont.Name ? EmbeddedFont.Load() : null;
    }
}
