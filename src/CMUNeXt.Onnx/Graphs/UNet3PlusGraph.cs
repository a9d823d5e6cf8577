namespace CMUNeXt.Onnx.Graphs;

/// <summary>U-Net3+ as it is compared with (docs/reference/networks.md): every level of the decoder takes all five scales.</summary>
internal static class UNet3PlusGraph
{
    private const int Levels = 5;
    private const int ScaleWidth = 64;
    private const int FusedWidth = Levels * ScaleWidth;

    private static readonly int[] Widths = [64, 128, 256, 512, 1024];

    /// <summary>Adds the layers.</summary>
    public static void Add(LayerBuilder layers, int channels, int outputs, string image, string logits)
    {
        // Encoder maps, from the bottom up replaced by the decoder's.
        string[] features = new string[Levels];
        string x = image;
        for (int i = 0; i < Levels; i++)
        {
            x = i == 0 ? x : layers.MaxPool($"maxpool{i}", x);
            x = layers.ConvolutionBlock($"conv{i + 1}.conv1", x, i == 0 ? channels : Widths[i - 1], Widths[i]);
            x = features[i] = layers.ConvolutionBlock($"conv{i + 1}.conv2", x, Widths[i], Widths[i]);
        }

        for (int level = Levels - 2; level >= 0; level--)
        {
            int to = level + 1;
            string[] scales = new string[Levels];
            for (int source = 0; source < Levels; source++)
            {
                string name = source < level ? $"h{source + 1}_PT_hd{to}" : source == level ? $"h{to}_Cat_hd{to}"
                    : $"hd{source + 1}_UT_hd{to}";
                int width = source > level && source < Levels - 1 ? FusedWidth : Widths[source];
                int factor = 1 << Math.Abs(source - level);
                x = features[source];
                x = source < level ? layers.MaxPool(name, x, factor) : source == level ? x : layers.Interpolate(name, x, factor);
                scales[source] = Block(layers, $"{name}_conv", $"{name}_bn", $"{name}_relu", x, width, ScaleWidth);
            }

            x = layers.Concatenation($"hd{to}", scales);
            features[level] = Block(layers, $"conv{to}d_1", $"bn{to}d_1", $"relu{to}d_1", x, FusedWidth, FusedWidth);
        }

        layers.Convolution("outconv1", features[0], FusedWidth, outputs, 3, result: logits);
    }

    private static string Block(
        LayerBuilder layers, string convolution, string normalization, string relu, string x, int input, int output) =>
        layers.Relu(relu, layers.Normalization(normalization, layers.Convolution(convolution, x, input, output, 3), output));
}
