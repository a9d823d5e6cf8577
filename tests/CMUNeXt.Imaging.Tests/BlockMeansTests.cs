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
        BlockMeans blocks = new(width, height, side);
        double[] means = new double[side];
        for (int row = 0; row < side; row++)
        {
            blocks.Write(gray, row, means);
            for (int column = 0; column < side; column++)
            {
                IEnumerable<int> block = Pixels(row, height).SelectMany(y => Pixels(column, width).Select(x => (int)gray[(y * width) + x]));
                Assert.Equal(block.Average(), means[column]);
            }
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
        new BlockMeans(100, 70_000, 1).Write(Enumerable.Repeat((byte)255, 100 * 70_000).ToArray(), 0, means);
        Assert.Equal(255, means[0]);
    }
}
