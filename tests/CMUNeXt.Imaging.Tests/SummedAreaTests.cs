namespace CMUNeXt.Imaging.Tests;

public sealed class SummedAreaTests
{
    [Fact]
    public void A_rectangle_has_the_sum_of_its_values()
    {
        SummedArea sums = new([1, 2, 4, 8, 16, 32], 2, 3);
        Assert.Equal((63, 2 + 16, 8 + 16, 0), (sums.Of(0, 0, 2, 3), sums.Of(0, 1, 2, 2), sums.Of(1, 0, 2, 2), sums.Of(1, 1, 1, 3)));
    }

    [Fact]
    public void A_grid_has_as_many_values_as_its_rows_and_columns_say()
    {
        Assert.Throws<ArgumentException>("values", () => new SummedArea(new double[5], 2, 3));
        Assert.Throws<ArgumentException>("values", () => new SummedArea(new double[7], 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>("rows", () => new SummedArea([], -1, 3));
        Assert.Throws<ArgumentOutOfRangeException>("columns", () => new SummedArea([], 2, -1));
    }
}
