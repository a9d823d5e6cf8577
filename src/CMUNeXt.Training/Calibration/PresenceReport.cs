using CMUNeXt.Masks;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Calibration;

/// <summary>How well the presence tells healthy images from those with a lesion, and the threshold that goes into the weights.</summary>
/// <param name="Threshold">Fitted to all healthy cases.</param>
/// <param name="RocArea">The area under the ROC curve; null where no case has a lesion.</param>
/// <param name="SpecificityOnOtherHalf">
/// The part of one half's healthy cases at or below the threshold fitted to the other half's, both ways; empty where a half has none.
/// </param>
public sealed record PresenceReport(PresenceThreshold Threshold, double? RocArea, IReadOnlyList<double> SpecificityOnOtherHalf)
{
    /// <summary>The number of healthy cases at or below the threshold.</summary>
    public int HealthyAtOrBelow { get; init; }

    /// <summary>The fewest healthy cases that a threshold is fitted to.</summary>
    public const int LeastHealthy = 20;

    /// <summary>Fits the threshold; null where there are too few healthy cases.</summary>
    internal static PresenceReport? Fit(IReadOnlyList<CalibrationCase> cases, IReadOnlyList<CalibrationCase[]> halves, double specificity)
    {
        double[] healthy = Healthy(cases);
        double[] lesions = [.. cases.Where(c => c.IsHealthy == false).Select(c => c.Presence)];
        if (healthy.Length < LeastHealthy)
        {
            return null;
        }

        PresenceThreshold threshold = new()
        {
            Score = RocCurve.Threshold(healthy, specificity),
            Specificity = specificity,
            HealthyImages = healthy.Length,
            Sensitivity = lesions.Length == 0 ? null : RocCurve.Sensitivity(healthy, lesions, specificity),
        };
        double[][] parts = [.. halves.Select(Healthy)];
        return new PresenceReport(
            threshold,
            lesions.Length == 0 ? null : RocCurve.Area(healthy, lesions),
            parts.Any(part => part.Length == 0) ? [] : [Judge(parts[0], parts[1]), Judge(parts[1], parts[0])])
        {
            HealthyAtOrBelow = healthy.Count(value => value <= threshold.Score),
        };

        double Judge(double[] fitted, double[] judged)
        {
            double score = RocCurve.Threshold(fitted, specificity);
            return (double)judged.Count(value => value <= score) / judged.Length;
        }
    }

    private static double[] Healthy(IReadOnlyList<CalibrationCase> cases) =>
        [.. cases.Where(c => c.IsHealthy == true).Select(c => c.Presence)];
}
