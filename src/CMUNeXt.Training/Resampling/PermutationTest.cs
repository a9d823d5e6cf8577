using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Resampling;

/// <summary>
/// The paired permutation test of a mean difference: were there none, the sign of each unit's differences would be chance. Of few units all
/// signs are gone through; otherwise some are drawn, with 1 added to both counts, so that no p is 0 (Phipson, Smyth, "Permutation p-values
/// should never be zero", 2010).
/// </summary>
/// <param name="flips">For each permutation, which units change their sign.</param>
/// <param name="areAll">Whether they are all that there are.</param>
internal sealed class PermutationTest(bool[][] flips, bool areAll = false)
{
    /// <summary>The number of permutations that are drawn.</summary>
    private const int Drawn = 10_000;

    // With as many units there are fewer permutations than are drawn.
    private const int FewUnits = 13;

    // Sums of the same numbers in another order are equal but for rounding.
    private const double Rounding = 1e-12;

    /// <summary>The number of permutations of so many units.</summary>
    public static int CountOf(int units) => units <= FewUnits ? 1 << units : Drawn;

    /// <summary>Draws permutations: functions of seed and number of units alone.</summary>
    /// <param name="units">The number of units, at least 1.</param>
    /// <param name="seed">The seed.</param>
    public static PermutationTest Draw(int units, ulong seed)
    {
        if (units <= FewUnits)
        {
            return new PermutationTest(
                [.. Enumerable.Range(0, CountOf(units)).Select(p => Enumerable.Range(0, units).Select(u => (p >> u & 1) != 0).ToArray())],
                areAll: true);
        }

        RandomSequence random = new(seed, "permutation", (ulong)units);
        bool[][] flips = new bool[Drawn][];
        for (int p = 0; p < flips.Length; p++)
        {
            flips[p] = new bool[units];
            for (int u = 0; u < units; u++)
            {
                flips[p][u] = (random.Next() >> 63) != 0;
            }
        }

        return new PermutationTest(flips);
    }

    /// <summary>The two-sided p of the mean difference, above 0, at most 1.</summary>
    /// <param name="differences">The differences; NaN is undefined.</param>
    /// <param name="units">The unit of each, from 0.</param>
    public double Of(IReadOnlyList<double> differences, int[] units)
    {
        double[] sums = new double[flips[0].Length];
        for (int i = 0; i < differences.Count; i++)
        {
            sums[units[i]] += double.IsNaN(differences[i]) ? 0 : differences[i];
        }

        double least = Math.Abs(sums.Sum()) * (1 - Rounding);
        int asFar = flips.Count(signs => Math.Abs(Sum(sums, signs)) >= least);
        return areAll ? (double)asFar / flips.Length : (1.0 + asFar) / (1 + flips.Length);
    }

    private static double Sum(double[] sums, bool[] signs)
    {
        double sum = 0;
        for (int u = 0; u < sums.Length; u++)
        {
            sum += signs[u] ? -sums[u] : sums[u];
        }

        return sum;
    }
}
