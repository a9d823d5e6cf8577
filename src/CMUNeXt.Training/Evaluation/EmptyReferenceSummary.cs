using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Evaluation;

/// <summary>How often, and how much, is found in images whose reference does not hold the class.</summary>
/// <param name="Cases">
/// The number of cases whose reference does not hold the class, without those that hold no class and have ignored pixels.
/// </param>
/// <param name="Found">In how many of them a pixel is found: a false positive.</param>
/// <param name="FoundFraction">The same as a part of the cases, in [0, 1].</param>
/// <param name="Confident">
/// In how many of them a lesion is found with a confidence of at least 0.5; null where a lesion of the
/// evaluation has none, and where given masks were judged.
/// </param>
/// <param name="FoundArea">The part of the image's known pixels that is found, in [0, 1], over all these cases.</param>
public sealed record EmptyReferenceSummary(int Cases, int Found, double FoundFraction, int? Confident, Statistic FoundArea)
{
    internal static EmptyReferenceSummary? Of(int label, IReadOnlyList<CaseResult> all, bool haveConfidences)
    {
        CaseResult[] cases = [.. all.Where(c => c.Classes[label - 1].Confusion.ReferenceArea == 0 && !c.IsUncertain)];
        if (cases.Length == 0)
        {
            return null;
        }

        SegmentationMetrics[] metrics = [.. cases.Select(c => c.Classes[label - 1])];
        int found = metrics.Count(static m => m.Confusion.PredictedArea > 0);
        return new EmptyReferenceSummary(
            cases.Length,
            found,
            (double)found / cases.Length,
            haveConfidences
                ? cases.Count(c => c.Lesions.Any(lesion => lesion.Class == label && lesion.Confidence >= 0.5))
                : null,
            Statistic.Of(metrics.Select(static m => (double)m.Confusion.PredictedArea / m.Confusion.Pixels)));
    }
}
