namespace CMUNeXt.Masks;

/// <summary>
/// From what is known of a lesion to the probability that it is right: that its IoU with a lesion of the reference is at least
/// <see cref="LeastIou"/>. It is a logistic regression, as in Platt, "Probabilistic outputs for support vector machines" (1999):
/// 1 / (1 + exp(-(intercept + slope x logit(mean probability) + share slope x share's logit))). It belongs to the weights and the threshold
/// that it was fitted with.
/// </summary>
public sealed record LesionCalibration
{
    // Beyond these a mean probability or a share says no more, and its logit would run away.
    private const double LeastProbability = 1e-6;
    private const double LeastShare = 0.01;

    /// <summary>The regression's constant, finite.</summary>
    public required double Intercept { get; init; }

    /// <summary>The regression's slope in the logit of the mean probability, finite.</summary>
    public required double Slope { get; init; }

    /// <summary>
    /// The regression's slope in the logit of the lesion's share of all that is found, finite; above 0 a small lesion beside a large one is
    /// less likely right than the same lesion alone. 0 where the share was not looked at.
    /// </summary>
    public double ShareSlope { get; init; }

    /// <summary>The IoU from which a lesion counts as right: 0.5 in all weight files.</summary>
    public double LeastIou { get; init; } = 0.5;

    /// <summary>The number of lesions that it was fitted to, at least 1.</summary>
    public required int Lesions { get; init; }

    /// <summary>
    /// The expected calibration error of the same regression fitted to one half of the cases and judged on the other, both ways, in [0, 1];
    /// empty where it was not measured.
    /// </summary>
    public IReadOnlyList<double> ExpectedCalibrationErrors { get; init; } = [];

    /// <summary>The probability that a lesion's IoU with the reference is at least <see cref="LeastIou"/>, in (0, 1).</summary>
    /// <param name="meanProbability">The mean probability of its pixels, in [0, 1].</param>
    /// <param name="share">Its part of all pixels of the image that are found of its class, in [0, 1]; 1 where it is alone.</param>
    public double Confidence(double meanProbability, double share)
    {
        double[] features = Features(meanProbability, share);
        return 1 / (1 + Math.Exp(-(Intercept + (Slope * features[0]) + (ShareSlope * features[1]))));
    }

    /// <summary>
    /// The two numbers that the regression is on: the logit of the mean probability, and that of the share, moved so that it is 0 for a
    /// lesion alone and below 0 for any other.
    /// </summary>
    /// <param name="meanProbability">The mean probability of the lesion's pixels, in [0, 1].</param>
    /// <param name="share">Its part of all pixels of the image that are found of its class, in [0, 1]; 1 where it is alone.</param>
    public static double[] Features(double meanProbability, double share)
    {
        double inside = Math.Clamp(meanProbability, LeastProbability, 1 - LeastProbability);
        double part = Math.Clamp(share, 0, 1);
        return [Math.Log(inside / (1 - inside)),
            Math.Log((part + LeastShare) / (1 - part + LeastShare)) - Math.Log((1 + LeastShare) / LeastShare)];
    }
}
