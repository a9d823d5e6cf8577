using System.Runtime.InteropServices;
using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Numerics;
using CMUNeXt.Tensors;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>
/// Weights and images for measuring, the same in every process. Unlike those that a training starts from, they keep the values of all
/// layers in one range, and every normalization does something, so that a backend that computes a layer wrongly is found out.
/// </summary>
internal static class FormulaWeights
{
    private const ulong Seed = 1;

    /// <summary>Fills the tensors of a network. Those of any but a CMUNeXt are known to the backend that trains it alone.</summary>
    public static StateDict Create(NetworkDescription network) => new(network.Configuration is { } configuration
        ? ExpectedTensor.Of(configuration.Layers(network.Channels, network.Outputs)).Select(Fill)
        : StartingWeights(network).Select(built =>
            IsTable(built) || IsMagnifier(network) ? built : Fill(new ExpectedTensor(built.Name, built.Shape, built.Type))));

    /// <summary>Values in [-1, 1).</summary>
    public static float[] Images(int count) => Uniform("pictures", count, -1, 1);

    private static StateDict StartingWeights(NetworkDescription network)
    {
        using ITrainable fresh = BackendRegistry.ForTraining(network).OpenForTraining(network, new TrainableSettings { Seed = Seed });
        return fresh.CopyWeights();
    }

    // What attention looks up: other values would not be that network.
    private static bool IsTable(WeightTensor tensor) =>
        tensor.Type == ElementType.Int64 || tensor.Name.EndsWith("attn_mask", StringComparison.Ordinal);

    // With such values Mobile U-ViT magnifies rounding beyond any comparison (docs/how-it-works/same-numbers.md): it keeps those that it
    // starts from.
    private static bool IsMagnifier(NetworkDescription network) => network.Name is "mobileuvit" or "mobileuvit-l";

    private static WeightTensor Fill(ExpectedTensor tensor)
    {
        if (tensor.Type == ElementType.Int64)
        {
            return new WeightTensor(tensor.Name, tensor.Type, tensor.Shape, new byte[sizeof(long)]);
        }

        int count = tensor.Shape.Aggregate(1, (product, size) => product * size);
        bool scales = tensor.Name.EndsWith(".weight", StringComparison.Ordinal)
            || tensor.Name.EndsWith(".running_var", StringComparison.Ordinal);
        double bound = tensor.Shape.Count > 1 ? Math.Sqrt(4.5 * tensor.Shape[0] / count) : 0.1;
        float[] values = tensor.Shape.Count == 1 && scales
            ? Uniform(tensor.Name, count, 0.5, 1.5)
            : Uniform(tensor.Name, count, -bound, bound);
        return new WeightTensor(tensor.Name, tensor.Type, tensor.Shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private static float[] Uniform(string name, int count, double from, double to)
    {
        RandomSequence random = new(Seed, name);
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan())
        {
            value = (float)(from + (random.NextDouble() * (to - from)));
        }

        return values;
    }
}
