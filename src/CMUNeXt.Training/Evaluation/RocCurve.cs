namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// How well a score tells images with a lesion from healthy ones: its receiver operating characteristic. An image is called positive where
/// its score is above a threshold.
/// </summary>
internal static class RocCurve
{
    /// <summary>
    /// The area under the curve: the probability that a positive scores above a negative, ties counting one half (Mann-Whitney).
    /// </summary>
    /// <param name="negatives">The scores of healthy images, at least one.</param>
    /// <param name="positives">The scores of images with a lesion, at least one.</param>
    public static double Area(IReadOnlyList<double> negatives, IReadOnlyList<double> positives)
    {
        double[] sorted = [.. negatives.Order()];
        double sum = 0;
        foreach (double score in positives)
        {
            int below = Lower(sorted, score);
            int notAbove = below + sorted.Skip(below).TakeWhile(value => value == score).Count();
            sum += (below + notAbove) / 2.0;
        }

        return sum / ((double)negatives.Count * positives.Count);
    }

    /// <summary>The lowest threshold that at least a part of the negatives do not exceed.</summary>
    /// <param name="negatives">The scores of healthy images, at least one.</param>
    /// <param name="specificity">The part, above 0 and at most 1.</param>
    public static double Threshold(IReadOnlyList<double> negatives, double specificity)
    {
        // The rounding keeps 0.95 of 20 at 19, though 0.95 is no binary fraction.
        int needed = Math.Clamp((int)Math.Ceiling(Math.Round(specificity * negatives.Count, 9)), 1, negatives.Count);
        return negatives.Order().ElementAt(needed - 1);
    }

    /// <summary>The part of the positives above the threshold that <see cref="Threshold"/> gives.</summary>
    public static double Sensitivity(IReadOnlyList<double> negatives, IReadOnlyList<double> positives, double specificity)
    {
        double threshold = Threshold(negatives, specificity);
        return (double)positives.Count(score => score > threshold) / positives.Count;
    }

    /// <summary>The curve's corners, from (0, 0) to (1, 1): the false-positive rate and the sensitivity at every threshold.</summary>
    public static IReadOnlyList<CurvePoint> Points(IReadOnlyList<double> negatives, IReadOnlyList<double> positives)
    {
        double[] falses = [.. negatives.Order()];
        double[] trues = [.. positives.Order()];
        return
        [
            new(0, 0),
            .. falses.Concat(trues).Distinct().OrderDescending().Select(threshold => new CurvePoint(
                PartFrom(falses, threshold), PartFrom(trues, threshold))),
        ];
    }

    private static double PartFrom(double[] sorted, double threshold) =>
        (double)(sorted.Length - Lower(sorted, threshold)) / sorted.Length;

    private static int Lower(double[] sorted, double value)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
