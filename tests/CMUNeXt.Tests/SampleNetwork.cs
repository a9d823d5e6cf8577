using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests;

/// <summary>Weights for any configuration, by the fill of the reference values.</summary>
internal static class SampleNetwork
{
    public static StateDict Weights(NetworkDescription network) => new(
        ExpectedTensor.Of(network.Configuration!.Layers(network.Channels, network.Outputs)).Select((tensor, place) =>
            tensor.Type == ElementType.Int64
                ? new WeightTensor(tensor.Name, tensor.Type, tensor.Shape, new byte[8])
                : new WeightTensor(tensor.Name, tensor.Shape, Formula.Fill(tensor.Name, [.. tensor.Shape], place))));
}
