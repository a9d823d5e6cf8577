using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Resampling;

namespace CMUNeXt.Training.Comparisons;

/// <summary>Compares values of the same cases: with the same resamples and permutations for every metric.</summary>
/// <param name="units">The unit of each case, numbered from 0.</param>
/// <param name="bootstrap">The resamples of the units.</param>
/// <param name="permutations">The permutations of the units.</param>
internal sealed class PairedComparison(int[] units, Bootstrap bootstrap, PermutationTest permutations)
{
    /// <summary>Draws resamples and permutations.</summary>
    public PairedComparison(int[] units, ulong seed)
        : this(units, Bootstrap.Draw(units.Max() + 1, seed), PermutationTest.Draw(units.Max() + 1, seed))
    {
    }

    /// <summary>Fills in the figures of a metric.</summary>
    /// <param name="metric">What it is.</param>
    /// <param name="values">For each evaluation the value of each case; NaN is undefined.</param>
    public ComparedMetric Of(ComparedMetric metric, double[][] values)
    {
        ComparedDifference[] differences =
            [.. values.Skip(1).Select(other => Difference([.. other.Zip(values[0], (mine, first) => mine - first)]))];

        // Where no case has a value in both there is no test, and nothing to correct for.
        Queue<double> adjusted = new(Holm.Adjust([.. differences.Select(one => one.P).OfType<double>()]));
        return metric with
        {
            Means = [.. values.Select(Mean)],
            Differences = [.. differences.Select(one => one with { AdjustedP = one.P is null ? null : adjusted.Dequeue() })],
        };
    }

    private ComparedMean Mean(double[] values)
    {
        Statistic statistic = Statistic.Of(values);
        return new ComparedMean(statistic.Mean, bootstrap.OfMean(values, units), statistic.Count);
    }

    private ComparedDifference Difference(double[] differences)
    {
        Statistic statistic = Statistic.Of(differences);
        return new ComparedDifference(
            statistic.Mean, bootstrap.OfMean(differences, units), statistic.Count == 0 ? null : permutations.Of(differences, units), null,
                statistic.Count);
    }
}
