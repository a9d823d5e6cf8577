using System.Text.RegularExpressions;

namespace CMUNeXt.Training.Data;

/// <summary>How a data set is divided.</summary>
public sealed record SplitOptions
{
    /// <summary>The part of the cases that validates, above 0 and below 1. Not used with <see cref="Folds"/>.</summary>
    public double ValidationFraction { get; init; } = 0.3;

    /// <summary>The number of folds, at least 2; null for one list to train on and one to validate on.</summary>
    public int? Folds { get; init; }

    /// <summary>Different seeds give different splits.</summary>
    public long Seed { get; init; } = 41;

    /// <summary>Cases whose names give the same text (see <see cref="CaseGroups.Find"/>) stay on one side; null for none.</summary>
    public Regex? GroupBy { get; init; }

    /// <summary>Whether near copies (<see cref="Data.NearCopies"/>) stay on one side; identical images always do.</summary>
    public bool NearCopies { get; init; } = true;

    /// <summary>Whether lists that exist are replaced.</summary>
    public bool Overwrite { get; init; }
}
