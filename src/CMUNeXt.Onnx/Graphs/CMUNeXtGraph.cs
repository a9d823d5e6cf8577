using CMUNeXt.Networks;
using static CMUNeXt.Onnx.Graphs.GraphBuilder;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>The layers of a CMUNeXt as ONNX operators: batch x channels x height x width in, batch x outputs x height x width logits out.</summary>
internal static class CMUNeXtGraph
{
    /// <summary>PyTorch's default.</summary>
    private const float Epsilon = 1e-5f;

    /// <summary>Adds the layers.</summary>
    /// <param name="graph">Receives the nodes.</param>
    /// <param name="layers">The layers in the order in which they are computed.</param>
    /// <param name="input">The name of the input.</param>
    /// <param name="output">The name for the logits.</param>
    public static void Add(GraphBuilder graph, IReadOnlyList<Layer> layers, string input, string output)
    {
        string x = input;
        string convolved = input;
        Stack<string> features = new();
        for (int i = 0; i < layers.Count; i++)
        {
            Layer layer = layers[i];
            string name = layer.Name;
            switch (layer.Kind)
            {
                case LayerKind.Convolution:
                    convolved = x;
                    x = graph.Add("Conv", name, [x, $"{name}.weight", $"{name}.bias"], Convolution(layer), i == layers.Count - 1 ? output : null);
                    break;
                case LayerKind.Normalisation:
                    x = graph.Add(
                        "BatchNormalization",
                        name,
                        [x, $"{name}.weight", $"{name}.bias", $"{name}.running_mean", $"{name}.running_var"],
                        [Attribute("epsilon", Epsilon)]);
                    break;
                case LayerKind.Gelu:
                    x = Gelu(graph, name, x);
                    break;
                case LayerKind.Relu:
                    x = graph.Add("Relu", name, [x]);
                    break;
                case LayerKind.Residual:
                    x = graph.Add("Add", name, [x, convolved]);
                    break;
                case LayerKind.MaxPool:
                    features.Push(x);
                    x = graph.Add("MaxPool", name, [x], [Attribute("kernel_shape", [2, 2]), Attribute("strides", [2, 2])]);
                    break;
                case LayerKind.Upsample:
                    // The second input, a region of interest, is left out.
                    x = graph.Add(
                        "Resize",
                        name,
                        [x, "", graph.Constant("upsample.scales", [4], 1, 1, 2, 2)],
                        [Attribute("coordinate_transformation_mode", "half_pixel"), Attribute("mode", "linear")]);
                    break;
                case LayerKind.Concatenation:
                    x = graph.Add("Concat", name, [features.Pop(), x], [Attribute("axis", 1)]);
                    break;
                default:
                    throw new ArgumentException($"The layer {name} of kind {layer.Kind} has no ONNX operator here.", nameof(layers));
            }
        }
    }

    private static Format.AttributeProto[] Convolution(Layer layer)
    {
        long pad = layer.Kernel / 2;
        return
        [
            Attribute("group", layer.Groups),
            Attribute("kernel_shape", [layer.Kernel, layer.Kernel]),
            Attribute("pads", [pad, pad, pad, pad]),
        ];
    }

    private static string Gelu(GraphBuilder graph, string name, string x)
    {
        // Gelu is an operator since 20.
        if (graph.Opset >= 20)
        {
            return graph.Add("Gelu", name, [x], [Attribute("approximate", "none")]);
        }

        // The order in which ONNX Runtime recognises it, and computes it as one operator.
        string scaled = graph.Add("Div", $"{name}.scaled", [x, graph.Constant("gelu.sqrt2", [], MathF.Sqrt(2))]);
        string erf = graph.Add("Erf", $"{name}.erf", [scaled]);
        string sum = graph.Add("Add", $"{name}.sum", [erf, graph.Constant("gelu.one", [], 1)]);
        string product = graph.Add("Mul", $"{name}.product", [x, sum]);
        return graph.Add("Mul", name, [product, graph.Constant("gelu.half", [], 0.5f)]);
    }
}
