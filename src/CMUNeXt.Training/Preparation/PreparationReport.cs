using System.Text.Json;
using System.Text.Json.Serialization;

namespace CMUNeXt.Training.Preparation;

/// <summary>
/// What a preparation found and made. It names no folder outside the source and no time, so one source always gives one report.
/// </summary>
public sealed record PreparationReport
{
    /// <summary>
    /// The layout of the source: <c>busi</c> or <c>pairs</c>, or <c>merged</c> where prepared data sets were put together.
    /// </summary>
    public required string Layout { get; init; }

    /// <summary>The number of image files; of data sets that were put together, that of their cases.</summary>
    [JsonPropertyName("images")]
    public required int Images { get; init; }

    /// <summary>The number of mask files; of data sets that were put together, those of their cases.</summary>
    public required int Masks { get; init; }

    /// <summary>The number of cases; an image with a problem gives none.</summary>
    public required int Cases { get; init; }

    /// <summary>The number of cases with several masks, which were merged; null where data sets were put together.</summary>
    public int? MergedCases { get; init; }

    /// <summary>
    /// The number of healthy cases: no mask of theirs has a foreground pixel, and none is ignored. Their names are in <c>normal.txt</c>.
    /// </summary>
    public int EmptyCases { get; init; }

    /// <summary>The number of classes that are not background.</summary>
    public required int Classes { get; init; }

    /// <summary>The names of the classes, in the order of the folders of masks; null where they have none.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>
    /// The number of cases that hold each class, in the order of the folders of masks; null where there is one class, or data sets were put
    /// together.
    /// </summary>
    public IReadOnlyList<int>? ClassCases { get; init; }

    /// <summary>Whether the masks of the folder were 0 and 1, not 0 and 255; null where data sets were put together.</summary>
    public bool? MasksOfZeroAndOne { get; init; }

    /// <summary>
    /// How many images of each type, such as <c>png gray 8-bit</c>, were read for a case; null where data sets were put together.
    /// </summary>
    public IReadOnlyDictionary<string, int>? ImageTypes { get; init; }

    /// <summary>
    /// How many masks of each type, such as <c>png rgba 8-bit</c>, were read for a case; null where data sets were put together.
    /// </summary>
    public IReadOnlyDictionary<string, int>? MaskTypes { get; init; }

    /// <summary>What was refused: it kept an image from becoming a case, or a lesion from being seen.</summary>
    public required IReadOnlyList<PreparationFinding> Problems { get; init; }

    /// <summary>What is odd, and should be known, but was dealt with.</summary>
    public required IReadOnlyList<PreparationFinding> Remarks { get; init; }

    /// <summary>
    /// Whether the data set is written: there are cases, and nothing was refused or the options leave that out. Where it is not, what stood
    /// in the output is untouched.
    /// </summary>
    [JsonIgnore]
    public bool IsWritten { get; init; }

    /// <summary>The report as a JSON document with names in snake case.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PreparationJson.Default.PreparationReport);
}

/// <summary>How a report stands in JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(PreparationReport))]
[JsonSerializable(typeof(IReadOnlyList<PreparationFinding>))]
internal sealed partial class PreparationJson : JsonSerializerContext;
