using System.Text.Json;
using CMUNeXt.Tests;
using CMUNeXt.Training.Comparisons;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Tests.Resampling;

/// <summary>
/// Intervals and tests against NumPy: <c>reference.json</c> is what <c>tests/numpy/comparison.py</c> prints. Given the same resamples and
/// permutations they are the same numbers; with our own, they differ by no more than chance.
/// </summary>
public sealed class NumPyReferenceTests
{
    private const double Tolerance = 1e-9;

    // Beyond four standard deviations is less than once in ten thousand, and the generator's seed is fixed.
    private const double Deviations = 4;

    private static readonly JsonElement Reference = JsonDocument.Parse(
        File.ReadAllBytes(Repository.Path("tests", "CMUNeXt.Training.Tests", "Resampling", "reference.json"))).RootElement;

    private static readonly int[] Units = [.. Reference.GetProperty("units").EnumerateArray().Select(unit => unit.GetInt32())];
    private static readonly double[] First = Values("first");
    private static readonly double[] Second = Values("second");
    private static readonly ComparedMetric Any = new(null, "lesion", "iou", "IoU", InPixels: false, First.Length, [], []);

    [Fact]
    public void With_the_same_resamples_and_permutations_all_numbers_are_those_of_NumPy()
    {
        Bootstrap bootstrap = new([.. Rows("draws").Select(row => row.Select(unit => (int)unit).ToArray())]);
        PermutationTest permutations = new([.. Rows("flips").Select(row => row.Select(flip => flip > 0).ToArray())]);
        ComparedMetric metric = new PairedComparison(Units, bootstrap, permutations).Of(Any, [First, Second]);
        ComparedDifference difference = Assert.Single(metric.Differences);

        Assert.Equal(Reference.GetProperty("mean_difference").GetDouble(), difference.Mean!.Value, Tolerance);
        AssertInterval("interval_of_difference", difference.Interval!, Tolerance, Tolerance);
        AssertInterval("interval_of_first", metric.Means[0].Interval!, Tolerance, Tolerance);
        Assert.Equal(Reference.GetProperty("p").GetDouble(), difference.P!.Value, Tolerance);
        Assert.Equal((39, 39, 38), (metric.Means[0].Defined, metric.Means[1].Defined, difference.Defined));
    }

    [Fact]
    public void With_resamples_and_permutations_of_our_own_they_agree_within_the_Monte_Carlo_error()
    {
        double[] errors = Values("limit_interval_error");
        ComparedDifference difference = Assert.Single(new PairedComparison(Units, seed: 0).Of(Any, [First, Second]).Differences);

        AssertInterval("limit_interval", difference.Interval!, Deviations * errors[0], Deviations * errors[1]);
        Assert.Equal(Reference.GetProperty("limit_p").GetDouble(), difference.P!.Value,
            Deviations * Reference.GetProperty("limit_p_error").GetDouble());
    }

    [Fact]
    public void Several_tests_are_corrected_as_Holm_has_it() =>
        Assert.Equal(Values("p_values_holm"), Holm.Adjust(Values("p_values")), (expected, actual) =>
            Math.Abs(expected - actual) < Tolerance);

    [Fact]
    public void Equal_values_have_no_difference_and_no_evidence_of_one()
    {
        ComparedDifference difference = Assert.Single(new PairedComparison(Units, seed: 0).Of(Any, [First, First]).Differences);
        Assert.Equal((0.0, 1.0, 1.0), (difference.Mean, difference.P, difference.AdjustedP));
        Assert.Equal(new MeanInterval(0, 0), difference.Interval);
    }

    [Fact]
    public void One_unit_has_no_interval() => Assert.Null(Bootstrap.Draw(1).OfMean([0.5, 0.6], [0, 0]));

    private static void AssertInterval(string name, MeanInterval actual, double low, double high)
    {
        double[] expected = Values(name);
        Assert.Equal(expected[0], actual.Low, low);
        Assert.Equal(expected[1], actual.High, high);
    }

    private static double[] Values(string name) => Numbers(Reference.GetProperty(name));

    private static IEnumerable<double[]> Rows(string name) => Reference.GetProperty(name).EnumerateArray().Select(Numbers);

    private static double[] Numbers(JsonElement list) =>
        [.. list.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble())];
}
