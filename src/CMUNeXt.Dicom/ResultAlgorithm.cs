using System.Globalization;

namespace CMUNeXt.Dicom;

/// <summary>What made a result: it stands in the objects, and their identifiers follow from it, and from what was found.</summary>
public sealed record ResultAlgorithm
{
    /// <summary>Who made it: what is written as manufacturer, and by what a result is known as ours.</summary>
    public const string Manufacturer = "CMUNeXt.NET";

    /// <summary>The network's name.</summary>
    public required string Network { get; init; }

    /// <summary>The SHA-256 of the weights, in 64 hexadecimal digits.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>The names of the classes that are not background, in order; where it is empty, each lesion is a lesion.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>The probability above which a pixel belongs to the lesion.</summary>
    public required double Threshold { get; init; }

    /// <summary>
    /// What else changes the result, such as filters, flips, or that the presence is ignored; empty where there is nothing.
    /// </summary>
    public string Settings { get; init; } = "";

    /// <summary>Whether a person corrected the mask, which is semi-automatic then, and has its <see cref="MaskSha256"/>.</summary>
    public bool IsCorrected { get; init; }

    /// <summary>
    /// The SHA-256 of <see cref="Masks.Mask.Pixels"/> of a mask that a person has seen, in hexadecimal digits, since it does not follow
    /// from the rest; empty where none has.
    /// </summary>
    public string MaskSha256 { get; init; } = "";

    /// <summary>
    /// When a person has seen the mask, which tells the later of two masks of an image; null where none has, and the dates are those of the
    /// source.
    /// </summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>How the mask came about, in words.</summary>
    internal string Origin => IsCorrected ? Review : "found by a neural network";

    /// <summary>What a person has done with the mask, in words; empty where none has seen it.</summary>
    internal string Review => IsCorrected ? "corrected by a person" : MaskSha256.Length > 0 ? "seen by a person" : "";

    /// <summary>The name of a class; null where it has none.</summary>
    /// <param name="label">The class, from 1.</param>
    internal string? NameOf(int label) => Classes.ElementAtOrDefault(label - 1);

    internal static string Version => typeof(ResultAlgorithm).Assembly.GetName().Version!.ToString(3);

    /// <summary>All that a series of results depends on beside its source; masks that a person has seen differ within one.</summary>
    internal string Parameters
    {
        get
        {
            string threshold = Threshold.ToString(CultureInfo.InvariantCulture);
            string[] parts = [$"weights sha256 {WeightsSha256}", $"threshold {threshold}", Settings, Review];
            return string.Join(", ", parts.Where(static part => part.Length > 0));
        }
    }
}
