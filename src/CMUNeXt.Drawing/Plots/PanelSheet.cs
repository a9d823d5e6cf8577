using CMUNeXt.Drawing.Fonts;

using ScottPlot;

using SkiaSharp;

namespace CMUNeXt.Drawing.Plots;

/// <summary>What all plots have in common: colors, font, legend, and panels in rows as one PNG.</summary>
internal static class PanelSheet
{
    public const int PanelWidth = 640;
    public const int PanelHeight = 480;

    /// <summary>Okabe and Ito (2002): told apart with any kind of color vision.</summary>
    public static Color[] Colors { get; } =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000" }.Select(hex => Color.FromHex(hex))];

    // Without it ScottPlot would ask the system for fonts, which containers do not have.
    static PanelSheet() => ScottPlot.Fonts.FontResolvers.Insert(0, new EmbeddedFontResolver());

    /// <summary>A panel with its labels, and nothing in it.</summary>
    public static Plot NewPanel(string title, string xLabel, string yLabel)
    {
        Plot plot = new();
        plot.Font.Set(EmbeddedFont.Name);
        plot.Title(title, 18);
        plot.Axes.Title.Label.Bold = false;
        plot.XLabel(xLabel, 14);
        plot.YLabel(yLabel, 14);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        return plot;
    }

    public static void ShowLegend(Plot plot)
    {
        plot.Legend.FontName = EmbeddedFont.Name;
        plot.Legend.FontSize = 13;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Color.FromARGB(0);
        plot.ShowLegend(Edge.Bottom);
    }

    /// <summary>Draws rows of panels, each from the left, and disposes of them.</summary>
    public static byte[] EncodePng(IReadOnlyList<IReadOnlyList<Plot>> rows)
    {
        using SKSurface surface = SKSurface.Create(new SKImageInfo(rows.Max(row => row.Count) * PanelWidth, rows.Count * PanelHeight));
        surface.Canvas.Clear(SKColors.White);
        for (int y = 0; y < rows.Count; y++)
        {
            for (int x = 0; x < rows[y].Count; x++)
            {
                using Plot plot = rows[y][x];

                // A plot clears the whole canvas that it is drawn on.
                using SKSurface panel = SKSurface.Create(new SKImageInfo(PanelWidth, PanelHeight));
                plot.Render(panel.Canvas, PanelWidth, PanelHeight);
                using SKImage drawn = panel.Snapshot();
                surface.Canvas.DrawImage(drawn, x * PanelWidth, y * PanelHeight);
            }
        }

        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
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
