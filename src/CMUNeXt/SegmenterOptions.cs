namespace CMUNeXt;

/// <summary>How a <see cref="Segmenter"/> computes and decides.</summary>
public sealed record SegmenterOptions
{
    /// <summary>
    /// The threads that compute one image, at least 1; null takes one for each core. With many callers at once, 1 gives the highest
    /// throughput.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>
    /// With one output, a pixel belongs to the class where its probability is above this, in [0, 1]; null takes the weights' own. With
    /// another than that, lesions have no confidence. Weights of several outputs take none: the most probable class counts.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// Whether lesions are outlined in images too that the weights' presence threshold takes for healthy
    /// (<see cref="Segmentation.IsBelowPresence"/>). The confidences of these lesions may be too high: they are fitted to lesions of
    /// images above the threshold, where there are enough. <see cref="SegmentationReport.PresenceNote"/> and
    /// <see cref="SegmentationReport.ConfidenceNote"/> say so.
    /// </summary>
    public bool IgnorePresence { get; init; }

    /// <summary>
    /// Whether the network sees each image flipped left to right too, and top to bottom and both where its training did, and all
    /// probabilities are averaged: two or four times the work. Presence threshold and confidences are then those that were fitted with
    /// flips (<see cref="Weights.WeightsMetadata.PresenceWithFlips"/>, <see cref="Weights.WeightsMetadata.CalibrationWithFlips"/>); without
    /// them lesions have no confidence, and the threshold without flips counts.
    /// </summary>
    public bool Flips { get; init; }
}
