using CMUNeXt.Images;
using static CMUNeXt.Onnx.Format.TensorProto.Types;
using static CMUNeXt.Onnx.Graphs.GraphBuilder;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>
/// <see cref="Preprocessing.Apply(Image, Span{float})"/> without its resizing as ONNX operators, with the same roundings:
/// batch x height x width x 3 uint8 pixels (red, green, blue) in, batch x channels x height x width normalized float32 out.
/// </summary>
internal static class PreprocessingGraph
{
    // ITU-R BT.601 in whole numbers, as OpenCV converts to gray; a test holds the graph to the same bits as the library.
    private const int LuminanceBits = 14;
    private static readonly int[] LuminanceWeights = [4899, 9617, 1868];

    /// <summary>Adds the operators, and gives the name of the result.</summary>
    public static string Add(GraphBuilder graph, Preprocessing preprocessing, string pixels)
    {
        string ordered = preprocessing.Order switch
        {
            ChannelOrder.Gray => Luminance(graph, pixels),
            ChannelOrder.Mean => Mean(graph, pixels),
            _ => pixels,
        };
        string planes = graph.Add("Transpose", "preprocessing.planes", [ordered], [Attribute("perm", [0, 3, 1, 2])]);
        if (preprocessing.Order == ChannelOrder.Bgr)
        {
            string order = graph.Constant<long>("preprocessing.order", DataType.Int64, [3], [2, 1, 0]);
            planes = graph.Add("Gather", "preprocessing.reordered", [planes, order], [Attribute("axis", 1)]);
        }

        long[] shape = [1, preprocessing.Channels, 1, 1];
        float[] mean = [.. preprocessing.Mean.Select(value => (float)(value * 255))];
        float[] scale = [.. preprocessing.StandardDeviation.Select(value => (float)(1 / (value * 255)))];
        string x = graph.Add("Cast", "preprocessing.values", [planes], [Attribute("to", (long)DataType.Float)]);
        x = graph.Add("Sub", "preprocessing.centered", [x, graph.Constant("preprocessing.mean", shape, mean)]);
        x = graph.Add("Mul", "preprocessing.scaled", [x, graph.Constant("preprocessing.scale", shape, scale)]);
        return graph.Add("Div", "preprocessing.normalized", [x, graph.Constant("preprocessing.divisor", [], (float)preprocessing.Divisor)]);
    }

    // One channel, which becomes three where their means are subtracted.
    private static string Mean(GraphBuilder graph, string pixels)
    {
        string x = graph.Add("Cast", "mean.values", [pixels], [Attribute("to", (long)DataType.Int32)]);
        x = graph.Add(
            "ReduceSum", "mean.sum", [x, graph.Constant<long>("mean.axis", DataType.Int64, [1], [3])], [Attribute("keepdims", 1)]);
        x = graph.Add("Add", "mean.rounded", [x, graph.Constant<int>("mean.one", DataType.Int32, [], [1])]);
        return graph.Add("Div", "mean", [x, graph.Constant<int>("mean.three", DataType.Int32, [], [3])]);
    }

    private static string Luminance(GraphBuilder graph, string pixels)
    {
        string x = graph.Add("Cast", "luminance.values", [pixels], [Attribute("to", (long)DataType.Int32)]);
        x = graph.Add(
            "Mul", "luminance.weighted",
            [x, graph.Constant<int>(
                "luminance.weights", DataType.Int32, [3], LuminanceWeights)]);
        x = graph.Add(
            "ReduceSum", "luminance.sum", [x, graph.Constant<long>("luminance.axis", DataType.Int64, [1], [3])],
            [Attribute("keepdims", 1)]);
        x = graph.Add(
            "Add", "luminance.rounded",
            [x, graph.Constant<int>("luminance.half", DataType.Int32, [], [1 << (LuminanceBits - 1)])]);
        return graph.Add(
            "Div", "luminance", [x, graph.Constant<int>("luminance.one", DataType.Int32, [], [1 << LuminanceBits])]);
    }
}
