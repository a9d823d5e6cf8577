namespace CMUNeXt.Imaging.Tests;

public sealed class BlockMeansTests
{
    [Theory]
    [InlineData(1, 1, 8)]
    [InlineData(5, 3, 8)]
    [InlineData(8, 8, 8)]
    [InlineData(37, 64, 8)]
    [InlineData(300, 217, 16)]
    public void Equal_the_means_of_pixels_one_by_one(int width, int height, int side)
    {
        byte[] gray = new byte[width * height];
        new Random(7).NextBytes(gray);
        double[] means = new double[side * side];
        BlockMeans.Of(gray, width, height, side, means);
        for (int i = 0; i < means.Length; i++)
        {
            IEnumerable<int> block = Pixels(i % side, width).SelectMany(x => Pixels(i / side, height).Select(y => (int)gray[(y * width) + x]));
            Assert.Equal(block.Average(), means[i]);
        }

        // Those that begin in a block; where none does, the one that the block begins in.
        IEnumerable<int> Pixels(int block, int length)
        {
            int first = block * length / side;
            int last = Math.Max(first, ((block + 1) * length / side) - 1);
            return Enumerable.Range(first, last - first + 1);
        }
    }

    [Fact]
    public void Sums_of_a_long_white_block_do_not_overflow()
    {
        double[] means = new double[1];
        BlockMeans.Of(Enumerable.Repeat((byte)255, 100 * 70_000).ToArray(), 100, 70_000, 1, means);
        Assert.Equal(255, means[0]);
    }
}
