using System.Text.Json.Serialization;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What was evaluated, as the head of a report says it.</summary>
public sealed record EvaluationInfo
{
    /// <summary>The name of the data folder.</summary>
    public required string Data { get; init; }

    /// <summary>The name of the list of cases.</summary>
    public required string List { get; init; }

    /// <summary>The names of the classes without the background, in order; at least one.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The name of the weight file, or of several; null where given masks were judged.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// The SHA-256 of the weight file, of several that of their SHA-256, one a line, in hexadecimal digits; null where given masks were
    /// judged.
    /// </summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>
    /// Of a study's evaluation the SHA-256 of its images and masks, and of what belongs together, in hexadecimal digits; null of others.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InputsSha256 { get; init; }

    /// <summary>
    /// The number of the rules that cases are judged by; raised where files are counted otherwise. 0 in evaluations of earlier versions.
    /// </summary>
    public int Rules { get; init; }

    /// <summary>Whether the cases were judged by the rules of this version.</summary>
    [JsonIgnore]
    public bool IsCurrent => Rules == EvaluationJob.CurrentRules;

    /// <summary>The number of weight files: those of an ensemble, or of the folds.</summary>
    public int WeightFiles { get; init; } = 1;

    /// <summary>Whether the networks saw each image flipped too.</summary>
    public bool Flips { get; init; }

    /// <summary>What intervals take for one unit, such as the column of the patients; null where it is the case.</summary>
    public string? Unit { get; init; }

    /// <summary>The name of the network; null where given masks were judged.</summary>
    public string? Model { get; init; }

    /// <summary>The backend that ran the network; null where given masks were judged.</summary>
    public string? Backend { get; init; }

    /// <summary>The folder of the masks that were judged; null where a network made them.</summary>
    public string? Predictions { get; init; }

    /// <summary>What the colors in the overlays mean, in words.</summary>
    public string? OverlayLegend { get; init; }

    /// <summary>What a reader of the results has to know, such as repeated images or cases that were left out.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>
    /// The presence at or below which nothing was outlined, in logits; null where all was, or the folds differ
    /// (<see cref="PresenceThresholds"/>).
    /// </summary>
    public double? PresenceThreshold { get; init; }

    /// <summary>The same of each fold's weights, null where all was outlined; null as a whole unless the folds differ.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double?>? PresenceThresholds { get; init; }

    /// <summary>What to cite with results on this data set, where the folder's name shows it to be a known one.</summary>
    public string? Citation => KnownDataSet.Of(Data)?.Citation;

    /// <summary>What is known to be wrong with this data set, where the folder's name shows it to be a known one.</summary>
    public string? Caution => KnownDataSet.Of(Data)?.Caution;
}
