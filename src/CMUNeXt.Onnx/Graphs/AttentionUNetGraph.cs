namespace CMUNeXt.Onnx.Graphs;

/// <summary>Attention U-Net as it is compared with (docs/reference/networks.md): U-Net with a gate in each skip.</summary>
internal static class AttentionUNetGraph
{
    /// <summary>Adds the layers.</summary>
    public static void Add(LayerBuilder layers, int channels, int outputs, string image, string logits) =>
        UNetGraph.Add(layers, channels, outputs, image, logits, bottom: static x => x, gate: (level, skip, up) =>
        {
            string name = $"Att{level + 2}";
            int width = 64 << level;
            string Normalized(string part, string x, int input, int output) =>
                layers.Normalization($"{name}.{part}.1", layers.Convolution($"{name}.{part}.0", x, input, output, 1), output);
            string ofGate = Normalized("W_g", up, width, width / 2);
            string ofSkip = Normalized("W_x", skip, width, width / 2);
            string sum = layers.Graph.Add("Add", $"{name}.sum", [ofGate, ofSkip]);
            string weight = Normalized("psi", layers.Relu($"{name}.relu", sum), width / 2, 1);
            return layers.Graph.Add("Mul", name, [skip, layers.Graph.Add("Sigmoid", $"{name}.psi.2", [weight])]);
        });
}
