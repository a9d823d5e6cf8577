namespace CMUNeXt.Masks;

/// <summary>
/// The score that a stated part of healthy images does not exceed; an image at or below it is taken for healthy, and nothing is outlined in
/// it. It belongs to the weights that it was fitted with.
/// </summary>
public sealed record PresenceThreshold
{
    /// <summary>The score (<see cref="Segmentation.Presence"/>), in logits, finite.</summary>
    public required double Score { get; init; }

    /// <summary>The part of healthy images at or below it that was asked for, in (0, 1).</summary>
    public required double Specificity { get; init; }

    /// <summary>The number of healthy images that it was fitted to, at least 1.</summary>
    public required int HealthyImages { get; init; }

    /// <summary>
    /// The part of images with a lesion that are above it, in [0, 1], among those that it was fitted beside; null where there were none.
    /// </summary>
    public double? Sensitivity { get; init; }
}
