namespace CMUNeXt.Masks;

/// <summary>
/// From the mean probability of a lesion's pixels to the probability that the lesion is right: that its IoU with a lesion of the truth is
/// at least <see cref="LeastIou"/>. It is a logistic regression on one number, as in Platt, "Probabilistic outputs for support vector
/// machines" (1999): 1 / (1 + exp(-(intercept + slope x logit(mean probability)))). It belongs to the weights and the threshold that it was
/// fitted with.
/// </summary>
public sealed record LesionCalibration
{
    // Beyond these a mean probability says no more, and its logit would run away.
    private const double Least = 1e-6;

    /// <summary>The regression's constant, finite.</summary>
    public required double Intercept { get; init; }

    /// <summary>The regression's slope, finite.</summary>
    public required double Slope { get; init; }

    /// <summary>The IoU from which a lesion counts as right, in (0, 1].</summary>
    public double LeastIou { get; init; } = 0.5;

    /// <summary>The number of lesions that it was fitted to, at least 1.</summary>
    public required int Lesions { get; init; }

    /// <summary>
    /// The expected calibration error of the same regression fitted to one half of the cases and judged on the other, both ways, in [0, 1];
    /// empty where it was not measured.
    /// </summary>
    public IReadOnlyList<double> ExpectedCalibrationErrors { get; init; } = [];

    /// <summary>The number that the regression is on: the logit of a mean probability.</summary>
    /// <param name="meanProbability">The mean probability of a lesion's pixels, in [0, 1].</param>
    internal static double Feature(double meanProbability)
    {
        double inside = Math.Clamp(meanProbability, Least, 1 - Least);
        return Math.Log(inside / (1 - inside));
    }

    /// <summary>The probability that a lesion's IoU with the truth is at least <see cref="LeastIou"/>, in (0, 1).</summary>
    /// <param name="meanProbability">The mean probability of its pixels, in [0, 1].</param>
    public double Confidence(double meanProbability) => 1 / (1 + Math.Exp(-(Intercept + (Slope * Feature(meanProbability)))));
}
