using CMUNeXt.Training.Comparisons;

namespace CMUNeXt.Training.Tests.Comparisons;

public sealed class PairedComparisonTests
{
    [Fact]
    public void Only_tests_that_there_are_count_in_the_correction()
    {
        double[] first = [0, 0, 0, 0, 0, 0, 0, 0];
        double[] better = [1, 2, 3, 1, 2, 3, 1, 2];
        double[] undefined = [.. first.Select(static _ => double.NaN)];
        ComparedMetric none = new(null, "lesion", "hd95", "HD95", InPixels: true, first.Length, [], []);
        PairedComparison paired = new([.. Enumerable.Range(0, first.Length)], seed: 1);

        IReadOnlyList<ComparedDifference> one = paired.Of(none, [first, undefined, better]).Differences;
        Assert.Null(one[0].P);
        Assert.Null(one[0].AdjustedP);

        // Of 256 sign patterns of eight units two are as far.
        Assert.Equal(2 / 256.0, one[1].P!.Value, 1e-15);
        Assert.Equal(one[1].P, one[1].AdjustedP);

        // As few of many units: what does not differ changes no sign.
        double[] many = [.. better, .. new double[92]];
        PairedComparison ofMany = new([.. Enumerable.Range(0, many.Length)], seed: 1);
        Assert.Equal(2 / 256.0, ofMany.Of(none, [new double[many.Length], many]).Differences[0].P!.Value, 1e-15);

        IReadOnlyList<ComparedDifference> two = paired.Of(none, [first, better, better]).Differences;
        Assert.All(two, difference => Assert.Equal(2 * difference.P!.Value, difference.AdjustedP!.Value, 1e-12));
    }
}
