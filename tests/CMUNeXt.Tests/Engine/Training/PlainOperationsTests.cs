namespace CMUNeXt.Tests.Engine.Training;

/// <summary>The plain operations by values worked out by hand, and their gradients by central difference quotients.</summary>
public sealed class PlainOperationsTests
{
    [Theory]
    [InlineData(3, 6, 3, 1)]
    [InlineData(4, 6, 3, 2)]
    [InlineData(5, 5, 7, 5)]
    [InlineData(3, 3, 1, 3)]
    [InlineData(3, 5, 1, 1)]
    public void Convolution(int inputs, int outputs, int kernel, int groups) => Check(
        (operations, given) => operations.Convolve(given[0], given[1], given[2], kernel, groups),
        Random(1, 2, inputs, 5, 4), Random(2, 1, outputs * inputs / groups * kernel * kernel, 1, 1), Random(3, 1, outputs, 1, 1));

    [Fact]
    public void Batch_normalization() => Check(
        (operations, given) => operations.Normalize(given[0], given[1], given[2]),
        Random(1, 3, 2, 3, 5), Random(2, 1, 2, 1, 1), Random(3, 1, 2, 1, 1));

    [Fact]
    public void Gelu() => Check((operations, given) => operations.Gelu(given[0]), Random(1, 1, 3, 5, 7, scale: 5));

    [Fact]
    public void Relu() => Check((operations, given) => operations.Relu(given[0]), Random(1, 1, 3, 5, 7));

    [Fact]
    public void Max_pooling() => Check((operations, given) => operations.MaxPool(given[0]), Random(1, 2, 2, 6, 4));

    [Fact]
    public void Upsampling() => Check((operations, given) => operations.Upsample(given[0]), Random(1, 2, 2, 3, 1));

    [Fact]
    public void Residual() => Check((operations, given) => operations.Sum(operations.Gelu(given[0]), given[0]), Random(1, 2, 3, 2, 2));

    [Fact]
    public void Concatenation() => Check(
        (operations, given) => operations.Concatenate(given[0], operations.Relu(given[1])), Random(1, 2, 3, 2, 2), Random(2, 2, 1, 2, 2));

    [Fact]
    public void Values_are_those_worked_out_by_hand()
    {
        PlainOperations operations = new();
        PlainMap two = PlainMap.Of([1, 5], 1, 1, 1, 2);
        Assert.Equal([1, 2, 4, 5, 1, 2, 4, 5], operations.Upsample(two).Values);
        Assert.Equal([6, -2], operations.MaxPool(PlainMap.Of([1, 2, -2, -3, 6, 5, -4, -5], 1, 1, 2, 4)).Values);
        Assert.Equal([1, 5, 0, 5], operations.Concatenate(two, operations.Relu(PlainMap.Of([-1, 5], 1, 1, 1, 2))).Values);

        // Cross-correlation, as networks have it: the kernel's last value meets the pixel on the right.
        PlainMap shifted = operations.Convolve(
            two, PlainMap.Of([0, 0, 0, 0, 1, 10, 0, 0, 0], 1, 9, 1, 1), PlainMap.Of([0.5f], 1, 1, 1, 1), kernel: 3, groups: 1);
        Assert.Equal([51.5, 5.5], shifted.Values);

        // Of 1 and 5 the mean is 3, the variance 4, and unbiased 8.
        double[] mean = [];
        double[] variance = [];
        PlainMap normalized = operations.Normalize(
            two, PlainMap.Of([10], 1, 1, 1, 1), PlainMap.Of([1], 1, 1, 1, 1), (m, v) => (mean, variance) = (m, v));
        Assert.Equal((3, 8), (mean.Single(), variance.Single()));
        Assert.Equal([1 - (20 / Math.Sqrt(4 + 1e-5)), 1 + (20 / Math.Sqrt(4 + 1e-5))], normalized.Values);

        // Phi(1) and Phi(-2) as tables of the normal distribution have them.
        double[] gelu = operations.Gelu(PlainMap.Of([1, -2, 0, 30, -30], 1, 1, 1, 5)).Values;
        Assert.Equal(0.8413447460685429, gelu[0], 1e-15);
        Assert.Equal(-2 * 0.0227501319481792, gelu[1], 1e-15);
        Assert.Equal([0, 30, 0], gelu[2..]);
    }

    // Of the sum of all results, each times a number of its own.
    private static void Check(Func<PlainOperations, PlainMap[], PlainMap> operation, params PlainMap[] given)
    {
        PlainOperations operations = new();
        PlainMap result = operation(operations, given);
        float[] factors = Formula.Input(9, result.Values.Length);
        factors.CopyTo(result.Gradient, 0);
        operations.Backward();
        const double Change = 1e-5;
        foreach (PlainMap map in given)
        {
            Assert.Contains(map.Gradient, derivative => Math.Abs(derivative) > 1e-3);
            for (int i = 0; i < map.Values.Length; i++)
            {
                double kept = map.Values[i];
                map.Values[i] = kept + Change;
                double above = Sum();
                map.Values[i] = kept - Change;
                double quotient = (above - Sum()) / (2 * Change);
                map.Values[i] = kept;
                Assert.Equal(quotient, map.Gradient[i], 1e-7);
            }
        }

        double Sum() => operation(new PlainOperations(), given).Values.Zip(factors, (value, factor) => value * factor).Sum();
    }

    private static PlainMap Random(int key, int images, int channels, int height, int width, float scale = 1) =>
        PlainMap.Of([.. Formula.Input(key, images * channels * height * width).Select(v => scale * v)], images, channels, height, width);
}
