using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Resampling;

/// <summary>
/// The paired permutation test of a mean difference: were there none, the sign of each unit's differences would be chance. Where few units
/// differ, all their signs are gone through; otherwise some are drawn, with 1 added to both counts, so that no p is 0 (Phipson, Smyth,
/// "Permutation p-values should never be zero", 2010).
/// </summary>
/// <param name="flips">For each permutation that is drawn, which units change their sign.</param>
/// <param name="goesThroughFew">Whether all signs of few units are gone through.</param>
internal sealed class PermutationTest(bool[][] flips, bool goesThroughFew = false)
{
    /// <summary>The number of permutations that are drawn.</summary>
    public const int Permutations = 10_000;

    // With as many units there are fewer permutations than are drawn.
    private const int FewUnits = 13;

    // Sums of the same numbers in another order are equal but for rounding.
    private const double Rounding = 1e-12;

    /// <summary>Draws permutations: functions of seed and number of units alone.</summary>
    /// <param name="units">The number of units, at least 1.</param>
    /// <param name="seed">The seed.</param>
    public static PermutationTest Draw(int units, ulong seed)
    {
        RandomSequence random = new(seed, "permutation", (ulong)units);
        bool[][] flips = new bool[Permutations][];
        for (int p = 0; p < flips.Length; p++)
        {
            flips[p] = new bool[units];
            for (int u = 0; u < units; u++)
            {
                flips[p][u] = (random.Next() >> 63) != 0;
            }
        }

        return new PermutationTest(flips, goesThroughFew: true);
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

        double least = Math.Abs(sums.Sum()) - (Rounding * sums.Sum(Math.Abs));
        bool IsAsFar(double sum) => Math.Abs(sum) >= least;

        // A unit without a difference changes nothing with its sign.
        double[] differing = [.. sums.Where(static sum => sum != 0)];
        return !goesThroughFew || differing.Length > FewUnits
            ? (1.0 + flips.Count(signs => IsAsFar(Sum(sums, signs)))) / (1 + flips.Length)
            : (double)SumsOfAllSigns(differing).Count(IsAsFar) / (1 << differing.Length);
    }

    private static IEnumerable<double> SumsOfAllSigns(double[] sums) => Enumerable.Range(0, 1 << sums.Length)
        .Select(signs => sums.Select((sum, u) => (signs >> u & 1) != 0 ? -sum : sum).Sum());

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
