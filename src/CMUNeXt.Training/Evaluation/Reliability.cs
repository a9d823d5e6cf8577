using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// Whether confidences mean what they say: of the lesions with about one confidence, as large a part should be right. The expected
/// calibration error is the mean over bins of |mean confidence - fraction right|, each weighing as many lesions as it holds (Naeini,
/// Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015), here over bins of equally many
/// lesions.
/// </summary>
/// <param name="Lesions">The number of lesions.</param>
/// <param name="ExpectedCalibrationError">In [0, 1].</param>
/// <param name="ByChance">
/// The expected calibration error that perfectly calibrated confidences would show on as many lesions, by chance alone: the mean over
/// outcomes drawn from these very confidences.
/// </param>
/// <param name="ByChance95">The same, its 95th percentile.</param>
/// <param name="Bins">The bins, the lowest confidence first.</param>
public sealed record Reliability(
    int Lesions, double ExpectedCalibrationError, double ByChance, double ByChance95, IReadOnlyList<ReliabilityBin> Bins)
{
    /// <summary>The number of bins, where there are enough lesions.</summary>
    public const int BinCount = 5;

    private const int Draws = 2000;

    /// <summary>Measures reliability.</summary>
    /// <param name="lesions">For each lesion its confidence, in [0, 1], and whether it is right; at least one.</param>
    /// <exception cref="ArgumentException">There is no lesion.</exception>
    public static Reliability Of(IReadOnlyList<(double Confidence, bool Right)> lesions)
    {
        ArgumentNullException.ThrowIfNull(lesions);
        if (lesions.Count == 0)
        {
            throw new ArgumentException("There is nothing to measure without a lesion.", nameof(lesions));
        }

        (double Confidence, bool Right)[] ordered = [.. lesions.OrderBy(static lesion => lesion.Confidence)];
        double[] confidences = [.. ordered.Select(static lesion => lesion.Confidence)];
        RandomSequence random = new(0, "reliability");
        double[] drawn = new double[Draws];
        bool[] right = new bool[ordered.Length];
        for (int d = 0; d < Draws; d++)
        {
            for (int i = 0; i < right.Length; i++)
            {
                right[i] = random.NextDouble() < confidences[i];
            }

            drawn[d] = Error(confidences, right);
        }

        Array.Sort(drawn);
        return new Reliability(
            ordered.Length,
            Error(confidences, [.. ordered.Select(static lesion => lesion.Right)]),
            drawn.Average(),
            drawn[(int)(0.95 * (Draws - 1))],
            [
                .. BinsOf(ordered.Length).Select(range => ordered[range]).Select(static bin => new ReliabilityBin(
                    bin.Length,
                    bin[0].Confidence,
                    bin[^1].Confidence,
                    bin.Average(static lesion => lesion.Confidence),
                    bin.Average(static lesion => lesion.Right ? 1.0 : 0.0))),
            ]);
    }

    /// <summary>The expected calibration error of confidences in rising order.</summary>
    internal static double Error(double[] confidences, bool[] right)
    {
        double error = 0;
        foreach (Range range in BinsOf(confidences.Length))
        {
            double difference = 0;
            for (int i = range.Start.Value; i < range.End.Value; i++)
            {
                difference += confidences[i] - (right[i] ? 1 : 0);
            }

            error += Math.Abs(difference);
        }

        return error / confidences.Length;
    }

    private static IEnumerable<Range> BinsOf(int count) => EqualParts.Of(count, Math.Min(BinCount, count));
}

/// <summary>Lesions of about one confidence.</summary>
/// <param name="Lesions">How many.</param>
/// <param name="LeastConfidence">The lowest confidence.</param>
/// <param name="MostConfidence">The highest confidence.</param>
/// <param name="MeanConfidence">The mean confidence.</param>
/// <param name="FractionRight">The part of them that is right.</param>
public sealed record ReliabilityBin(
    int Lesions, double LeastConfidence, double MostConfidence, double MeanConfidence, double FractionRight);
