using System.Text.Json.Serialization;
using CMUNeXt.Masks;

namespace CMUNeXt.Server.Api;

/// <summary>What was found in one image.</summary>
/// <param name="File">The name that the client gave, or null.</param>
/// <param name="Width">The image's width in pixels.</param>
/// <param name="Height">The image's height in pixels.</param>
/// <param name="Weights">The name of the weights.</param>
/// <param name="WeightsSha256">The SHA-256 of the weights file, in hexadecimal digits.</param>
/// <param name="Threshold">The probability above which a pixel belongs to a lesion.</param>
/// <param name="Presence">How much speaks for a lesion anywhere in the image, in logits.</param>
/// <param name="PresenceThreshold">What the presence has to exceed for anything to be outlined; null where all is.</param>
/// <param name="Area">The pixels that belong to a lesion.</param>
/// <param name="Lesions">The connected components, the largest first.</param>
internal sealed record SegmentAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? File,
    int Width,
    int Height,
    string Weights,
    string WeightsSha256,
    double Threshold,
    double Presence,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? PresenceThreshold,
    int Area,
    IReadOnlyList<Lesion> Lesions)
{
    /// <summary>What this is not.</summary>
    public string Notice { get; } = "Research software: not a medical device, and not for diagnosis.";

    /// <summary>Where the time went.</summary>
    public Milliseconds Milliseconds { get; init; }

    /// <summary>The probability as a grey PNG in base64: a value is above k where the probability is above (k + 0.5) / 255.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Probability { get; init; }

    /// <summary>The mask as a grey PNG in base64, 0 and 255.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Mask { get; init; }

    /// <summary>The image itself as a PNG in base64, for formats that a browser does not show.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Image { get; init; }
}

/// <summary>The milliseconds of the steps of one answer.</summary>
internal readonly record struct Milliseconds(double Decode, double Compute, double Encode);
