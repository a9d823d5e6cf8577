using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class StatisticTests
{
    [Fact]
    public void Summarizes_defined_values_alone()
    {
        // Of 1, 2, 4, 9: mean 4, squared deviations 9 + 4 + 0 + 25 = 38, over n - 1 = 3.
        Statistic statistic = Statistic.Of([9, double.NaN, 1, 4, 2, double.NaN]);
        Assert.Equal(4, statistic.Mean);
        Assert.Equal(Math.Sqrt(38.0 / 3), statistic.StandardDeviation!.Value, 1e-12);
        Assert.Equal(3, statistic.Median);
        Assert.Equal(4, statistic.Count);
    }

    [Fact]
    public void The_median_of_an_odd_count_is_the_middle_value() => Assert.Equal(5, Statistic.Of([100, 5, 1]).Median);

    [Fact]
    public void One_value_has_no_deviation() => Assert.Equal(new Statistic(3, null, 3, 1), Statistic.Of([3]));

    [Fact]
    public void No_value_is_all_undefined() => Assert.Equal(new Statistic(null, null, null, 0), Statistic.Of([double.NaN]));
}
