using System.Buffers;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// The tensors of a CMUNeXt, with normalizations as a scale and a shift in double precision. Nothing is copied that is float32 already, and
/// nothing given by it may be used after its end.
/// </summary>
internal sealed unsafe class FoldedWeights(StateDict state) : IDisposable
{
    /// <summary>PyTorch's epsilon.</summary>
    private const double Epsilon = 1e-5;

    private readonly List<MemoryHandle> held = [];

    /// <summary>A convolution's weights, output x input x kernel x kernel, and its biases.</summary>
    public (TensorValues Weight, TensorValues Bias) Convolution(string name) => (Values($"{name}.weight"), Values($"{name}.bias"));

    /// <summary>What a normalization multiplies with and adds, in evaluation mode.</summary>
    public (double[] Scale, double[] Shift) Normalization(string name)
    {
        TensorValues weight = Values($"{name}.weight");
        TensorValues bias = Values($"{name}.bias");
        TensorValues mean = Values($"{name}.running_mean");
        TensorValues variance = Values($"{name}.running_var");
        double[] scale = [.. Enumerable.Range(0, weight.Count).Select(c => weight[c] / Math.Sqrt(variance[c] + Epsilon))];
        return (scale, [.. scale.Select((s, c) => bias[c] - (mean[c] * s))]);
    }

    /// <summary>A convolution with the normalization behind it folded in.</summary>
    public (Func<int, double> Weight, Func<int, double> Bias) Normalized(string convolution, string normalization)
    {
        (TensorValues weight, TensorValues bias) = Convolution(convolution);
        (double[] scale, double[] shift) = Normalization(normalization);
        int perOutput = weight.Count / bias.Count;
        return (i => weight[i] * scale[i / perOutput], o => (bias[o] * scale[o]) + shift[o]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryHandle handle in held)
        {
            handle.Dispose();
        }

        held.Clear();
    }

    private TensorValues Values(string name)
    {
        WeightTensor tensor = state[name];
        held.Add(tensor.Type == ElementType.Float32 ? tensor.Data.Pin() : tensor.ToSingles().AsMemory().Pin());
        return new TensorValues((float*)held[^1].Pointer, tensor.Count);
    }
}
