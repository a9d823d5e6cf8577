using CMUNeXt.Drawing.Plots;
using CMUNeXt.Imaging;
using ScottPlot;
using Image = CMUNeXt.Images.Image;

namespace CMUNeXt.Drawing.Tests.Plots;

public sealed class PointsPlotTests
{
    private static readonly NamedPoint[] Two = [new("a", 1, 60), new("b", 100, 70)];

    [Fact]
    public void Points_lie_where_their_powers_of_ten_do()
    {
        // Without names, which have the colors too.
        Image plot = Draw([new PointsPanel("Accuracy", "cost", "IoU", [new("", 1, 60), new("", 100, 70), new("", 10, 65)])]);
        (double x, double y) first = Center(plot, IsBlue);
        (double x, double y) second = Center(plot, IsOrange);
        (double x, double y) third = Center(plot, p => p.Green > p.Red + 90 && p.Green > p.Blue + 20);
        Assert.InRange(((first.x + second.x) / 2) - third.x, -1, 1);
        Assert.InRange(((first.y + second.y) / 2) - third.y, -1, 1);
        Assert.True(first.x < second.x && first.y > second.y);
    }

    [Fact]
    public void Panels_stand_in_rows_and_one_without_points_is_empty()
    {
        Image plot = Draw([new PointsPanel("", "", "", Two), new PointsPanel("", "", "", [])], [new PointsPanel("", "", "", Two)]);
        Assert.Equal((2 * 640, 2 * 480), (plot.Width, plot.Height));
        Assert.Throws<ArgumentException>(() => PointsPlot.EncodePng([]));
        Assert.Throws<ArgumentException>(() => PointsPlot.EncodePng([[]]));
        Assert.Throws<ArgumentException>(() => Draw([new PointsPanel("", "", "", [new("zero", 0, 1)])]));
    }

    [Fact]
    public void What_is_not_finite_is_left_out_with_its_color()
    {
        Image plot = Draw([new PointsPanel("", "", "", [new("none", double.NaN, 60), Two[1], new("nor this", 1, double.NaN)])]);
        Assert.Equal(0, Count(plot, IsBlue));
        Assert.InRange(Count(plot, IsOrange), 40, 400);
    }

    [Fact]
    public void Names_cover_neither_points_nor_each_other_and_stay_within_the_frame()
    {
        Pixel[] points = [new(10, 50), new(14, 52), new(300, 50), new(296, 55), new(150, 3)];
        PixelSize frame = new(310, 100);
        IReadOnlyList<PixelRect> places = PointNames.Place(["unet", "attention-unet", "unetpp", "unet3plus", "medt"], points, frame, 13, 9);
        for (int i = 0; i < places.Count; i++)
        {
            Assert.True(
                places[i].Left >= 0 && places[i].Right <= frame.Width && places[i].Top >= 0 && places[i].Bottom <= frame.Height,
                $"{i}: {places[i]}");
            Assert.All(points, point => Assert.False(places[i].Contains(point), $"{i} covers {point}"));
            Assert.All(places.Take(i), other => Assert.True(
                places[i].Left >= other.Right || places[i].Right <= other.Left || places[i].Top >= other.Bottom
                    || places[i].Bottom <= other.Top, $"{i} covers {other}"));
        }
    }

    private static Image Draw(params PointsPanel[][] rows) => ImageFile.Decode(PointsPlot.EncodePng(rows), "plot");

    private static (double X, double Y) Center(Image plot, Func<(byte Red, byte Green, byte Blue), bool> isCounted)
    {
        int[] found = [.. Enumerable.Range(0, plot.Width * plot.Height)
            .Where(i => isCounted((plot.Pixels[3 * i], plot.Pixels[(3 * i) + 1], plot.Pixels[(3 * i) + 2])))];
        return (found.Average(i => i % plot.Width), found.Average(i => (double)(i / plot.Width)));
    }

    private static int Count(Image plot, Func<(byte Red, byte Green, byte Blue), bool> isCounted) =>
        plot.Pixels.Chunk(3).Count(p => isCounted((p[0], p[1], p[2])));

    private static bool IsBlue((byte Red, byte Green, byte Blue) pixel) => pixel.Blue > pixel.Red + 90 && pixel.Blue > pixel.Green + 30;

    private static bool IsOrange((byte Red, byte Green, byte Blue) pixel) => pixel.Red > pixel.Blue + 90;
}
