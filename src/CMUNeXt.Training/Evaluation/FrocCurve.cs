namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// Free-response ROC: the part of the reference's lesions that are hit, over the false positives an image, as the least score of what
/// counts falls. A found lesion hits the lesion of the reference that it overlaps best, where their IoU is at least
/// <paramref name="LeastIou"/>; else it is a false positive. A second hit of one lesion is neither.
/// </summary>
/// <param name="LeastIou">The IoU from which it is a hit.</param>
/// <param name="Lesions">The number of lesions of the reference.</param>
/// <param name="Sensitivity">The highest sensitivity at no more than 1/8, 1/4, 1/2 and 1 false positives an image, in [0, 1].</param>
/// <param name="Points">The curve: false positives an image, and the sensitivity there.</param>
public sealed record FrocCurve(double LeastIou, int Lesions, IReadOnlyList<double> Sensitivity, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>The false positives an image at which the sensitivity is told.</summary>
    public static IReadOnlyList<double> Rates { get; } = [0.125, 0.25, 0.5, 1];

    /// <summary>The curve over cases; null where the reference holds no lesion.</summary>
    internal static FrocCurve? Of(IReadOnlyList<CaseResult> cases, double leastIou)
    {
        int lesions = cases.Sum(c => c.References.Count);
        if (lesions == 0)
        {
            return null;
        }

        (double Score, bool IsHit, (int Case, int? Reference) Hit)[] found =
        [
            .. cases.SelectMany((c, i) =>
                c.Lesions.Select(lesion => (lesion.Confidence ?? lesion.MeanProbability, lesion.Iou >= leastIou, (i, lesion.Reference)))),
        ];
        HashSet<(int, int?)> hit = [];
        int falsePositives = 0;
        List<CurvePoint> points = [new(0, 0)];
        foreach (var tied in found.GroupBy(f => f.Score).OrderByDescending(g => g.Key))
        {
            hit.UnionWith(tied.Where(f => f.IsHit).Select(f => f.Hit));
            falsePositives += tied.Count(f => !f.IsHit);
            points.Add(new CurvePoint((double)falsePositives / cases.Count, (double)hit.Count / lesions));
        }

        return new FrocCurve(leastIou, lesions, [.. Rates.Select(rate => points.Last(p => p.X <= rate).Y)], points);
    }
}
