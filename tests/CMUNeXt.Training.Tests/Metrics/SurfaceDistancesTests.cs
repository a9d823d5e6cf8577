using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Metrics;

public sealed class SurfaceDistancesTests
{
    public static TheoryData<int, int, int> Sizes =>
        new() { { 1, 1, 1 }, { 2, 1, 9 }, { 3, 13, 1 }, { 4, 7, 5 }, { 5, 24, 31 }, { 6, 40, 17 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Equal_the_plain_version_on_random_masks(int seed, int width, int height)
    {
        Random random = new(seed);
        for (int round = 0; round < 40; round++)
        {
            Func<Mask> next = (round % 4) switch
            {
                0 => () => TestMasks.Noise(random, width, height, 0.05),
                1 => () => TestMasks.Noise(random, width, height, 0.5),
                2 => () => TestMasks.Discs(random, width, height, 1 + round % 3),
                _ => () => TestMasks.Discs(random, width, height, 3, classes: 2),
            };
            Mask reference = next();
            Mask prediction = next();
            SurfaceDistances expected = Plain(reference, prediction, 1);
            SurfaceDistances actual = SurfaceDistances.Of(reference, prediction);
            Assert.Equal(expected.Hd95, actual.Hd95, 1e-9);
            Assert.Equal(expected.Assd, actual.Assd, 1e-9);
        }
    }

    [Fact]
    public void The_distance_transform_equals_the_plain_version()
    {
        Random random = new(11);
        for (int round = 0; round < 60; round++)
        {
            int width = random.Next(1, 20);
            int height = random.Next(1, 20);
            bool[] sources = new bool[width * height];
            for (int i = 0; i <= round % 6; i++)
            {
                sources[random.Next(sources.Length)] = true;
            }

            DistanceTransform transform = new(sources, width);
            long[] row = new long[width];
            for (int y = 0; y < height; y++)
            {
                transform.Row(y, row);
                for (int x = 0; x < width; x++)
                {
                    long expected = long.MaxValue;
                    for (int i = 0; i < sources.Length; i++)
                    {
                        long dx = x - i % width;
                        long dy = y - i / width;
                        expected = sources[i] ? Math.Min(expected, dx * dx + dy * dy) : expected;
                    }

                    Assert.Equal(expected, row[x]);
                }
            }
        }
    }

    [Fact]
    public void Two_pixels_are_as_far_apart_as_their_centers()
    {
        Mask reference = TestMasks.Of("1....", ".....", ".....", ".....");
        Mask prediction = TestMasks.Of(".....", ".....", ".....", "....1");
        Assert.Equal(new SurfaceDistances(5, 5), SurfaceDistances.Of(reference, prediction));
    }

    [Fact]
    public void A_pixel_at_the_images_edge_is_border()
    {
        // Filling the image, the object has 8 border pixels and 1 inner one; the single pixel lies at the inner one.
        Mask full = TestMasks.Of("111", "111", "111");
        Mask center = TestMasks.Of("...", ".1.", "...");
        double[] distances = [1, 1, 1, 1, Math.Sqrt(2), Math.Sqrt(2), Math.Sqrt(2), Math.Sqrt(2), 1];
        SurfaceDistances actual = SurfaceDistances.Of(full, center);
        Assert.Equal(Math.Sqrt(2), actual.Hd95, 1e-12);
        Assert.Equal(distances.Average(), actual.Assd, 1e-12);
    }

    [Fact]
    public void The_percentile_is_interpolated_linearly()
    {
        // A row of 11 pixels against its first one: distances 0 to 10, rank 0.95 x 10 = 9.5.
        Mask row = TestMasks.Of("11111111111");
        Mask first = TestMasks.Of("1..........");
        Assert.Equal(9.5, SurfaceDistances.Of(row, first).Hd95, 1e-12);
        Assert.Equal(55.0 / 12, SurfaceDistances.Of(row, first).Assd, 1e-12);
        Assert.Equal(9.5, SurfaceDistances.Of(first, row).Hd95, 1e-12);
    }

    [Fact]
    public void Equal_masks_are_at_distance_zero()
    {
        Mask mask = TestMasks.Discs(new Random(3), 30, 20, 4);
        Assert.Equal(new SurfaceDistances(0, 0), SurfaceDistances.Of(mask, mask));
    }

    [Fact]
    public void Distances_to_an_empty_mask_are_undefined()
    {
        Mask empty = TestMasks.Of("..", "..");
        Mask some = TestMasks.Of("1.", "..");
        Assert.All([(empty, some), (some, empty), (empty, empty)], pair =>
        {
            SurfaceDistances distances = SurfaceDistances.Of(pair.Item1, pair.Item2);
            Assert.Equal(double.NaN, distances.Hd95);
            Assert.Equal(double.NaN, distances.Assd);
        });
    }

    /// <summary>Every border pixel against every other: the definition, word for word.</summary>
    private static SurfaceDistances Plain(Mask reference, Mask prediction, byte label)
    {
        List<(int X, int Y)> a = Border(reference, label);
        List<(int X, int Y)> b = Border(prediction, label);
        if (a.Count == 0 || b.Count == 0)
        {
            return new SurfaceDistances(double.NaN, double.NaN);
        }

        double[] ab = Directed(a, b);
        double[] ba = Directed(b, a);
        return new SurfaceDistances(Math.Max(Percentile95(ab), Percentile95(ba)), ab.Concat(ba).Average());
    }

    private static List<(int X, int Y)> Border(Mask mask, byte label)
    {
        bool Inside(int x, int y) => x >= 0 && y >= 0 && x < mask.Width && y < mask.Height && mask.Pixels[y * mask.Width + x] == label;
        List<(int X, int Y)> border = [];
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                if (Inside(x, y) && !(Inside(x - 1, y) && Inside(x + 1, y) && Inside(x, y - 1) && Inside(x, y + 1)))
                {
                    border.Add((x, y));
                }
            }
        }

        return border;
    }

    private static double[] Directed(List<(int X, int Y)> from, List<(int X, int Y)> to) =>
        [.. from.Select(p => to.Min(q => Math.Sqrt((double)(p.X - q.X) * (p.X - q.X) + (double)(p.Y - q.Y) * (p.Y - q.Y))))];

    private static double Percentile95(double[] values)
    {
        double[] sorted = [.. values.Order()];
        double rank = 0.95 * (sorted.Length - 1);
        double below = sorted[(int)Math.Floor(rank)];
        double above = sorted[(int)Math.Ceiling(rank)];
        return below + (above - below) * (rank - Math.Floor(rank));
    }
}
