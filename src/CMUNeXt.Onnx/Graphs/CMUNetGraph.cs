namespace CMUNeXt.Onnx.Graphs;

/// <summary>
/// CMU-Net as it is compared with (docs/reference/networks.md): U-Net with a ConvMixer at the bottom and a multi-scale gate in each skip.
/// </summary>
internal static class CMUNetGraph
{
    private const int MixerWidth = 1024;
    private const int MixerDepth = 7;
    private const int MixerKernel = 7;

    /// <summary>Adds the layers.</summary>
    public static void Add(LayerBuilder layers, int channels, int outputs, string image, string logits)
    {
        UNetGraph.Add(
            layers, channels, outputs, image, logits, bottom: x => Mixer(layers, x), gate: (level, skip, _) => Gate(layers, level, skip));
        layers.Reorder(name => name.StartsWith("msag", StringComparison.Ordinal) ? 1 : 0);
    }

    private static string Mixer(LayerBuilder layers, string x)
    {
        for (int i = 0; i < MixerDepth; i++)
        {
            string name = $"ConvMixer.block.{i}";
            string y = layers.Convolution($"{name}.0.fn.0", x, MixerWidth, MixerWidth, MixerKernel, groups: MixerWidth);
            y = layers.Normalization($"{name}.0.fn.2", layers.Gelu($"{name}.0.fn.1", y), MixerWidth);
            x = layers.Graph.Add("Add", $"{name}.0", [y, x]);
            x = layers.Gelu($"{name}.2", layers.Convolution($"{name}.1", x, MixerWidth, MixerWidth, 1));
            x = layers.Normalization($"{name}.3", x, MixerWidth);
        }

        return x;
    }

    private static string Gate(LayerBuilder layers, int level, string x)
    {
        string name = $"msag{level + 1}";
        int width = 64 << level;
        string Scale(string part, int kernel, int dilation) => layers.Normalization(
            $"{name}.{part}.1", layers.Convolution($"{name}.{part}.0", x, width, width, kernel, dilation: dilation), width);
        string scales = layers.Concatenation(
            $"{name}.scales", Scale("pointwiseConv", 1, 1), Scale("ordinaryConv", 3, 1), Scale("dilationConv", 3, 2));
        string vote = layers.Convolution($"{name}.voteConv.0", layers.Relu($"{name}.relu", scales), 3 * width, width, 1);
        vote = layers.Graph.Add("Sigmoid", $"{name}.voteConv.2", [layers.Normalization($"{name}.voteConv.1", vote, width)]);
        return layers.Graph.Add("Add", name, [x, layers.Graph.Add("Mul", $"{name}.voted", [x, vote])]);
    }
}
