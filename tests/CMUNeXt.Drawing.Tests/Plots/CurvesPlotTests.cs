using CMUNeXt.Drawing.Plots;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Drawing.Tests.Plots;

public sealed class CurvesPlotTests
{
    private static readonly CurvesSeries Falling = new("train", [1, 2, 3, 4], [4, 3, 2, 1]);

    [Fact]
    public void Each_panel_shows_its_curve()
    {
        Image plot = Draw(
            new CurvesPanel("Loss", "loss", [Falling]), new CurvesPanel("Empty", "", []), new CurvesPanel("IoU", "IoU", [Falling]));
        Assert.Equal((1920, 480), (plot.Width, plot.Height));
        Assert.InRange(Blue(plot, 0), 200, 5000);
        Assert.Equal(0, Blue(plot, 640));
        Assert.Equal(Blue(plot, 0), Blue(plot, 1280));
    }

    [Fact]
    public void Text_is_drawn_with_the_font_that_comes_along()
    {
        Image shorter = Draw(new CurvesPanel("i", "loss", [Falling]));
        Image longer = Draw(new CurvesPanel("a title of many words", "loss", [Falling]));

        // The title stands in the first 30 rows, above the frame.
        int Dark(Image image) => Enumerable.Range(0, 30 * 640).Count(i => image.Pixels[3 * i] < 128);
        Assert.InRange(Dark(shorter), 5, 60);
        Assert.InRange(Dark(longer), 200, 3000);
    }

    [Fact]
    public void A_second_series_has_a_color_and_a_name_of_its_own()
    {
        Image one = Draw(new CurvesPanel("Loss", "loss", [Falling]));
        Image two = Draw(new CurvesPanel("Loss", "loss", [Falling, new CurvesSeries("original", [1, 2, 3, 4], [1, 2, 3, 4])]));
        Assert.Equal(0, Orange(one));
        Assert.InRange(Orange(two), 100, 5000);
    }

    [Fact]
    public void Values_that_are_not_finite_leave_gaps_and_a_single_epoch_is_a_dot()
    {
        Image gap = Draw(
            new CurvesPanel("Loss", "loss", [new CurvesSeries("", [1, 2, 3, 4, 5, 6], [1, 1, double.NaN, double.PositiveInfinity, 1, 1])]));
        Image whole = Draw(new CurvesPanel("Loss", "loss", [new CurvesSeries("", [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1])]));
        Assert.InRange(Blue(gap, 0), 100, Blue(whole, 0) * 0.6);
        Assert.InRange(Blue(Draw(new CurvesPanel("Loss", "loss", [new CurvesSeries("", [1], [1])])), 0), 10, 100);
        Assert.Equal(0, Blue(Draw(new CurvesPanel("Loss", "loss", [new CurvesSeries("nothing", [1], [double.NaN])])), 0));
    }

    [Fact]
    public void The_file_is_written()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("curves.png");
        CurvesPlot.Save(path, [new CurvesPanel("Loss", "loss", [Falling])]);
        Assert.Equal(640, ImageFile.Identify(path).Width);
    }

    [Fact]
    public void A_curve_of_unequal_lengths_and_a_plot_without_panels_are_refused()
    {
        Assert.Throws<ArgumentException>(() => CurvesPlot.EncodePng([]));
        Assert.Throws<ArgumentException>(
            () => CurvesPlot.EncodePng([new CurvesPanel("Loss", "loss", [new CurvesSeries("train", [1, 2], [1])])]));
    }

    private static Image Draw(params CurvesPanel[] panels) => ImageFile.Decode(CurvesPlot.EncodePng(panels), "plot");

    private static int Blue(Image plot, int left) => Enumerable.Range(0, plot.Width * plot.Height)
        .Count(i => i % plot.Width >= left && i % plot.Width < left + 640 && plot.Pixels[(3 * i) + 2] > plot.Pixels[3 * i] + 90);

    private static int Orange(Image plot) => plot.Pixels.Chunk(3).Count(p => p[0] > p[2] + 90);
}
