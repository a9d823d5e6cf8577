namespace CMUNeXt.Training.Evaluation;

/// <summary>Some cases that a report shows with images.</summary>
/// <param name="Title">What they are.</param>
/// <param name="Cases">The cases, worst first.</param>
internal sealed record CaseSelection(string Title, IReadOnlyList<CaseResult> Cases)
{
    private const int Size = 6;

    /// <summary>
    /// The worst, the middle and the best cases by mean IoU, no case twice; all in one where they are few. Of cases of one IoU, often 0,
    /// the one with more wrong pixels in its image is the worse. Cases without a defined IoU have no rank.
    /// </summary>
    public static IReadOnlyList<CaseSelection> Of(IReadOnlyList<CaseResult> cases)
    {
        CaseResult[] ranked =
        [
            .. cases.Where(static c => !c.IsUncertain && double.IsFinite(c.MeanIou))
                .OrderBy(static c => c.MeanIou)
                .ThenByDescending(static c => c.WrongFraction)
                .ThenBy(static c => c.Name, StringComparer.Ordinal),
        ];
        return ranked.Length switch
        {
            0 => [],
            <= 3 * Size => [new CaseSelection("All cases, worst first", ranked)],
            _ =>
            [
                new CaseSelection("Worst cases", ranked[..Size]),
                new CaseSelection("Cases around the median", ranked[((ranked.Length - Size) / 2)..][..Size]),
                new CaseSelection("Best cases", ranked[^Size..]),
            ],
        };
    }
}
