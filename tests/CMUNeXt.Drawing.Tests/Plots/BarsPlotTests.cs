using CMUNeXt.Drawing.Plots;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Drawing.Tests.Plots;

public sealed class BarsPlotTests
{
    private static readonly Bar Low = new(1, 0.9, 1.1);
    private static readonly Bar High = new(2, 1.9, 2.1);

    [Fact]
    public void A_bar_twice_as_high_takes_twice_the_pixels()
    {
        Image plot = Draw(
            [new BarsPanel("Time", "ms", ["a\nb", "c"], [new BarsSeries("first", [Low, Low]), new BarsSeries("second", [High, High])])]);
        Assert.Equal((640, 480), (plot.Width, plot.Height));

        // The legend's fields are the same in both colors.
        Assert.InRange((double)Count(plot, IsOrange) / Count(plot, IsBlue), 1.8, 2.05);
    }

    [Fact]
    public void A_bar_that_is_missing_leaves_its_place_empty()
    {
        int whole = Count(Draw([new BarsPanel("Time", "ms", ["a", "b"], [new BarsSeries("first", [High, High])])]), IsBlue);
        int half = Count(Draw([new BarsPanel("Time", "ms", ["a", "b"], [new BarsSeries("first", [High, null])])]), IsBlue);
        Assert.InRange(half, 0.45 * whole, 0.55 * whole);
    }

    [Fact]
    public void The_spread_is_drawn_over_the_bars_end()
    {
        static int DarkAbove(Bar bar) => Count(
            Draw([new BarsPanel("", "", ["a"], [new BarsSeries("first", [bar]), new BarsSeries("second", [new Bar(4, 4, 4)])])]),
            pixel => pixel is { Red: < 60, Green: < 60, Blue: < 60 });
        Assert.InRange(DarkAbove(new Bar(1, 1, 3)) - DarkAbove(new Bar(1, 1, 1)), 50, 400);
    }

    [Fact]
    public void Panels_stand_three_in_a_row_and_curves_below_them()
    {
        BarsPanel bars = new("Time", "ms", ["a"], [new BarsSeries("first", [High])]);
        Image plot = ImageFile.Decode(
            BarsPlot.EncodePng(
                [bars, bars, bars, bars], [new CurvesPanel("Sizes", "ns", [new CurvesSeries("first", [1, 2, 3], [1, 2, 3])])]), "plot");
        Assert.Equal((3 * 640, 3 * 480), (plot.Width, plot.Height));
        Assert.InRange(Count(plot, IsBlue, top: 960), 200, 5000);
        Assert.True(plot.Pixels[^1] == 255);
    }

    [Fact]
    public void A_panel_without_bars_is_drawn_empty()
    {
        BarsPanel[] panels =
        [
            new("Time", "ms", [], []), new("Time", "ms", ["a", "b"], []), new("Time", "ms", [], [new BarsSeries("first", [])]),
            new("Time", "ms", ["a"], [new BarsSeries("first", [null])]),
        ];
        Assert.All(panels, panel => Assert.Equal(0, Count(Draw([panel]), IsBlue)));
    }

    [Fact]
    public void A_series_without_a_bar_for_each_group_and_a_plot_without_panels_are_refused()
    {
        Assert.Throws<ArgumentException>(() => BarsPlot.EncodePng([], []));
        Assert.Throws<ArgumentException>(
            () => BarsPlot.EncodePng([new BarsPanel("", "", ["a", "b"], [new BarsSeries("first", [Low])])], []));
    }

    private static Image Draw(IReadOnlyList<BarsPanel> panels) => ImageFile.Decode(BarsPlot.EncodePng(panels, []), "plot");

    private static int Count(Image plot, Func<(byte Red, byte Green, byte Blue), bool> isCounted, int top = 0) =>
        plot.Pixels.Chunk(3).Skip(top * plot.Width).Count(p => isCounted((p[0], p[1], p[2])));

    private static bool IsBlue((byte Red, byte Green, byte Blue) pixel) => pixel.Blue > pixel.Red + 90;

    private static bool IsOrange((byte Red, byte Green, byte Blue) pixel) => pixel.Red > pixel.Blue + 90;
}
