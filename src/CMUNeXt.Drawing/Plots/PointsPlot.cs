using System.Globalization;
using CMUNeXt.Files;

using ScottPlot;

namespace CMUNeXt.Drawing.Plots;

/// <summary>Named points over an axis of powers of ten as a PNG: what is gained over what it costs, panels in rows.</summary>
public static class PointsPlot
{
    private const int FontSize = 13;
    private const float MarkerSize = 9;
    private const double AroundData = 0.1;
    private const int FewestTicks = 3;

    // Where there are more points than colors.
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond];

    // Around the frame that the points are in, so that names can be placed in pixels before anything is drawn.
    private static readonly PixelPadding Padding = new(75, 20, 60, 45);
    private static readonly PixelSize Frame = new(PanelSheet.PanelWidth - 95, PanelSheet.PanelHeight - 105);

    /// <summary>Draws and writes a plot.</summary>
    /// <param name="path">The PNG file.</param>
    /// <param name="rows">Rows of panels, from the left; at least one panel.</param>
    /// <exception cref="ArgumentException">There is no panel, or a point cannot be drawn over an axis of powers of ten.</exception>
    /// <exception cref="IOException">The file could not be written; what stood under the name is untouched.</exception>
    public static void Save(string path, IReadOnlyList<IReadOnlyList<PointsPanel>> rows) => AtomicFile.WriteBytes(path, EncodePng(rows));

    /// <summary>Draws a plot.</summary>
    /// <inheritdoc cref="Save"/>
    public static byte[] EncodePng(IReadOnlyList<IReadOnlyList<PointsPanel>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Count == 0 || rows.Any(row => row.Count == 0)
            ? throw new ArgumentException("A plot needs a panel.", nameof(rows))
            : PanelSheet.EncodePng([.. rows.Select(row => (IReadOnlyList<Plot>)[.. row.Select(Build)])]);
    }

    private static Plot Build(PointsPanel panel)
    {
        if (panel.Points.FirstOrDefault(point => point.X <= 0) is { } wrong)
        {
            throw new ArgumentException($"\"{wrong.Name}\" at {wrong.X} has no place over powers of ten.", nameof(panel));
        }

        Plot plot = PanelSheet.NewPanel(panel.Title, panel.XLabel, panel.YLabel);
        (NamedPoint Point, Color Color, MarkerShape Shape)[] points =
        [
            .. panel.Points.Select((point, i) => (
                    Point: point, PanelSheet.Colors[i % PanelSheet.Colors.Length], Shapes[i / PanelSheet.Colors.Length % Shapes.Length]))
                .Where(one => double.IsFinite(one.Point.X) && double.IsFinite(one.Point.Y)),
        ];
        if (points.Length == 0)
        {
            return plot;
        }

        (double left, double right) = Widen(points.Min(one => Math.Log10(one.Point.X)), points.Max(one => Math.Log10(one.Point.X)));
        (double bottom, double top) = Widen(
            points.Min(one => one.Point.Y - (one.Point.StandardDeviation ?? 0)),
            points.Max(one => one.Point.Y + (one.Point.StandardDeviation ?? 0)));
        plot.Axes.SetLimits(left, right, bottom, top);
        plot.Layout.Fixed(Padding);
        SetPowers(plot, left, right);
        Pixel[] places = [.. points.Select(one => new Pixel(
            (Math.Log10(one.Point.X) - left) / (right - left) * Frame.Width, (top - one.Point.Y) / (top - bottom) * Frame.Height))];
        IReadOnlyList<PixelRect> names = PointNames.Place([.. points.Select(one => one.Point.Name)], places, Frame, FontSize, MarkerSize);
        for (int i = 0; i < points.Length; i++)
        {
            (NamedPoint point, Color color, MarkerShape shape) = points[i];
            double x = Math.Log10(point.X);
            if (point.StandardDeviation is { } std)
            {
                plot.Add.Line(x, point.Y - std, x, point.Y + std).LineStyle = new LineStyle(1, color.WithAlpha(0.5));
            }

            plot.Add.Marker(x, point.Y, shape, MarkerSize, color);
            ScottPlot.Plottables.Text name = plot.Add.Text(point.Name, x, point.Y);
            name.LabelFontName = Fonts.EmbeddedFont.Name;
            name.LabelFontSize = FontSize;
            name.LabelFontColor = color;
            name.LabelAlignment = Alignment.UpperLeft;
            (name.OffsetX, name.OffsetY) = (names[i].Left - places[i].X, names[i].Top - places[i].Y);
        }

        return plot;
    }

    private static (double From, double To) Widen(double from, double to)
    {
        double margin = to > from ? AroundData * (to - from) : 0.5;
        return (from - margin, to + margin);
    }

    // 1, 2 and 5 of each power of ten; where these are too far apart, more.
    private static void SetPowers(Plot plot, double left, double right)
    {
        double[] Values(IEnumerable<double> digits) =>
        [
            .. from power in Enumerable.Range((int)Math.Floor(left), (int)Math.Ceiling(right - left) + 2)
               from digit in digits
               let value = digit * Math.Pow(10, power)
               where Math.Log10(value) >= left && Math.Log10(value) <= right
               select value,
        ];
        double[][] choices = [Values([1, 2, 5]), Values(Enumerable.Range(1, 9).Select(digit => (double)digit)),
            Values(Enumerable.Range(2, 18).Select(half => half / 2.0))];
        double[] values = choices.FirstOrDefault(choice => choice.Length >= FewestTicks) ?? choices[^1];
        plot.Axes.Bottom.SetTicks(
            [.. values.Select(Math.Log10)], [.. values.Select(value => value.ToString("0.######", CultureInfo.InvariantCulture))]);
    }
}
