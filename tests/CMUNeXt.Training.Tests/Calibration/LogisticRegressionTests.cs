using CMUNeXt.Numerics;
using CMUNeXt.Training.Calibration;

namespace CMUNeXt.Training.Tests.Calibration;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void Two_values_are_fitted_exactly()
    {
        // 3 of 10 right at 0 and 8 of 10 at 1. Platt's targets are 12/13 for the 11 right ones and 1/11 for the 9 wrong ones, and the
        // curve goes through the mean target of each value.
        double[][] x = [.. Enumerable.Repeat((double[])[0.0], 10), .. Enumerable.Repeat((double[])[1.0], 10)];
        bool[] right = [.. Enumerable.Range(0, 10).Select(i => i < 3), .. Enumerable.Range(0, 10).Select(i => i < 8)];
        double[] fitted = LogisticRegression.Fit(x, right);
        double low = ((3 * 12.0 / 13) + (7 / 11.0)) / 10;
        double high = ((8 * 12.0 / 13) + (2 / 11.0)) / 10;
        Assert.Equal(Math.Log(low / (1 - low)), fitted[0], 1e-6);
        Assert.Equal(Math.Log(high / (1 - high)), fitted[0] + fitted[1], 1e-6);
    }

    [Fact]
    public void Many_draws_give_back_what_they_were_drawn_from()
    {
        RandomSequence random = new(3, "draws");
        double[][] x = new double[20000][];
        bool[] right = new bool[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = [(6 * random.NextDouble()) - 3, (6 * random.NextDouble()) - 3, 0];
            right[i] = random.NextDouble() < 1 / (1 + Math.Exp(-(-1 + (2 * x[i][0]) - (0.5 * x[i][1]))));
        }

        double[] fitted = LogisticRegression.Fit(x, right);
        Assert.Equal(-1, fitted[0], 0.1);
        Assert.Equal(2, fitted[1], 0.1);
        Assert.Equal(-0.5, fitted[2], 0.1);
        Assert.Equal(0, fitted[3]);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void What_cannot_be_mistaken_still_has_a_finite_fit(bool low, bool high)
    {
        double[] fitted = LogisticRegression.Fit([[-5], [-4], [4], [5]], [low, low, high, high]);
        Assert.All(fitted, value => Assert.True(double.IsFinite(value)));
        double below = 1 / (1 + Math.Exp(-(fitted[0] + (fitted[1] * -4.5))));
        double above = 1 / (1 + Math.Exp(-(fitted[0] + (fitted[1] * 4.5))));
        Assert.Equal((low, high), (below > 0.5, above > 0.5));
    }
}
