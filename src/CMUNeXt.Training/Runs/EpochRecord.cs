using System.Text.Json.Serialization;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// What was measured in an epoch: one line of <c>metrics.csv</c>. IoU and the other metrics are those of the original code
/// (<see cref="MetricsAsPublished"/>), so that curves can be laid beside the original's.
/// </summary>
public sealed record EpochRecord
{
    /// <summary>The epoch, from 0; a person reads it from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The loss, averaged over the cases.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>The IoU of the batches, averaged over the cases.</summary>
    public required double TrainIou { get; init; }

    /// <summary>The loss of the validation cases, each for itself, averaged.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>The metrics of the validation cases, each for itself, averaged.</summary>
    public required MetricsAsPublished Validation { get; init; }

    /// <summary>What the masks of the validation cases are worth; null in a run that an earlier version began.</summary>
    public MaskMetrics? Masks { get; init; }

    /// <summary>
    /// What chooses the best epoch, the highest; null where it is undefined, and in a run that an earlier version began (which has no
    /// <see cref="Masks"/> either), where it is the IoU as published.
    /// </summary>
    public double? Score { get; init; }

    /// <summary>The score, not a number where it is undefined.</summary>
    [JsonIgnore]
    internal double ScoreOrNaN => Score ?? (Masks is null ? Validation.Iou : double.NaN);

    /// <summary>Whether the network finds nothing in any validation case.</summary>
    [JsonIgnore]
    public bool FindsNothing => Masks is { Found: 0 };

    /// <summary>The learning rate of the epoch's last iteration.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The time that the epoch took.</summary>
    public required double Seconds { get; init; }

    /// <summary>When the epoch ended, in seconds since 1970 (UTC).</summary>
    public required double EndedAt { get; init; }
}
