using CMUNeXt.Masks;

namespace CMUNeXt.Training.Metrics;

/// <summary>
/// The confusion of one class in one case, in pixels, and the ratios that follow from it. All ratios are in [0, 1]; nothing is added
/// to numerators or denominators. A ratio of 0 / 0 is undefined: it is <see cref="double.NaN"/>, and belongs in no mean. The one
/// exception is <see cref="Precision"/> of a missed class, which is 0. For Dice and IoU this is nnU-Net's rule, for IoU, sensitivity and
/// precision that of the MetricsReloaded library (Maier-Hein, Reinke et al., "Metrics reloaded", Nature Methods 21, 2024).
/// </summary>
/// <param name="TruePositives">Pixels of the class in both masks.</param>
/// <param name="FalsePositives">Pixels of the class in the prediction alone.</param>
/// <param name="FalseNegatives">Pixels of the class in the reference alone.</param>
/// <param name="TrueNegatives">All other pixels that are judged.</param>
public readonly record struct Confusion(long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives)
{
    /// <summary>The pixels of the class in the reference.</summary>
    public long ReferenceArea => TruePositives + FalseNegatives;

    /// <summary>The pixels of the class in the prediction.</summary>
    public long PredictedArea => TruePositives + FalsePositives;

    /// <summary>The pixels of the image that are judged.</summary>
    public long Pixels => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>Which of the two masks holds the class.</summary>
    public Outcome Outcome => (ReferenceArea > 0, PredictedArea > 0) switch
    {
        (true, true) => Outcome.BothPresent,
        (true, false) => Outcome.Missed,
        (false, true) => Outcome.FalsePositive,
        _ => Outcome.CorrectlyEmpty,
    };

    /// <summary>Intersection over union, the Jaccard index: TP / (TP + FP + FN). Undefined where both masks are empty.</summary>
    public double Iou => Ratio(TruePositives, TruePositives + FalsePositives + FalseNegatives);

    /// <summary>The Dice coefficient: 2 TP / (2 TP + FP + FN). Undefined where both masks are empty.</summary>
    public double Dice => Ratio(2 * TruePositives, ReferenceArea + PredictedArea);

    /// <summary>The harmonic mean of precision and sensitivity. Within one case it is the same number as <see cref="Dice"/>.</summary>
    public double F1 => Dice;

    /// <summary>Recall: TP / (TP + FN). Undefined where the reference is empty.</summary>
    public double Sensitivity => Ratio(TruePositives, ReferenceArea);

    /// <summary>
    /// TP / (TP + FP). Undefined where both masks are empty; 0 where only the prediction is empty, so that missing a lesion never
    /// raises a mean.
    /// </summary>
    public double Precision => Outcome == Outcome.Missed ? 0 : Ratio(TruePositives, PredictedArea);

    /// <summary>TN / (TN + FP). Undefined where the reference fills what is judged of the image.</summary>
    public double Specificity => Ratio(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>(TP + TN) / all pixels that are judged. Undefined where none is.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Pixels);

    /// <summary>Counts the confusion of one class.</summary>
    /// <param name="reference">The reference mask.</param>
    /// <param name="prediction">The mask to judge, of the same size.</param>
    /// <param name="label">The class's index; every other index is background to it.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static Confusion Of(Mask reference, Mask prediction, byte label = 1)
    {
        RequireEqualSizes(reference, prediction);
        ReadOnlySpan<byte> a = reference.Pixels;
        ReadOnlySpan<byte> b = prediction.Pixels;
        long both = 0;
        for (int i = 0; i < a.Length; i++)
        {
            both += a[i] == label && b[i] == label ? 1 : 0;
        }

        long referenceArea = reference.Area(label);
        long predictedArea = prediction.Area(label);
        return new Confusion(both, predictedArea - both, referenceArea - both, a.Length - referenceArea - predictedArea + both);
    }

    /// <summary>The same without pixels that nothing is known of, which were background in both masks.</summary>
    internal Confusion Without(int ignored) => new(TruePositives, FalsePositives, FalseNegatives, TrueNegatives - ignored);

    internal static void RequireEqualSizes(Mask reference, Mask prediction)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(prediction);
        if (reference.Width != prediction.Width || reference.Height != prediction.Height)
        {
            throw new ArgumentException(
                $"The masks differ in size: {reference.Width} x {reference.Height} and {prediction.Width} x {prediction.Height}.",
                nameof(prediction));
        }
    }

    private static double Ratio(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;
}
