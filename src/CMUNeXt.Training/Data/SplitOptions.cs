namespace CMUNeXt.Training.Data;

/// <summary>How a data set is divided.</summary>
public sealed record SplitOptions
{
    /// <summary>The part of the cases that validates, above 0 and below 1. Not used with <see cref="Folds"/>.</summary>
    public double ValidationFraction { get; init; } = 0.3;

    /// <summary>
    /// The part of the cases that neither trains nor validates, but tests in the end; with <see cref="ValidationFraction"/> below 1. 0
    /// makes no list of them. Before <see cref="Folds"/> they are taken away too.
    /// </summary>
    public double TestFraction { get; init; }

    /// <summary>The number of folds, at least 2; null for one list to train on and one to validate on.</summary>
    public int? Folds { get; init; }

    /// <summary>Different seeds give different splits.</summary>
    public long Seed { get; init; } = 41;

    /// <summary>Cases with the same text, such as their patient, stay on one side; null for none.</summary>
    public CaseKey? GroupBy { get; init; }

    /// <summary>Whether near copies (<see cref="Data.NearCopies"/>) stay on one side; identical images always do.</summary>
    public bool NearCopies { get; init; } = true;

    /// <summary>Whether lists that exist are replaced.</summary>
    public bool Overwrite { get; init; }
}
