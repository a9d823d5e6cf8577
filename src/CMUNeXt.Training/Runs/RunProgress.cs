using System.Text.Json.Serialization;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Runs;

/// <summary>How far a run is, and what it measured on the way.</summary>
public sealed record RunProgress
{
    /// <summary>The epochs that are complete, in order.</summary>
    public required IReadOnlyList<EpochRecord> Epochs { get; init; }

    /// <summary>The iterations made in the epoch that is not complete.</summary>
    public required int Iteration { get; init; }

    /// <summary>The sum of the losses over the cases of those iterations.</summary>
    public required double LossSum { get; init; }

    /// <summary>The sum of the IoU over the cases of those iterations.</summary>
    public required double IouSum { get; init; }

    /// <summary>The time spent on those iterations.</summary>
    public required double Seconds { get; init; }

    /// <summary>
    /// The epoch with the highest score, the first of them; null while there is none. One whose score is undefined is the last that is
    /// taken.
    /// </summary>
    [JsonIgnore]
    public EpochRecord? Best => Epochs.Count == 0 ? null : Epochs.MaxBy(static epoch => epoch.ScoreOrNaN);

    /// <summary>A run that has not begun.</summary>
    public static RunProgress None { get; } = new() { Epochs = [], Iteration = 0, LossSum = 0, IouSum = 0, Seconds = 0 };

    /// <summary>Whether a protocol trains no further: all its epochs are complete, or its patience is at its end.</summary>
    internal bool IsFinished(TrainingProtocol protocol) => Epochs.Count >= protocol.Epochs || IsOutOfPatience(protocol);

    /// <summary>Whether a protocol's patience is at its end, after which it trains no further, whatever the number of its epochs.</summary>
    internal bool IsOutOfPatience(TrainingProtocol protocol) =>
        protocol.Patience is { } patience && Best is { } best && Epochs.Count > best.Epoch + patience;
}
