using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli;

/// <summary>What <c>info</c> says of a network; its names are those of the JSON.</summary>
internal sealed record NetworkFacts
{
    public required NetworkDescription Network { get; init; }

    /// <summary>The side of the image that multiply-accumulates are counted for.</summary>
    public required int Size { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Of convolutions and linear layers.</summary>
    public required long ConvolutionMacs { get; init; }

    /// <summary>As the published figures count.</summary>
    public required long AllMacs { get; init; }

    public required IReadOnlyList<LayerFacts> Layers { get; init; }

    /// <summary>Of a CMUNeXt that is named and not read from a file.</summary>
    public IReadOnlyList<AblationFacts>? Ablations { get; init; }

    public string? Sha256 { get; init; }

    /// <summary>The document that stands in the weight file.</summary>
    public JsonNode? Metadata { get; init; }

    /// <summary>Gathers the facts.</summary>
    /// <param name="network">Which network.</param>
    /// <param name="loaded">Its weight file; null where there is none.</param>
    /// <param name="size">The side of the image, one that the network takes.</param>
    public static NetworkFacts Of(NetworkDescription network, LoadedWeights? loaded, int size)
    {
        // The layers of a CMUNeXt are known without a backend.
        (long parameters, LayerFacts[] layers) = network.Configuration is { } configuration
            ? OfLayers(configuration.Layers(network.Channels, network.Outputs), size)
            : OfCost(CostOf(network, size));
        return new NetworkFacts
        {
            Network = network,
            Size = size,
            Parameters = parameters,
            ConvolutionMacs = layers.Sum(layer => layer.Macs),
            AllMacs = layers.Sum(layer => layer.CountedMacs),
            Layers = layers,
            Ablations = network.Configuration is { IsPublishedForm: true } published && loaded is null
                ? [.. published.Ablations().Select(ablation => AblationFacts.Of(ablation.Name, ablation.Configuration, network, size))]
                : null,
            Sha256 = loaded?.Sha256,
            Metadata = loaded?.Metadata is { } metadata ? JsonNode.Parse(metadata.ToJson()) : null,
        };
    }

    private static (long Parameters, LayerFacts[] Layers) OfLayers(IReadOnlyList<Layer> layers, int size) =>
        (layers.Sum(layer => layer.Parameters), [.. layers.Select(layer => new LayerFacts(
            layer.Name, LayerFacts.KindOf($"{layer.Kind}"), layer.Input, layer.Output, layer.Kernel, layer.Groups,
            layer.Parameters, layer.Macs(size, size), layer.CountedMacs(size, size)))]);

    private static (long Parameters, LayerFacts[] Layers) OfCost((long Parameters, IReadOnlyList<LayerCost> Layers) cost) =>
        (cost.Parameters, [.. cost.Layers.Select(layer => new LayerFacts(
            layer.Name, LayerFacts.KindOf(layer.Kind), layer.Input, layer.Output, layer.Kernel, layer.Groups,
            layer.Parameters, layer.Macs, layer.CountedMacs))]);

    private static (long Parameters, IReadOnlyList<LayerCost> Layers) CostOf(NetworkDescription network, int size)
    {
        IBackend backend;
        try
        {
            backend = BackendRegistry.ForTraining(network);
        }
        catch (BackendException e)
        {
            throw new BackendException($"the layers of {network.Name} are counted by the backend that trains it: {e.Message}");
        }

        return backend.CostOf(network, size, size) ?? throw new BackendException($"no backend knows the layers of {network.Name}");
    }
}

/// <summary>One layer.</summary>
internal sealed record LayerFacts(
    string Name, string Kind, long Input, long Output, long Kernel, long Groups, long Parameters, long Macs,
    [property: JsonIgnore] long CountedMacs)
{
    public static string KindOf(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}

/// <summary>What an ablation of a CMUNeXt costs.</summary>
internal sealed record AblationFacts(string Name, long Parameters, long ConvolutionMacs, long AllMacs)
{
    public static AblationFacts Of(string name, CMUNeXtConfiguration configuration, NetworkDescription network, int size)
    {
        IReadOnlyList<Layer> layers = configuration.Layers(network.Channels, network.Outputs);
        return new AblationFacts(
            name, layers.Sum(layer => layer.Parameters), layers.Sum(layer => layer.Macs(size, size)),
            layers.Sum(layer => layer.CountedMacs(size, size)));
    }
}
