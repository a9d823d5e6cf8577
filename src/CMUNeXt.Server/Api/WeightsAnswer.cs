using System.Text.Json.Serialization;
using CMUNeXt.Server.Serving;

namespace CMUNeXt.Server.Api;

/// <summary>The weights that are served, the default first.</summary>
internal sealed record WeightsAnswer(IReadOnlyList<WeightsEntry> Weights)
{
    /// <summary>Describes weights.</summary>
    public static WeightsAnswer Of(ServedWeightsList weights) => new([.. weights.All.Select(static served => new WeightsEntry(
        served.Name,
        served.Metadata.Network.Name,
        served.Sha256,
        served.Metadata.Threshold,
        served.Metadata.Presence?.Score,
        served.Metadata.IntendedUse))]);
}

/// <summary>Weights that are served.</summary>
/// <param name="Name">What a request names them by.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Sha256">The SHA-256 of the file, in hexadecimal digits.</param>
/// <param name="Threshold">The probability above which a pixel belongs to a lesion.</param>
/// <param name="PresenceThreshold">What the presence has to exceed for anything to be outlined, in logits; null where all is.</param>
/// <param name="IntendedUse">What the weights are for, and what not, in words; null where they do not say.</param>
internal sealed record WeightsEntry(
    string Name,
    string Network,
    string Sha256,
    double Threshold,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? PresenceThreshold = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IntendedUse = null);
