using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class AugmentationTests
{
    public static TheoryData<int, bool, bool> All => [.. from turns in Enumerable.Range(0, 4)
                                                         from horizontally in (bool[])[false, true]
                                                         from vertically in (bool[])[false, true]
                                                         select (turns, horizontally, vertically)];

    [Theory]
    [MemberData(nameof(All))]
    public void Images_and_masks_are_turned_to_the_left_and_then_flipped(int turns, bool horizontally, bool vertically)
    {
        Augmentation augmentation = new(turns, horizontally, vertically);
        foreach ((int width, int height) in ((int, int)[])[(5, 3), (4, 4), (1, 6), (6, 1), (1, 1)])
        {
            foreach (int channels in (int[])[1, 3])
            {
                byte[] pixels = [.. Enumerable.Range(0, width * height * channels).Select(i => (byte)(i + 7))];
                Image turned = augmentation.Apply(new Image(width, height, channels, pixels));
                Assert.Equal(channels, turned.Channels);
                for (int c = 0; c < channels; c++)
                {
                    byte[,] expected = Expected(Plane(pixels, width, height, channels, c), augmentation);
                    Assert.Equal(expected, Plane(turned.Pixels, turned.Width, turned.Height, channels, c));
                }
            }

            byte[] labels = [.. Enumerable.Range(0, width * height).Select(i => (byte)(3 * i))];
            Mask mask = augmentation.Apply(new Mask(width, height, labels));
            Assert.Equal(Expected(Plane(labels, width, height, 1, 0), augmentation), Plane(mask.Pixels, mask.Width, mask.Height, 1, 0));
        }
    }

    [Fact]
    public void What_is_drawn_is_a_function_of_seed_epoch_and_name()
    {
        Augmentation[] Draw(ulong seed, int epoch, string prefix) =>
            [.. Enumerable.Range(0, 200).Select(i => Augmentation.Draw(AugmentationKind.RotateFlip, seed, epoch, $"{prefix}{i}"))];

        Augmentation[] drawn = Draw(41, 3, "case ");
        Assert.Equal(drawn, Draw(41, 3, "case "));
        Assert.NotEqual(drawn, Draw(42, 3, "case "));
        Assert.NotEqual(drawn, Draw(41, 4, "case "));
        Assert.NotEqual(drawn, Draw(41, 3, "other "));
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(default, Augmentation.Draw(AugmentationKind.None, 41, i, "case")));
    }

    [Fact]
    public void Rotations_and_flips_are_as_frequent_as_the_protocol_states()
    {
        const int Many = 16_000;
        Augmentation[] drawn =
        [
            .. Enumerable.Range(0, Many).Select(i => Augmentation.Draw(AugmentationKind.RotateFlip, 41, i % 100, $"case ({i / 100})")),
        ];
        foreach (int turns in (int[])[0, 1, 2, 3])
        {
            foreach ((bool horizontally, bool vertically) in ((bool, bool)[])[(false, false), (true, false), (false, true), (true, true)])
            {
                // Half of the cases are rotated, a quarter of those by 0; half are flipped, a third of those in each way.
                double probability = (turns == 0 ? 0.5 + (0.5 / 4) : 0.5 / 4) * (horizontally || vertically ? 0.5 / 3 : 0.5);
                int count = drawn.Count(a => a == new Augmentation(turns, horizontally, vertically));
                double deviation = Math.Sqrt(Many * probability * (1 - probability));
                Assert.InRange(count, (Many * probability) - (5 * deviation), (Many * probability) + (5 * deviation));
            }
        }
    }

    private static byte[,] Plane(byte[] pixels, int width, int height, int channels, int channel)
    {
        byte[,] plane = new byte[height, width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                plane[y, x] = pixels[(((y * width) + x) * channels) + channel];
            }
        }

        return plane;
    }

    private static byte[,] Expected(byte[,] plane, Augmentation augmentation)
    {
        for (int i = 0; i < augmentation.QuarterTurns; i++)
        {
            // A turn to the left: what was the last column becomes the first row.
            byte[,] source = plane;
            plane = Map(source.GetLength(1), source.GetLength(0), (y, x) => source[x, source.GetLength(1) - 1 - y]);
        }

        byte[,] turned = plane;
        (int height, int width) = (turned.GetLength(0), turned.GetLength(1));
        return Map(height, width,
            (y, x) => turned[augmentation.FlipVertically ? height - 1 - y : y, augmentation.FlipHorizontally ? width - 1 - x : x]);
    }

    private static byte[,] Map(int height, int width, Func<int, int, byte> value)
    {
        byte[,] plane = new byte[height, width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                plane[y, x] = value(y, x);
            }
        }

        return plane;
    }
}
