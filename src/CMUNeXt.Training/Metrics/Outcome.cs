namespace CMUNeXt.Training.Metrics;

/// <summary>
/// Which of the two masks of a case holds the class at all. The four are told apart because most metrics cannot tell them apart.
/// </summary>
public enum Outcome
{
    /// <summary>
    /// Both masks hold the class, if perhaps apart: every metric is defined (specificity only where the reference leaves background).
    /// </summary>
    BothPresent,

    /// <summary>Neither mask holds the class: right, but overlap and distances are undefined.</summary>
    CorrectlyEmpty,

    /// <summary>Only the prediction holds the class: overlap and precision are 0, sensitivity and distances undefined.</summary>
    FalsePositive,

    /// <summary>Only the reference holds the class: overlap, sensitivity and precision are 0, distances undefined.</summary>
    Missed,
}
