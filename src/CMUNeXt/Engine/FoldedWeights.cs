using CMUNeXt.Weights;

namespace CMUNeXt.Engine;

/// <summary>The tensors of a CMUNeXt in double precision, with normalisations as a scale and a shift.</summary>
internal sealed class FoldedWeights(StateDict state)
{
    /// <summary>PyTorch's epsilon.</summary>
    private const double Epsilon = 1e-5;

    /// <summary>A convolution's weights, output x input x kernel x kernel, and its biases.</summary>
    public (float[] Weight, float[] Bias) Convolution(string name) => (state[$"{name}.weight"].ToSingles(), state[$"{name}.bias"].ToSingles());

    /// <summary>What a normalisation multiplies with and adds, in evaluation mode.</summary>
    public (double[] Scale, double[] Shift) Normalisation(string name)
    {
        float[] weight = state[$"{name}.weight"].ToSingles();
        float[] bias = state[$"{name}.bias"].ToSingles();
        float[] mean = state[$"{name}.running_mean"].ToSingles();
        float[] variance = state[$"{name}.running_var"].ToSingles();
        double[] scale = [.. weight.Select((w, c) => w / Math.Sqrt(variance[c] + Epsilon))];
        return (scale, [.. scale.Select((s, c) => bias[c] - (mean[c] * s))]);
    }

    /// <summary>A convolution with the normalisation behind it folded in.</summary>
    public (Func<int, double> Weight, Func<int, double> Bias) Normalised(string convolution, string normalisation)
    {
        (float[] weight, float[] bias) = Convolution(convolution);
        (double[] scale, double[] shift) = Normalisation(normalisation);
        int perOutput = weight.Length / bias.Length;
        return (i => weight[i] * scale[i / perOutput], o => (bias[o] * scale[o]) + shift[o]);
    }
}
