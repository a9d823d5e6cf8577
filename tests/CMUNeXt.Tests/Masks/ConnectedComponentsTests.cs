using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

public sealed class ConnectedComponentsTests
{
    [Fact]
    public void Equal_the_flood_fill_on_random_masks()
    {
        Random random = new(5);
        for (int round = 0; round < 40; round++)
        {
            Mask mask = TestMasks.Noise(random, random.Next(1, 24), random.Next(1, 24), 0.15 + 0.02 * round, classes: 1 + round % 3);
            ConnectedComponents found = ConnectedComponents.Of(mask);
            HashSet<PixelPosition> seen = [];
            int count = 0;
            for (int i = 0; i < mask.Pixels.Length; i++)
            {
                PixelPosition start = new(i % mask.Width, i / mask.Width);
                byte label = mask.Pixels[i];
                Assert.Equal(label == 0, found.Labels[i] == 0);
                if (label == 0 || seen.Contains(start))
                {
                    continue;
                }

                HashSet<PixelPosition> expected = FloodFill.From(start, diagonally: true, p =>
                    p.X >= 0 && p.Y >= 0 && p.X < mask.Width && p.Y < mask.Height && mask.Pixels[p.Y * mask.Width + p.X] == label);
                seen.UnionWith(expected);
                Component actual = found.Components[count++];
                BoundingBox box = new(
                    expected.Min(p => p.X),
                    expected.Min(p => p.Y),
                    expected.Max(p => p.X) - expected.Min(p => p.X) + 1,
                    expected.Max(p => p.Y) - expected.Min(p => p.Y) + 1);
                Assert.Equal(new Component(count, label, expected.Count, box, start), actual);
                Assert.All(expected, p => Assert.Equal(count, found.Labels[p.Y * mask.Width + p.X]));
            }

            Assert.Equal(count, found.Components.Count);
            (int[] labels, IReadOnlyList<(int Class, int Area)> components) = mask.FindComponents();
            Assert.Equal(found.Labels, labels);
            Assert.Equal(found.Components.Select(one => ((int)one.Class, one.Area)), components);
        }
    }

    [Fact]
    public void A_diagonal_hangs_together() => Assert.Single(ConnectedComponents.Of(TestMasks.Of("1..", ".1.", "..1")).Components);

    [Fact]
    public void Touching_classes_stay_apart()
    {
        ConnectedComponents found = ConnectedComponents.Of(TestMasks.Of("1122", "1122"));
        Assert.Equal(
            [new Component(1, 1, 4, new BoundingBox(0, 0, 2, 2), new PixelPosition(0, 0)),
                new Component(2, 2, 4, new BoundingBox(2, 0, 2, 2), new PixelPosition(2, 0))],
            found.Components);
    }

    [Fact]
    public void An_empty_mask_has_none() => Assert.Empty(ConnectedComponents.Of(TestMasks.Of("..", "..")).Components);
}
