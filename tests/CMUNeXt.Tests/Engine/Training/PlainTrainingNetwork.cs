using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests.Engine.Training.Loss;

namespace CMUNeXt.Tests.Engine.Training;

/// <summary>A CMUNeXt in training mode, forward and backward, operation by operation in double precision.</summary>
internal sealed class PlainTrainingNetwork
{
    private readonly Dictionary<string, PlainMap> parameters = [];
    private readonly Lazy<IReadOnlyDictionary<string, double[]>> gradients;

    /// <summary>Computes a batch.</summary>
    /// <param name="network">A CMUNeXt as published.</param>
    /// <param name="state">Its tensors.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="input">Images x channels x height x width, the sides multiples of 16.</param>
    /// <param name="target">Images x height x width classes.</param>
    /// <param name="images">The number of images.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="round">See <see cref="PlainOperations"/>.</param>
    public PlainTrainingNetwork(
        NetworkDescription network,
        StateDict state,
        SegmentationLoss loss,
        float[] input,
        byte[] target,
        int images,
        int height,
        int width,
        Func<double, double>? round = null)
    {
        PlainOperations operations = new(round);
        PlainMap x = PlainMap.Of(input, images, network.Channels, height, width);
        PlainMap? residual = null;
        Stack<PlainMap> skips = [];
        foreach (Layer layer in network.Configuration!.Layers(network.Channels, network.Outputs))
        {
            switch (layer.Kind)
            {
                case LayerKind.Convolution:
                    residual = layer.Name.EndsWith(".0.fn.0", StringComparison.Ordinal) ? x : residual;
                    x = operations.Convolve(x, Parameter("weight"), Parameter("bias"), layer.Kernel, layer.Groups);
                    break;
                case LayerKind.Normalization:
                    x = operations.Normalize(x, Parameter("weight"), Parameter("bias"), (mean, variance) =>
                    {
                        Running[$"{layer.Name}.running_mean"] = Mixed(state[$"{layer.Name}.running_mean"], mean);
                        Running[$"{layer.Name}.running_var"] = Mixed(state[$"{layer.Name}.running_var"], variance);
                    });
                    break;
                case LayerKind.Gelu:
                    x = operations.Gelu(x);
                    break;
                case LayerKind.Relu:
                    x = operations.Relu(x);
                    break;
                case LayerKind.Residual:
                    x = operations.Sum(x, residual!);
                    break;
                case LayerKind.MaxPool:
                    skips.Push(x);
                    x = operations.MaxPool(x);
                    break;
                case LayerKind.Upsample:
                    x = operations.Upsample(x);
                    break;
                default:
                    x = operations.Concatenate(skips.Pop(), x);
                    break;
            }

            PlainMap Parameter(string name) => parameters[$"{layer.Name}.{name}"] = PlainMap.Of(state[$"{layer.Name}.{name}"]);
        }

        int radius = CMUNeXt.Masks.Presence.Radius(width, height);
        Logits = x.Values;
        Loss = PlainLoss.Of(loss, Logits, target, null, images, network.Outputs, height, width, radius);
        gradients = new(() =>
        {
            PlainLossGradient.Of(loss, Logits, target, null, images, network.Outputs, height, width, radius).CopyTo(x.Gradient, 0);
            operations.Backward();
            return parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.Gradient);
        });
    }

    public double Loss { get; }

    /// <summary>Images x outputs x height x width.</summary>
    public double[] Logits { get; }

    /// <summary>The gradients of the trained tensors, by name.</summary>
    public IReadOnlyDictionary<string, double[]> Gradients => gradients.Value;

    /// <summary>The running means and variances after the batch, by name.</summary>
    public Dictionary<string, double[]> Running { get; } = [];

    private static double[] Mixed(WeightTensor before, double[] batch) =>
        [.. before.ToSingles().Zip(batch, (a, b) => (0.9 * a) + (0.1 * b))];
}
