using System.Globalization;
using System.Text.Json;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What was measured over all cases. As JSON it is <c>summary.json</c>, with names in snake_case.</summary>
/// <param name="Info">What was evaluated.</param>
/// <param name="EmptyMasks">The rule for masks that do not hold a class, in words.</param>
/// <param name="All">All cases.</param>
/// <param name="Subgroups">The cases of each subgroup, by name; none where no name shows one.</param>
/// <param name="Sizes">
/// The cases with a lesion in three equal groups, by the part of the image that is a lesion in the reference; none where there are fewer
/// than six.
/// </param>
/// <param name="Lesions">The lesions that the network found; null where it found none, or given masks were judged.</param>
public sealed record EvaluationSummary(
    EvaluationInfo Info, string EmptyMasks, GroupSummary All, IReadOnlyList<GroupSummary> Subgroups, IReadOnlyList<GroupSummary> Sizes,
    LesionSummary? Lesions)
{
    /// <summary>The cases with a lesion and those without, where there are both: their means are never mixed.</summary>
    public IReadOnlyList<GroupSummary> ByPresence { get; init; } = [];

    /// <summary>What healthy images and detected lesions show; null where given masks were judged.</summary>
    public PresenceSummary? Presence { get; init; }

    /// <summary>Which class is taken for which; null for one class, and where it was not counted.</summary>
    public ClassConfusion? Confusion { get; init; }

    internal const string RuleForEmptyMasks =
        "Neither mask holds the class (correctly empty): IoU, Dice, F1, sensitivity, precision, HD95 and ASSD are undefined. "
        + "Only the prediction holds it (false positive): IoU, Dice, F1 and precision are 0, sensitivity, HD95 and ASSD undefined. "
        + "Only the reference holds it (missed): IoU, Dice, F1, sensitivity and precision are 0, HD95 and ASSD undefined. "
        + "Undefined values are left out of means, standard deviations and medians, and the number of defined values stands beside them.";

    /// <summary>Summarizes cases.</summary>
    /// <param name="info">What was evaluated.</param>
    /// <param name="cases">At least one, each with the metrics of every class named in <paramref name="info"/>.</param>
    /// <param name="grouping">What belongs together.</param>
    /// <exception cref="ArgumentException">There is no case, or a case has another number of classes.</exception>
    internal static EvaluationSummary Of(EvaluationInfo info, IReadOnlyList<CaseResult> cases, CaseGrouping grouping)
    {
        if (cases.Count == 0)
        {
            throw new ArgumentException("There is nothing to summarize without a case.", nameof(cases));
        }

        if (cases.FirstOrDefault(c => c.Classes.Count != info.Classes.Count) is { } odd)
        {
            throw new ArgumentException($"The case {odd.Name} has {odd.Classes.Count} classes, not {info.Classes.Count}.", nameof(cases));
        }

        // Where nothing is found, nothing is found with a confidence either; masks of another program have none.
        LesionResult[] lesions = [.. cases.SelectMany(static c => c.Lesions)];
        bool haveConfidences = info.Weights is not null && (lesions.Length > 0
            ? lesions.All(static lesion => lesion.Confidence is not null)
            : cases.All(static c => c.Classes.All(static one => one.Confusion.PredictedArea == 0)));
        GroupSummary Summarize(string? name, IReadOnlyList<CaseResult> group) =>
            GroupSummary.Of(name, info.Classes, group, grouping, haveConfidences);
        return new EvaluationSummary(
            info,
            RuleForEmptyMasks,
            Summarize(null, cases),
            [
                .. cases.Where(static c => c.Subgroup is not null)
                    .GroupBy(static c => c.Subgroup!)
                    .OrderBy(static g => g.Key, StringComparer.Ordinal)
                    .Select(g => Summarize(g.Key, [.. g])),
                .. grouping.Subgroups
                    .Select(subgroup => (subgroup.Title, Cases: cases.Where(c => subgroup.Cases.Contains(c.Name)).ToArray()))
                    .Where(static subgroup => subgroup.Cases.Length > 0)
                    .Select(subgroup => Summarize(subgroup.Title, subgroup.Cases)),
            ],
            BySize(cases, Summarize),
            LesionSummary.Of([.. cases.Where(static c => !c.IsUncertain).SelectMany(static c => c.Lesions)]))
        {
            ByPresence = SplitByPresence(cases, Summarize),
            Presence = PresenceSummary.Of(info, cases, haveConfidences),
            Confusion = ClassConfusion.Of(info.Classes, cases),
        };
    }

    private static IReadOnlyList<GroupSummary> SplitByPresence(
        IReadOnlyList<CaseResult> cases, Func<string?, IReadOnlyList<CaseResult>, GroupSummary> summarize)
    {
        ILookup<bool, CaseResult> groups = cases.Where(static c => !c.IsUncertain).ToLookup(static c => c.ReferenceFraction > 0);
        return groups.Count < 2 ? [] : [summarize("with a lesion", [.. groups[true]]), summarize("without", [.. groups[false]])];
    }

    private static IReadOnlyList<GroupSummary> BySize(
        IReadOnlyList<CaseResult> cases, Func<string?, IReadOnlyList<CaseResult>, GroupSummary> summarize)
    {
        CaseResult[] ordered = [.. cases.Where(static c => c.ReferenceFraction > 0).OrderBy(static c => c.ReferenceFraction)];
        return
        [
            .. EqualParts.BySize(ordered, least: 2).Select(third =>
            {
                string range = string.Create(CultureInfo.InvariantCulture,
                    $"{100 * third.Part[0].ReferenceFraction:0.0} to {100 * third.Part[^1].ReferenceFraction:0.0} % of the image");
                return summarize($"{third.Size}: {range}", third.Part);
            }),
        ];
    }

    /// <summary>The summary as an indented JSON document; undefined values are null.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Readable.EvaluationSummary);
}
