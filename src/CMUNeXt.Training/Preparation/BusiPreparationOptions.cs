namespace CMUNeXt.Training.Preparation;

/// <summary>What to prepare of the published BUSI data set, and where to.</summary>
public sealed record BusiPreparationOptions
{
    /// <summary>The folder that holds <c>benign</c>, <c>malignant</c> and <c>normal</c> (<c>Dataset_BUSI_with_GT</c>).</summary>
    public required string Source { get; init; }

    /// <summary>The folder of the prepared data set.</summary>
    public required string Output { get; init; }

    /// <summary>Whether the data set is written without what is refused; otherwise nothing is written where anything is.</summary>
    public bool SkipRefused { get; init; }

    /// <summary>Whether a data set that stands in <see cref="Output"/> is replaced.</summary>
    public bool Overwrite { get; init; }
}
