using System.Text.Json.Serialization;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// What a metric is over several cases; undefined values are left out, and only <see cref="Count"/> shows that they were.
/// </summary>
/// <param name="Mean">The mean; null where no value is defined.</param>
/// <param name="StandardDeviation">The standard deviation of a sample (n - 1); null where fewer than two values are defined.</param>
/// <param name="Median">The median, the mean of the middle two for an even count; null where no value is defined.</param>
/// <param name="Count">The number of defined values.</param>
public sealed record Statistic(
    double? Mean, [property: JsonPropertyName("std")] double? StandardDeviation, double? Median, int Count)
{
    /// <summary>
    /// The interval of 95 % of the mean, by the bootstrap over patients or cases; null where it was not taken, or fewer than two have a
    /// value.
    /// </summary>
    public MeanInterval? Interval { get; init; }

    /// <summary>Summarizes values.</summary>
    /// <param name="values">In any order; NaN is undefined.</param>
    public static Statistic Of(IEnumerable<double> values)
    {
        double[] defined = [.. values.Where(static v => !double.IsNaN(v)).Order()];
        int n = defined.Length;
        if (n == 0)
        {
            return new Statistic(null, null, null, 0);
        }

        double mean = defined.Average();
        double? std = n < 2 ? null : Math.Sqrt(defined.Sum(v => (v - mean) * (v - mean)) / (n - 1));
        return new Statistic(mean, std, (defined[(n - 1) / 2] + defined[n / 2]) / 2, n);
    }
}
