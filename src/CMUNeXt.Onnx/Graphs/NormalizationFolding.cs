using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>
/// Leaves out the normalizations that a convolution beside them can do: those that stand directly behind one, and those directly before a
/// 1x1. One before a kernel that sees zero padding stays, since the padding is not normalized, and so does one before a residual.
/// </summary>
internal static class NormalizationFolding
{
    /// <summary>PyTorch's epsilon.</summary>
    private const double Epsilon = 1e-5;

    /// <summary>The layers that are left, in order.</summary>
    public static IReadOnlyList<Layer> Layers(IReadOnlyList<Layer> layers) =>
        [.. layers.Where((_, i) => !FoldsBack(layers, i) && !FoldsForward(layers, i))];

    /// <summary>The tensors of the layers that are left; the arithmetic is done in double precision and rounded once.</summary>
    public static StateDict Weights(IReadOnlyList<Layer> layers, StateDict state)
    {
        List<WeightTensor> tensors = [];
        for (int i = 0; i < layers.Count; i++)
        {
            if (layers[i].Kind == LayerKind.Convolution)
            {
                tensors.AddRange(Convolution(
                    layers[i],
                    state,
                    FoldsForward(layers, i - 1) ? layers[i - 1] : null,
                    FoldsBack(layers, i + 1) ? layers[i + 1] : null));
            }
            else if (!FoldsBack(layers, i) && !FoldsForward(layers, i))
            {
                tensors.AddRange(ExpectedTensor.Of([layers[i]]).Select(tensor => state[tensor.Name]));
            }
        }

        return new StateDict(tensors);
    }

    private static bool FoldsBack(IReadOnlyList<Layer> layers, int i) =>
        i > 0 && i < layers.Count && layers[i].Kind == LayerKind.Normalization && layers[i - 1].Kind == LayerKind.Convolution;

    // A depthwise kernel of 1 x 1 on a single channel looks like any 1x1, but what goes into it goes past it too, to the residual.
    private static bool FoldsForward(IReadOnlyList<Layer> layers, int i) =>
        i >= 0 && i + 1 < layers.Count && layers[i].Kind == LayerKind.Normalization && !FoldsBack(layers, i)
        && layers[i + 1] is { Kind: LayerKind.Convolution, Kernel: 1, Groups: 1 }
        && (i + 4 >= layers.Count || layers[i + 4].Kind != LayerKind.Residual);

    private static IEnumerable<WeightTensor> Convolution(Layer layer, StateDict state, Layer? before, Layer? after)
    {
        double[] sums = Values(state, $"{layer.Name}.bias");
        double[] products = Values(state, $"{layer.Name}.weight");
        int perOutput = products.Length / layer.Output;
        if (before is not null)
        {
            (double[] scale, double[] shift) = Normalization(state, before.Name);
            for (int i = 0; i < products.Length; i++)
            {
                sums[i / perOutput] += products[i] * shift[i % perOutput];
                products[i] *= scale[i % perOutput];
            }
        }

        if (after is not null)
        {
            (double[] scale, double[] shift) = Normalization(state, after.Name);
            sums = [.. sums.Select((sum, o) => (sum * scale[o]) + shift[o])];
            products = [.. products.Select((product, i) => product * scale[i / perOutput])];
        }

        yield return new WeightTensor(
            $"{layer.Name}.weight", [layer.Output, layer.Input / layer.Groups, layer.Kernel, layer.Kernel],
            [.. products.Select(p => (float)p)]);
        yield return new WeightTensor($"{layer.Name}.bias", [layer.Output], [.. sums.Select(s => (float)s)]);
    }
    // What a normalization multiplies with and adds, in evaluation mode.
    private static (double[] Scale, double[] Shift) Normalization(StateDict state, string name)
    {
        double[] mean = Values(state, $"{name}.running_mean");
        double[] bias = Values(state, $"{name}.bias");
        double[] scale =
        [
            .. Values(state, $"{name}.weight").Zip(
                Values(state, $"{name}.running_var"), (weight, variance) => weight / Math.Sqrt(variance + Epsilon)),
        ];
        return (scale, [.. scale.Select((s, c) => bias[c] - (mean[c] * s))]);
    }

    private static double[] Values(StateDict state, string name) => Array.ConvertAll(state[name].ToSingles(), value => (double)value);
}
