namespace CMUNeXt.Training.Evaluation;

/// <summary>Whether lesions are found where there are some and nowhere else: what healthy images among the cases show.</summary>
/// <param name="Healthy">The number of cases without a lesion; those that have ignored pixels have no part in the summary.</param>
/// <param name="WithLesion">The number of cases with one or more.</param>
/// <param name="RocArea">
/// The area under the ROC curve of the presence, lesion against healthy; null where given masks were judged or one of the two is missing.
/// </param>
/// <param name="SensitivityAt90">
/// The part of images with a lesion above the presence that 90 % of the healthy ones do not exceed; null likewise.
/// </param>
/// <param name="SensitivityAt95">The same for 95 %.</param>
/// <param name="Threshold">
/// The presence at or below which nothing was outlined; null where all was, or the folds differ
/// (<see cref="EvaluationInfo.PresenceThresholds"/>).
/// </param>
/// <param name="FalsePositiveImages">The healthy images in which a lesion is found; null where there are none.</param>
/// <param name="ConfidentFalsePositiveImages">
/// Those in which one is found with a confidence of at least 50 %; null also where lesions are found that have no confidence.
/// </param>
/// <param name="FalsePositivesAHealthyImage">Lesions found in a healthy image, on average; null where there are none.</param>
/// <param name="FalsePositivesALesionImage">
/// Lesions found that overlap none of the reference with an IoU of at least 0.1, in an image with a lesion.
/// </param>
/// <param name="Froc">The FROC curves for hits from an IoU of 0.1 and of 0.5; none where no case has a lesion.</param>
/// <param name="MissedBySize">
/// The reference's lesions that nothing hits with an IoU of at least 0.1, in three groups of equal number by size.
/// </param>
/// <param name="Roc">The ROC curve; empty where there is no area.</param>
public sealed record PresenceSummary(
    int Healthy,
    int WithLesion,
    double? RocArea,
    double? SensitivityAt90,
    double? SensitivityAt95,
    double? Threshold,
    WilsonInterval? FalsePositiveImages,
    WilsonInterval? ConfidentFalsePositiveImages,
    double? FalsePositivesAHealthyImage,
    double? FalsePositivesALesionImage,
    IReadOnlyList<FrocCurve> Froc,
    IReadOnlyList<MissedLesions> MissedBySize,
    IReadOnlyList<CurvePoint> Roc)
{
    /// <summary>The IoU from which a lesion counts as detected.</summary>
    public const double DetectionIou = 0.1;

    /// <summary>Summarizes cases of a network; null where given masks were judged, which have no lesions with scores.</summary>
    internal static PresenceSummary? Of(EvaluationInfo info, IReadOnlyList<CaseResult> cases, bool haveConfidences)
    {
        if (cases.Any(c => c.Presence is null))
        {
            return null;
        }

        CaseResult[] known = [.. cases.Where(c => !c.IsUncertain)];
        CaseResult[] healthy = [.. known.Where(c => c.References.Count == 0)];
        CaseResult[] lesions = [.. known.Where(c => c.References.Count > 0)];
        double[] negatives = [.. healthy.Select(c => c.Presence!.Value)];
        double[] positives = [.. lesions.Select(c => c.Presence!.Value)];
        bool both = negatives.Length > 0 && positives.Length > 0;
        return new PresenceSummary(
            healthy.Length,
            lesions.Length,
            both ? RocCurve.Area(negatives, positives) : null,
            both ? RocCurve.Sensitivity(negatives, positives, 0.90) : null,
            both ? RocCurve.Sensitivity(negatives, positives, 0.95) : null,
            info.PresenceThreshold,
            Images(healthy, c => c.Lesions.Count > 0),
            haveConfidences ? Images(healthy, c => c.Lesions.Any(lesion => lesion.Confidence >= 0.5)) : null,
            healthy.Length == 0 ? null : healthy.Average(c => c.Lesions.Count),
            lesions.Length == 0 ? null : lesions.Average(c => c.Lesions.Count(lesion => lesion.Iou < DetectionIou)),
            [.. new[] { DetectionIou, LesionSummary.LeastIou }.Select(iou => FrocCurve.Of(known, iou)).OfType<FrocCurve>()],
            MissedLesions.BySize(lesions),
            both ? RocCurve.Points(negatives, positives) : []);
    }

    private static WilsonInterval? Images(CaseResult[] images, Func<CaseResult, bool> count) =>
        images.Length == 0 ? null : WilsonInterval.From(images.Count(count), images.Length);
}

/// <summary>The lesions of the reference of about one size, and how many of them nothing hits.</summary>
/// <param name="Size">small, medium or large.</param>
/// <param name="LeastArea">The smallest one's part of the image, in (0, 1].</param>
/// <param name="LargestArea">The largest one's.</param>
/// <param name="Missed">How many of them are missed, with its interval.</param>
public sealed record MissedLesions(string Size, double LeastArea, double LargestArea, WilsonInterval Missed)
{
    internal static IReadOnlyList<MissedLesions> BySize(IReadOnlyList<CaseResult> cases)
    {
        (double Area, bool Missed)[] all =
        [
            .. cases.SelectMany(c => c.References.Select((reference, r) => (
                reference.AreaFraction,
                !c.Lesions.Any(lesion => lesion.Reference == r && lesion.Iou >= PresenceSummary.DetectionIou))))
                    .OrderBy(lesion => lesion.AreaFraction),
        ];
        return
        [
            .. EqualParts.BySize(all, least: 1).Select(third => new MissedLesions(
                third.Size, third.Part[0].Area, third.Part[^1].Area,
                WilsonInterval.From(third.Part.Count(lesion => lesion.Missed), third.Part.Length))),
        ];
    }
}
