namespace CMUNeXt.Training.Evaluation;

/// <summary>The lesions that a network found.</summary>
/// <param name="Found">Their number.</param>
/// <param name="Right">The number of those whose IoU with a lesion of the reference is at least 0.5.</param>
/// <param name="Reliability">Whether their confidences mean what they say; null where the weights carry no calibration.</param>
public sealed record LesionSummary(int Found, int Right, Reliability? Reliability)
{
    /// <summary>The IoU from which a lesion is right.</summary>
    public const double LeastIou = 0.5;

    internal static LesionSummary? Of(IReadOnlyList<LesionResult> lesions) => lesions.Count == 0
        ? null
        : new LesionSummary(
            lesions.Count,
            lesions.Count(static lesion => lesion.Iou >= LeastIou),
            lesions.All(static lesion => lesion.Confidence is not null)
                ? Evaluation.Reliability.Of([.. lesions.Select(static lesion => (lesion.Confidence!.Value, lesion.Iou >= LeastIou))])
                : null);
}
