using System.Text.Json.Serialization;
using CMUNeXt.Masks;
using CMUNeXt.Server.Serving;

namespace CMUNeXt.Server.Api;

/// <summary>What was found in one image. The members that it shares with the findings of <c>cmunext predict</c> are the same.</summary>
internal sealed record SegmentAnswer
{
    /// <summary>The name that the client gave, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? File { get; init; }

    /// <summary>The image's width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>The image's height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>The frame that was segmented, from 1.</summary>
    public required int Frame { get; init; }

    /// <summary>The frames of the file.</summary>
    public required int Frames { get; init; }

    /// <summary>The orientation in the file, as Exif numbers it: 1, upright, to 8. All else is of the upright image.</summary>
    public required int Orientation { get; init; }

    /// <summary>The name of the weights.</summary>
    public required string Weights { get; init; }

    /// <summary>The SHA-256 of the weights file, in hexadecimal digits.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>The probability above which a pixel belongs to a lesion.</summary>
    public required double Threshold { get; init; }

    /// <summary>How much speaks for a lesion anywhere in the image, in logits.</summary>
    public required double Presence { get; init; }

    /// <summary>What the presence has to exceed for the image not to be taken for healthy; null where the weights have none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PresenceThreshold { get; init; }

    /// <summary>What else the result depends on, such as <c>mean of flips</c>; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Settings { get; init; }

    /// <summary>
    /// Where the image looks unlike what the weights were trained on, one sentence each; null for nowhere, which an empty list is too.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init => field = value is { Count: > 0 } ? value : null; }

    /// <summary>
    /// Millimeters from one column to the next and from one row to the next; null where the file does not say it, or not the same for all
    /// tissue.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? MmPerPixel { get; init; }

    /// <summary>
    /// The parts of the image in which <see cref="MmPerPixel"/> holds, such as the tissue beside a spectrum; null for all of it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BoundingBox>? MmPerPixelBoxes { get; init; }

    /// <summary>The pixels that belong to a lesion.</summary>
    public required int Area { get; init; }

    /// <summary>The same in square millimeters; null where the size of a pixel is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AreaMm2 { get; init; }

    /// <summary>The connected components, the largest first.</summary>
    public required IReadOnlyList<Lesion> Lesions { get; init; }

    /// <summary>What this is not.</summary>
    public string Notice { get; } = SegmentationReport.NotMedical;

    /// <summary>Where the time went.</summary>
    public Milliseconds Milliseconds { get; init; }

    /// <summary>The probability as a gray PNG in base64: a value is above k where the probability is above (k + 0.5) / 255.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Probability { get; init; }

    /// <summary>The mask as a gray PNG in base64, 0 and 255.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Mask { get; init; }

    /// <summary>The image with the contours drawn on it, as a PNG in base64.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Overlay { get; init; }

    /// <summary>The contours as an SVG document of the image's size, to lie over it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Svg { get; init; }

    /// <summary>The image itself as a PNG in base64, for formats that a browser does not show.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Image { get; init; }

    /// <summary>Counts the images that it holds until it is sent.</summary>
    /// <param name="memory">Where.</param>
    public SegmentAnswer CountIn(BodyMemory.Share memory)
    {
        memory.Take(new[] { Probability, Mask, Overlay, Image }.Sum(static png => (long)(png?.Length ?? 0)));
        return this;
    }
}

/// <summary>The milliseconds of the steps of one answer.</summary>
internal readonly record struct Milliseconds(double Decode, double Compute, double Encode);
