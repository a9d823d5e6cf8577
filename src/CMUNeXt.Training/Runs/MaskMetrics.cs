namespace CMUNeXt.Training.Runs;

/// <summary>
/// What the masks of the validation cases are worth at the network's size, each class of each case on its own
/// (<see cref="Metrics.Confusion"/>). Means are over the cases where a metric is defined, then over the classes.
/// </summary>
public sealed record MaskMetrics
{
    /// <summary>The mean IoU, in [0, 1]; null where it is defined for none.</summary>
    public double? Iou { get; init; }

    /// <summary>The mean Dice, in [0, 1]; null where it is defined for none.</summary>
    public double? Dice { get; init; }

    /// <summary>
    /// The mean of sensitivity and specificity of "something is found", in [0, 1]; null where the cases with a lesion or the healthy ones
    /// are missing. One that has no lesion at this size, and is not healthy either, has no part in it.
    /// </summary>
    public double? Presence { get; init; }

    /// <summary>In how many cases a pixel is found.</summary>
    public required int Found { get; init; }
}
