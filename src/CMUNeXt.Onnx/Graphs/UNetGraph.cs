namespace CMUNeXt.Onnx.Graphs;

/// <summary>U-Net as it is compared with (docs/reference/networks.md), and the frame of the networks that are made of it.</summary>
internal static class UNetGraph
{
    private static readonly int[] Widths = [64, 128, 256, 512, 1024];

    /// <summary>Adds the layers of a U-Net.</summary>
    public static void Add(LayerBuilder layers, int channels, int outputs, string image, string logits) =>
        Add(layers, channels, outputs, image, logits, bottom: static x => x, gate: static (_, skip, _) => skip);

    /// <summary>Adds the layers of a U-Net with more in it.</summary>
    /// <param name="layers">Receives them.</param>
    /// <param name="channels">The channels of the image.</param>
    /// <param name="outputs">The channels of the logits.</param>
    /// <param name="image">The name of the input.</param>
    /// <param name="logits">The name for the output.</param>
    /// <param name="bottom">What stands behind the lowest level.</param>
    /// <param name="gate">
    /// What a skip goes through: the level from 0, the encoder's map and the decoder's, both of 64 x 2^level channels.
    /// </param>
    public static void Add(
        LayerBuilder layers, int channels, int outputs, string image, string logits, Func<string, string> bottom,
        Func<int, string, string, string> gate)
    {
        string[] features = new string[Widths.Length];
        string x = image;
        for (int i = 0; i < Widths.Length; i++)
        {
            x = i == 0 ? x : layers.MaxPool($"pool{i}", x);
            x = features[i] = DoubleConvolution(layers, $"Conv{i + 1}.conv", x, i == 0 ? channels : Widths[i - 1], Widths[i]);
        }

        x = bottom(x);
        for (int i = Widths.Length - 2; i >= 0; i--)
        {
            x = layers.Repeat($"Up{i + 2}.up.0", x);
            x = layers.ConvolutionBlock($"Up{i + 2}.up", x, Widths[i + 1], Widths[i], first: 1);
            x = layers.Concatenation($"skip{i + 1}", gate(i, features[i], x), x);
            x = DoubleConvolution(layers, $"Up_conv{i + 2}.conv", x, 2 * Widths[i], Widths[i]);
        }

        layers.Convolution("Conv_1x1", x, Widths[0], outputs, 1, result: logits);
    }

    private static string DoubleConvolution(LayerBuilder layers, string name, string x, int input, int output) =>
        layers.ConvolutionBlock(name, layers.ConvolutionBlock(name, x, input, output), output, output, first: 3);
}
