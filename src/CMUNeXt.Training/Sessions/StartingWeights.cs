using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Training.Sessions;

/// <summary>What the weights of a training are before its first iteration.</summary>
internal static class StartingWeights
{
    /// <summary>
    /// A CMUNeXt starts from the same values in every backend, another network as its own backend has made it from the seed; or from given
    /// weights, with the last layers as they are initialized where their shapes or their classes differ.
    /// </summary>
    /// <param name="description">The network.</param>
    /// <param name="seed">The seed of what is initialized.</param>
    /// <param name="network">The same network, opened by a backend.</param>
    /// <param name="given">The weights to start from; null starts from the seed.</param>
    /// <param name="hasOtherClasses">Whether they are those of other classes.</param>
    public static StateDict Of(
        NetworkDescription description, ulong seed, ITrainable network, StateDict? given, bool hasOtherClasses = false)
    {
        StateDict initial = description.Configuration is { } configuration
            ? configuration.StartingWeights(description.Channels, description.Outputs, seed)
            : network.CopyWeights();
        return given is null ? initial : WithNewHead(description.Name, given, initial, hasOtherClasses);
    }

    /// <summary>Given weights, with the last layers as they are initialized where their shapes or their classes differ.</summary>
    internal static StateDict WithNewHead(string network, StateDict given, StateDict initial, bool hasOtherClasses = false)
    {
        IReadOnlyList<string> heads = NetworkCatalog.HeadsOf(network);
        return new StateDict(given.Select(tensor =>
            heads.Any(head => tensor.Name.StartsWith(head, StringComparison.Ordinal))
                && initial.TryGet(tensor.Name, out WeightTensor? first)
                && (hasOtherClasses || !first.Shape.SequenceEqual(tensor.Shape))
                ? first
                : tensor));
    }
}
