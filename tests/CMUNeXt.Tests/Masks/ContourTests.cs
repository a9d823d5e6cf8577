using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

public sealed class ContourTests
{
    [Fact]
    public void Surround_their_components_on_random_masks()
    {
        Random random = new(9);
        for (int round = 0; round < 40; round++)
        {
            int width = random.Next(1, 26);
            int height = random.Next(1, 26);
            int classes = 1 + round % 2;
            Mask mask = round % 4 == 0
                ? TestMasks.Discs(random, width, height, 4, classes)
                : TestMasks.Noise(random, width, height, 0.15 + 0.02 * round, classes);
            ConnectedComponents found = ConnectedComponents.Of(mask);
            Assert.All(found.Components, component => CheckContour(found, component));
        }
    }

    [Fact]
    public void A_single_pixel_is_its_own_contour() => Assert.Equal([new PixelPosition(1, 1)], Trace("...", ".1.", "..."));

    [Fact]
    public void A_line_is_followed_there_and_back() =>
        Assert.Equal(
            [new PixelPosition(0, 0), new PixelPosition(1, 0), new PixelPosition(2, 0), new PixelPosition(1, 0)],
            Trace("111"));

    [Fact]
    public void A_square_is_followed_clockwise_without_its_middle() =>
        Assert.Equal(
            [new(0, 0), new(1, 0), new(2, 0), new(2, 1), new(2, 2), new(1, 2), new(0, 2), new(0, 1)],
            Trace("111", "111", "111"));

    [Fact]
    public void Passing_through_the_first_pixel_does_not_end_it()
    {
        // The first pixel joins two arms: it is met again before the second arm was followed.
        IReadOnlyList<PixelPosition> contour = Trace("..1..", ".1.1.", "1...1");
        Assert.Equal(5, contour.Distinct().Count());
    }

    [Fact]
    public void A_hole_has_no_contour() =>
        Assert.DoesNotContain(new PixelPosition(2, 1), Trace("11111", "11111", "11.11", "11111", "11111"));

    private static IReadOnlyList<PixelPosition> Trace(params string[] rows)
    {
        ConnectedComponents found = ConnectedComponents.Of(TestMasks.Of(rows));
        return Contour.Trace(found, Assert.Single(found.Components));
    }

    private static void CheckContour(ConnectedComponents found, Component component)
    {
        bool Belongs(PixelPosition p) =>
            p.X >= 0 && p.Y >= 0 && p.X < found.Width && p.Y < found.Height && found.Labels[p.Y * found.Width + p.X] == component.Label;

        HashSet<PixelPosition> pixels =
        [
            .. Enumerable.Range(0, found.Labels.Length)
                .Select(i => new PixelPosition(i % found.Width, i / found.Width))
                .Where(Belongs),
        ];
        HashSet<PixelPosition> filled = FloodFill.Fill(pixels, found.Width, found.Height);
        IReadOnlyList<PixelPosition> contour = Contour.Trace(found, component);

        Assert.Equal(component.First, contour[0]);
        Assert.All(contour, p => Assert.True(Belongs(p)));
        Assert.All(contour, p => Assert.Contains(FloodFill.Neighbors(p, diagonally: false), q => !filled.Contains(q)));
        for (int i = 0; i < contour.Count && contour.Count > 1; i++)
        {
            Assert.Contains(contour[(i + 1) % contour.Count], FloodFill.Neighbors(contour[i], diagonally: true));
        }

        // A cycle that went round twice would name the same step twice.
        Assert.Equal(contour.Count, contour.Select((p, i) => (p, contour[(i + 1) % contour.Count])).Distinct().Count());
        Assert.Equal(filled, FloodFill.Fill(contour.ToHashSet(), found.Width, found.Height));
    }
}
