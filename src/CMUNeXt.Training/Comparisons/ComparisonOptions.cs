using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Comparisons;

/// <summary>How evaluations are compared.</summary>
public sealed record ComparisonOptions
{
    /// <summary>The folders of the evaluations, at least two, each once; the others are compared with the first.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>What counts as one unit, such as the patient; null takes what the evaluations' own intervals take.</summary>
    public CaseKey? Unit { get; init; }

    /// <summary>What the cases are divided by; each subgroup is compared on its own too.</summary>
    public IReadOnlyList<CaseKey> Subgroups { get; init; } = [];

    /// <summary>The seed of resamples and permutations.</summary>
    public ulong Seed { get; init; }
}
