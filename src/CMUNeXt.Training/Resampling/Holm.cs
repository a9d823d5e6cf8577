namespace CMUNeXt.Training.Resampling;

/// <summary>
/// Holm's correction of several p values (Scandinavian Journal of Statistics 6, 1979): the probability that any one of the tests errs stays
/// that of one.
/// </summary>
internal static class Holm
{
    /// <summary>The corrected values, in the order of the given ones, each at most 1.</summary>
    public static double[] Adjust(IReadOnlyList<double> values)
    {
        double[] adjusted = new double[values.Count];
        double largest = 0;
        int left = values.Count;
        foreach (int i in Enumerable.Range(0, values.Count).OrderBy(i => values[i]))
        {
            largest = Math.Max(largest, Math.Min(1, values[i] * left--));
            adjusted[i] = largest;
        }

        return adjusted;
    }
}
