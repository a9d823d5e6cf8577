using System.Runtime.InteropServices;
using CMUNeXt.Numerics;
using CMUNeXt.Tensors;

namespace CMUNeXt.Networks;

/// <summary>
/// The values that tensors start from, distributed as PyTorch's: convolutions Kaiming-uniform with a = sqrt 5 (He et al., 2015), which
/// is uniform in +-1 / sqrt(fan in); their biases too; normalization starts as the identity. Each tensor is a function of the seed
/// and of its name alone, so that every backend starts from the same values.
/// </summary>
internal static class Initialization
{
    /// <summary>Fills the tensors of layers.</summary>
    /// <param name="layers">The layers of a network.</param>
    /// <param name="seed">The same seed gives the same values.</param>
    /// <returns>The tensors of all layers, in their order.</returns>
    public static StateDict Create(IEnumerable<Layer> layers, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(layers);
        return new StateDict(layers.SelectMany(layer =>
        {
            int fanIn = layer.Input / layer.Groups * layer.Kernel * layer.Kernel;
            return ExpectedTensor.Of([layer]).Select(tensor => Fill(tensor, layer.Kind, fanIn, seed));
        }));
    }

    private static WeightTensor Fill(ExpectedTensor tensor, LayerKind kind, int fanIn, ulong seed)
    {
        if (tensor.Type == ElementType.Int64)
        {
            return new WeightTensor(tensor.Name, tensor.Type, tensor.Shape, new byte[sizeof(long)]);
        }

        float[] values = new float[tensor.Shape.Aggregate(1, (count, size) => count * size)];
        if (kind == LayerKind.Convolution)
        {
            RandomSequence random = new(seed, tensor.Name);
            double bound = 1 / Math.Sqrt(fanIn);
            foreach (ref float value in values.AsSpan())
            {
                value = (float)(((2 * random.NextDouble()) - 1) * bound);
            }
        }
        else if (tensor.Name.EndsWith(".weight", StringComparison.Ordinal)
            || tensor.Name.EndsWith(".running_var", StringComparison.Ordinal))
        {
            Array.Fill(values, 1);
        }

        return new WeightTensor(tensor.Name, tensor.Type, tensor.Shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
