using static CMUNeXt.Onnx.Graphs.GraphBuilder;
using DataType = CMUNeXt.Onnx.Format.TensorProto.Types.DataType;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>UNeXt and its small variant as they are compared with (docs/reference/networks.md).</summary>
internal static class UNeXtGraph
{
    /// <summary>How far a shift moves, either way.</summary>
    private const int Reach = 2;

    // The state dict has its layers by kind.
    private static readonly string[] Kinds = ["encoder", "ebn", "norm", "dnorm", "block", "dblock", "patch_embed", "decoder", "dbn",
        "final"];

    /// <summary>Adds the layers.</summary>
    /// <param name="widths">The channels of the five levels.</param>
    /// <param name="layers">Receives them.</param>
    /// <param name="channels">The channels of the image.</param>
    /// <param name="outputs">The channels of the logits.</param>
    /// <param name="image">The name of the input.</param>
    /// <param name="logits">The name for the output.</param>
    public static void Add(int[] widths, LayerBuilder layers, int channels, int outputs, string image, string logits)
    {
        Stack<string> features = new();
        string x = image;
        for (int i = 0; i < 3; i++)
        {
            x = layers.Convolution($"encoder{i + 1}", x, i == 0 ? channels : widths[i - 1], widths[i], 3);
            x = layers.MaxPool($"pool{i + 1}", layers.Normalization($"ebn{i + 1}", x, widths[i]));
            x = layers.Relu($"encoder{i + 1}.relu", x);
            features.Push(x);
        }

        for (int i = 3; i < 5; i++)
        {
            x = layers.Convolution($"patch_embed{i}.proj", x, widths[i - 1], widths[i], 3, stride: 2);
            x = layers.ChannelNormalization($"patch_embed{i}.norm", x, widths[i]);
            x = ShiftedBlock(layers, $"block{i - 2}.0", x, widths[i]);
            x = layers.ChannelNormalization($"norm{i}", x, widths[i]);
            features.Push(x);
        }

        features.Pop();
        for (int i = 1; i <= 5; i++)
        {
            int width = widths[Math.Max(4 - i, 0)];
            x = layers.Convolution($"decoder{i}", x, widths[5 - i], width, 3);
            x = i == 5 ? x : layers.Normalization($"dbn{i}", x, width);
            x = layers.Relu($"decoder{i}.relu", layers.Interpolate($"decoder{i}.up", x));
            x = features.TryPop(out string? skip) ? layers.Graph.Add("Add", $"decoder{i}.sum", [x, skip]) : x;
            x = i > 2 ? x : layers.ChannelNormalization($"dnorm{i + 2}", ShiftedBlock(layers, $"dblock{i}.0", x, width), width);
        }

        layers.Convolution("final", x, widths[0], outputs, 1, result: logits);
        layers.Reorder(name => Array.IndexOf(Kinds, name.Split('.')[0].TrimEnd('1', '2', '3', '4', '5')));
    }

    private static string ShiftedBlock(LayerBuilder layers, string name, string x, int width)
    {
        string y = layers.ChannelNormalization($"{name}.norm2", x, width);
        y = layers.ChannelLinear($"{name}.mlp.fc1", Shift(layers, $"{name}.mlp.shift1", y, width, 2), width, width);
        y = layers.Gelu($"{name}.mlp.act", layers.Convolution($"{name}.mlp.dwconv.dwconv", y, width, width, 3, groups: width));
        y = layers.ChannelLinear($"{name}.mlp.fc2", Shift(layers, $"{name}.mlp.shift2", y, width, 3), width, width);
        return layers.Graph.Add("Add", name, [x, y]);
    }

    // Five groups of channels move by -2 to 2 pixels along an axis, and zeros come in.
    private static string Shift(LayerBuilder layers, string name, string x, int width, int axis)
    {
        GraphBuilder graph = layers.Graph;
        string Numbers(string part, params long[] values) => graph.Constant(part, DataType.Int64, [values.Length], values);
        long[] pads = new long[8];
        pads[axis] = pads[axis + 4] = Reach;
        string padded = graph.Add("Pad", $"{name}.padded", [x, Numbers($"shift.pads{axis}", pads)], [Attribute("mode", "constant")]);
        const int Groups = (2 * Reach) + 1;
        int each = (width + Groups - 1) / Groups;
        string[] moved = new string[Groups];
        for (int i = 0; i < Groups; i++)
        {
            // Ends count from the end; there is none for the last group, which is the smaller one where they do not come out even.
            string starts = Numbers($"{name}.starts{i}", i * each, (2 * Reach) - i);
            string ends = Numbers($"{name}.ends{i}", Math.Min((i + 1) * each, width), i == 0 ? long.MaxValue : -i);
            moved[i] = graph.Add("Slice", $"{name}.{i}", [padded, starts, ends, Numbers($"shift.axes{axis}", 1, axis)]);
        }

        return layers.Concatenation(name, moved);
    }
}
