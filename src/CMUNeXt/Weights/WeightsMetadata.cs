using CMUNeXt.Networks;
using CMUNeXt.Pictures;

namespace CMUNeXt.Weights;

/// <summary>
/// What a weight file says of itself, so that whoever loads it computes what was trained.
/// It is kept as a JSON object under the key <c>cmunext</c>.
/// </summary>
public sealed record WeightsMetadata
{
    /// <summary>The network and its configuration.</summary>
    public required NetworkDescription Network { get; init; }

    /// <summary>How a picture becomes the network's input.</summary>
    public Preprocessing Preprocessing { get; init; } = Preprocessing.Published;

    /// <summary>The names of the classes that are not background, in order.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>A pixel belongs to the class where its probability is above this value; used with one class only.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>The data set that the weights were trained on.</summary>
    public string? DataSet { get; init; }

    /// <summary>What was measured of these weights, by name.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>The licence of the weights.</summary>
    public string? Licence { get; init; }
}
