using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Resampling;

/// <summary>
/// Intervals by the bootstrap over units (Efron, Tibshirani, "An introduction to the bootstrap", 1993; the percentile interval): patients,
/// or cases, are drawn with replacement, as many as there are, each with all its values.
/// </summary>
/// <param name="draws">For each resample the units drawn, as many as there are.</param>
internal sealed class Bootstrap(int[][] draws)
{
    /// <summary>The number of resamples.</summary>
    public const int Resamples = 2000;

    private const double Outside = 0.025;

    /// <summary>Draws resamples: functions of seed and number of units alone.</summary>
    /// <param name="units">The number of units, at least 1.</param>
    /// <param name="seed">The seed.</param>
    public static Bootstrap Draw(int units, ulong seed = 0)
    {
        RandomSequence random = new(seed, "bootstrap", (ulong)units);
        int[][] draws = new int[Resamples][];
        for (int r = 0; r < draws.Length; r++)
        {
            draws[r] = new int[units];
            for (int u = 0; u < units; u++)
            {
                draws[r][u] = random.NextInt(units);
            }
        }

        return new Bootstrap(draws);
    }

    /// <summary>The interval that holds the mean with 95 %; null where fewer than two units have a value.</summary>
    /// <param name="values">The values; NaN is undefined.</param>
    /// <param name="units">The unit of each, from 0.</param>
    public MeanInterval? OfMean(IReadOnlyList<double> values, int[] units)
    {
        double[] sums = new double[draws[0].Length];
        int[] counts = new int[sums.Length];
        for (int i = 0; i < values.Count; i++)
        {
            if (!double.IsNaN(values[i]))
            {
                sums[units[i]] += values[i];
                counts[units[i]]++;
            }
        }

        if (counts.Count(static count => count > 0) < 2)
        {
            return null;
        }

        double[] means = [.. draws.Select(draw => Mean(draw, sums, counts)).Where(double.IsFinite).Order()];
        return new MeanInterval(Percentile.Of(means, Outside), Percentile.Of(means, 1 - Outside));
    }

    // Not a number where the drawn units have no value.
    private static double Mean(int[] draw, double[] sums, int[] counts)
    {
        double sum = 0;
        int count = 0;
        foreach (int unit in draw)
        {
            sum += sums[unit];
            count += counts[unit];
        }

        return sum / count;
    }
}
