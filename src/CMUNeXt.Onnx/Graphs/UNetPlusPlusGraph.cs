using DataType = CMUNeXt.Onnx.Format.TensorProto.Types.DataType;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>U-Net++ over a ResNet-34 as it is compared with (docs/reference/networks.md).</summary>
internal static class UNetPlusPlusGraph
{
    // Of the stem and of the four stages of the ResNet.
    private static readonly int[] Widths = [64, 64, 128, 256, 512];
    private static readonly int[] Depths = [3, 4, 6, 3];

    /// <summary>Adds the layers.</summary>
    public static void Add(LayerBuilder layers, int channels, int outputs, string image, string logits)
    {
        string mix = layers.Tensor("mix", Widths.Length);
        string[,] maps = new string[Widths.Length, Widths.Length];
        string x = Block(layers, "firstconv", "firstbn", image, channels, Widths[0], 7, 2);
        maps[0, 0] = x;
        x = layers.MaxPool("firstmaxpool", x, 3, stride: 2, pad: 1);
        for (int i = 0; i < Depths.Length; i++)
        {
            for (int j = 0; j < Depths[i]; j++)
            {
                x = ResNetBlock(
                    layers, $"encoder{i + 1}.{j}", x, j == 0 ? Widths[i] : Widths[i + 1], Widths[i + 1], i > 0 && j == 0 ? 2 : 1);
            }

            maps[i + 1, 0] = x;
        }

        for (int diagonal = 1; diagonal < Widths.Length; diagonal++)
        {
            for (int column = 1; column <= diagonal; column++)
            {
                int level = diagonal - column;
                string name = $"decoder{level}_{column}";
                int width = Width(level, column);
                int input = Enumerable.Range(0, column).Sum(c => Width(level, c)) + Width(level + 1, column - 1);
                string below = layers.Repeat($"{name}.below", maps[level + 1, column - 1]);
                x = layers.Concatenation($"{name}.input", [.. Enumerable.Range(0, column).Select(c => maps[level, c]), below]);
                x = Block(layers, $"{name}.conv1", $"{name}.norm1", x, input, width / 2, 3);
                x = Block(layers, $"{name}.conv2", $"{name}.norm2", x, width / 2, width / 2, 3);
                maps[level, column] = Block(layers, $"{name}.conv3", $"{name}.norm3", x, width / 2, width, 3);
            }
        }

        string sum = "";
        for (int column = 1; column < Widths.Length; column++)
        {
            string place = layers.Graph.Constant<long>($"mix.place{column}", DataType.Int64, [1], [column]);
            string weight = layers.Graph.Add("Gather", $"mix.{column}", [mix, place]);
            string logit = layers.Convolution($"logit{column}", maps[0, column], Width(0, column), outputs, 1);
            logit = layers.Graph.Add("Mul", $"logit{column}.weighted", [logit, weight]);
            sum = column == 1 ? logit : layers.Graph.Add("Add", $"logit{column}.sum", [sum, logit]);
        }

        layers.Interpolate("logit", sum, result: logits);
    }

    private static int Width(int level, int column) => column == 0 ? Widths[level] : Widths[level + column - 1];

    private static string Block(
        LayerBuilder layers, string convolution, string normalization, string x, int input, int output, int kernel, int stride = 1) =>
        layers.Relu($"{normalization}.relu", Normalized(layers, convolution, normalization, x, input, output, kernel, stride));

    private static string Normalized(
        LayerBuilder layers, string convolution, string normalization, string x, int input, int output, int kernel, int stride = 1) =>
        layers.Normalization(normalization, layers.Convolution(convolution, x, input, output, kernel, stride, bias: false), output);

    private static string ResNetBlock(LayerBuilder layers, string name, string x, int input, int output, int stride)
    {
        string y = Block(layers, $"{name}.conv1", $"{name}.bn1", x, input, output, 3, stride);
        y = Normalized(layers, $"{name}.conv2", $"{name}.bn2", y, output, output, 3);
        string shortcut = input == output
            ? x
            : Normalized(layers, $"{name}.downsample.0", $"{name}.downsample.1", x, input, output, 1, stride);
        return layers.Relu($"{name}.relu", layers.Graph.Add("Add", $"{name}.sum", [y, shortcut]));
    }
}
