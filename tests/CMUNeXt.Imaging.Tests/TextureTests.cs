namespace CMUNeXt.Imaging.Tests;

public sealed class TextureTests
{
    [Theory]
    [InlineData(256, 256)]
    [InlineData(300, 217)]
    [InlineData(90, 700)]
    public void Equals_the_plain_filters(int width, int height)
    {
        Random random = new(11);
        byte[] gray = [.. Enumerable.Range(0, width * height).Select(i => (byte)((i % width * 200 / width) + random.Next(30)))];

        (double speckle, double correlation) = Texture.Of(gray, width, height);

        (double expectedSpeckle, double expectedCorrelation) = Plain(gray, width, height);
        Assert.Equal(expectedSpeckle, speckle);
        Assert.Equal(expectedCorrelation, correlation, 9);
    }

    [Fact]
    public void Black_has_neither() => Assert.Equal((0, 0), Texture.Of(new byte[64 * 48], 64, 48));

    private static (double Speckle, double Correlation) Plain(byte[] gray, int width, int height)
    {
        double[,] values = new double[256, 256];
        BlockMeans blocks = new(width, height, 256);
        double[] row = new double[256];
        for (int y = 0; y < 256; y++)
        {
            blocks.Write(gray, y, row);
            for (int x = 0; x < 256; x++)
            {
                values[y, x] = row[x];
            }
        }

        double[,] means = Filter(values);
        double[,] residuals = Each((y, x) => values[y, x] - means[y, x]);
        double[,] variances = Filter(Each((y, x) => residuals[y, x] * residuals[y, x]));
        (int bright, int speckled, double products, double squares) = (0, 0, 0, 0);
        for (int y = 0; y < 256; y++)
        {
            for (int x = 0; x < 256; x++)
            {
                bright += means[y, x] > 15 ? 1 : 0;
                speckled += means[y, x] > 15 && Math.Sqrt(variances[y, x]) > 0.06 * means[y, x] ? 1 : 0;
                products += x > 0 ? residuals[y, x] * residuals[y, x - 1] : 0;
                squares += residuals[y, x] * residuals[y, x];
            }
        }

        return ((double)speckled / bright, products / squares);
    }

    // Means of 7 x 7, of what is there at the borders.
    private static double[,] Filter(double[,] values) => Each((y, x) => (
        from row in Enumerable.Range(y - 3, 7).Where(static row => row is >= 0 and < 256)
        from column in Enumerable.Range(x - 3, 7).Where(static column => column is >= 0 and < 256)
        select values[row, column]).Average());

    private static double[,] Each(Func<int, int, double> value)
    {
        double[,] values = new double[256, 256];
        for (int i = 0; i < values.Length; i++)
        {
            values[i / 256, i % 256] = value(i / 256, i % 256);
        }

        return values;
    }
}
