using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Masks;

namespace CMUNeXt;

/// <summary>
/// What is reported of one image: the JSON document that <c>predict</c> writes beside a mask. Its keys are in snake case whatever the
/// serializer's policy of names.
/// </summary>
public sealed record SegmentationReport
{
    /// <summary>What has to be known of any result.</summary>
    public const string NotMedical = "Research software: not a medical device, and not for diagnosis.";

    private const string Meaning =
        "The confidence of a lesion is the probability that its contour is right: that its IoU with a lesion of the reference is "
            + "at least 0.5. It says nothing of what the lesion is.";

    private const string TooHigh =
        " In this image it may be too high: confidences are fitted to lesions of images whose presence is above the threshold, where there "
            + "are enough.";

    private const string WithoutConfidence =
        "These weights carry no calibration, or none for this threshold, for flips or for a mean of networks, so it is not known how often "
            + "such a lesion is right; cmunext calibrate measures it for one network at its own threshold, with --tta for its flips. "
            + "Weights that have a calibration give confidences without --threshold.";

    private const string TakenForHealthy =
        "The presence is at or below its threshold, so the image is taken for healthy and nothing is outlined. With --all, what the "
            + "network finds in such an image is outlined.";

    private const string OutlinedAllTheSame =
        "The presence is at or below its threshold, so the image is taken for healthy; "
            + "its lesions are outlined because all were asked for";

    /// <summary>The image's file name; of one in a folder that was searched, its path in it, with forward slashes.</summary>
    [JsonPropertyName("file")]
    public required string File { get; init; }

    /// <summary>Which state of the file was read: its length and when it was written; null where it is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("source")]
    public string? Source { get; init; }

    /// <summary>The image's width in pixels.</summary>
    [JsonPropertyName("width")]
    public required int Width { get; init; }

    /// <summary>The image's height in pixels.</summary>
    [JsonPropertyName("height")]
    public required int Height { get; init; }

    /// <summary>The part of the image that was looked at; null where it was all of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("region")]
    public BoundingBox? Region { get; init; }

    /// <summary>The network's name.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>The SHA-256 of the weight file, in hexadecimal digits.</summary>
    [JsonPropertyName("weights_sha256")]
    public required string WeightsSha256 { get; init; }

    /// <summary>The probability above which a pixel belongs to the class; with several classes it is not used.</summary>
    [JsonPropertyName("threshold")]
    public required double Threshold { get; init; }

    /// <summary>What else changes the result, in words, as <c>predict</c> has it; null where it is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("settings")]
    public string? Settings { get; init; }

    /// <summary>How much speaks for a lesion anywhere in the image, in logits; null where it was not computed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("presence")]
    public double? Presence { get; init; }

    /// <summary>
    /// What <see cref="Presence"/> has to exceed for the image not to be taken for healthy; null where the weights have none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("presence_threshold")]
    public double? PresenceThreshold { get; init; }

    /// <summary>Says that the image is taken for healthy, and whether lesions are outlined all the same; null where it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("presence_note")]
    public string? PresenceNote =>
        !IsBelowPresence ? null
        : Lesions.Count == 0 ? TakenForHealthy
        : Lesions.Any(static lesion => lesion.Confidence is not null) ? $"{OutlinedAllTheSame}, and their confidences may be too high."
        : $"{OutlinedAllTheSame}.";

    /// <summary>The pixels that belong to a class.</summary>
    [JsonPropertyName("area")]
    public required int Area { get; init; }

    /// <summary>The same in square millimeters; null where the size of a pixel is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("area_mm2")]
    public double? AreaMm2 { get; init; }

    /// <summary>
    /// What the lesions' confidence means, and that it may be too high where the image is taken for healthy; or why they have none. Null
    /// where there are no lesions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("confidence_note")]
    public string? ConfidenceNote =>
        Lesions.Count == 0 ? null
        : Lesions.Any(static lesion => lesion.Confidence is null) ? WithoutConfidence
        : IsBelowPresence ? Meaning + TooHigh
        : Meaning;

    /// <summary>
    /// Where the image looks unlike what the weights were trained on, one sentence each; null for nowhere, which an empty list is too.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("warnings")]
    public IReadOnlyList<string>? Warnings { get; init => field = value is { Count: > 0 } ? value : null; }

    /// <summary>The connected components of the mask, the largest first.</summary>
    [JsonPropertyName("lesions")]
    public required IReadOnlyList<Lesion> Lesions { get; init; }

    /// <summary>What has to be known of any result: that it is no diagnosis.</summary>
    [JsonPropertyName("notice")]
    public string Notice { get; } = NotMedical;

    /// <summary>Whether there is a lesion that is a finding (<see cref="Lesion.IsFinding"/>).</summary>
    [JsonIgnore]
    public bool HasFinding => Lesions.Any(static lesion => lesion.IsFinding);

    /// <summary>The report of what a segmenter found.</summary>
    /// <param name="file">What the report calls the image.</param>
    /// <param name="found">What was found in it.</param>
    /// <param name="by">What found it, made by <see cref="Segmenter.Load(Weights.LoadedWeights, SegmenterOptions?)"/>.</param>
    /// <param name="pixelSize">What a pixel measures; null leaves millimeters out.</param>
    /// <exception cref="ArgumentException">The segmenter does not know its weights.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Width or height of a pixel is not from 0.0001 to 100 mm.</exception>
    public static SegmentationReport Of(string file, Segmentation found, Segmenter by, PixelSize? pixelSize = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(by);
        pixelSize?.Check(nameof(pixelSize));
        IReadOnlyList<Lesion> lesions = Lesion.Measure(found.Lesions, _ => pixelSize);
        return new SegmentationReport
        {
            File = file,
            Width = found.Width,
            Height = found.Height,
            Model = by.Model,
            WeightsSha256 = by.WeightsSha256
                ?? throw new ArgumentException("The segmenter was made of a network, and does not know its weights.", nameof(by)),
            Threshold = by.Threshold,
            Presence = found.Presence,
            PresenceThreshold = found.PresenceThreshold?.Score,
            Area = found.Area,
            AreaMm2 = Lesion.AreaMm2Of(lesions, pixelSize),
            Lesions = lesions,
        };
    }

    /// <summary>The report as a JSON document with names in snake case.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SegmentationJson.Default.SegmentationReport);

    /// <summary>Reads what <see cref="ToJson()"/> wrote.</summary>
    /// <param name="json">The JSON document of one image.</param>
    /// <returns>The report; null where the text is something else.</returns>
    public static SegmentationReport? FromJson(string json)
    {
        try
        {
            SegmentationReport? report = JsonSerializer.Deserialize(json, SegmentationJson.Default.SegmentationReport);
            if (report?.Lesions.Contains(null!) == true)
            {
                return null;
            }

            // A number that no double holds is read as an infinite one, which is no JSON.
            _ = report?.ToJson();
            return report;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Several reports as one JSON array.</summary>
    public static string ToJson(IReadOnlyList<SegmentationReport> reports) =>
        JsonSerializer.Serialize(reports, SegmentationJson.Default.IReadOnlyListSegmentationReport);

    private bool IsBelowPresence => Presence <= PresenceThreshold;
}

/// <summary>How reports stand in JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SegmentationReport))]
[JsonSerializable(typeof(IReadOnlyList<SegmentationReport>))]
internal sealed partial class SegmentationJson : JsonSerializerContext;
