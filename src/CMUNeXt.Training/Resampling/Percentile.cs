namespace CMUNeXt.Training.Resampling;

/// <summary>Percentiles by linear interpolation between ranks, as NumPy has them.</summary>
internal static class Percentile
{
    /// <summary>The value at rank part x (n - 1), counted from 0.</summary>
    /// <param name="sorted">At least one value, in rising order.</param>
    /// <param name="part">From 0 to 1.</param>
    public static double Of(double[] sorted, double part)
    {
        double rank = part * (sorted.Length - 1);
        int below = (int)rank;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (rank - below));
    }
}
