using CMUNeXt.Networks;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>
/// The layers of a CMUNeXt as ONNX operators: batch x channels x height x width in, batch x outputs x height x width logits out.
/// </summary>
internal static class CMUNeXtGraph
{
    /// <summary>Adds the layers.</summary>
    /// <param name="builder">Receives them.</param>
    /// <param name="layers">The layers in the order in which they are computed.</param>
    /// <param name="image">The name of the input.</param>
    /// <param name="logits">The name for the output.</param>
    public static void Add(LayerBuilder builder, IReadOnlyList<Layer> layers, string image, string logits)
    {
        string x = image;
        string convolved = image;
        Stack<string> features = new();
        for (int i = 0; i < layers.Count; i++)
        {
            Layer layer = layers[i];
            string name = layer.Name;
            switch (layer.Kind)
            {
                case LayerKind.Convolution:
                    convolved = x;
                    x = builder.Convolution(
                        name, x, layer.Input, layer.Output, layer.Kernel, groups: layer.Groups,
                        result: i == layers.Count - 1 ? logits : null);
                    break;
                case LayerKind.Normalization:
                    x = builder.Normalization(name, x, layer.Output);
                    break;
                case LayerKind.Gelu:
                    x = builder.Gelu(name, x);
                    break;
                case LayerKind.Relu:
                    x = builder.Relu(name, x);
                    break;
                case LayerKind.Residual:
                    x = builder.Graph.Add("Add", name, [x, convolved]);
                    break;
                case LayerKind.MaxPool:
                    features.Push(x);
                    x = builder.MaxPool(name, x);
                    break;
                case LayerKind.Upsample:
                    x = builder.Interpolate(name, x);
                    break;
                case LayerKind.Concatenation:
                    x = builder.Concatenation(name, features.Pop(), x);
                    break;
                default:
                    throw new ArgumentException($"The layer {name} of kind {layer.Kind} has no ONNX operator here.", nameof(layers));
            }
        }
    }
}
