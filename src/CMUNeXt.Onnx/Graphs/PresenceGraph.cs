using static CMUNeXt.Onnx.Format.TensorProto.Types;
using static CMUNeXt.Onnx.Graphs.GraphBuilder;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>The presence of a lesion (<see cref="Segmentation.Presence"/>) as ONNX operators: logits in, one score an image out.</summary>
internal static class PresenceGraph
{
    // From here on reductions take their axes as an input.
    private const int AxesAsInput = 18;

    /// <summary>Adds the operators.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="width">The width that the weights are for, which the filter depends on.</param>
    /// <param name="height">The height that the weights are for.</param>
    /// <param name="logits">The name of the logits, batch x outputs x height x width.</param>
    /// <param name="presence">The name of the scores, of shape batch.</param>
    public static void Add(GraphBuilder graph, int outputs, int width, int height, string logits, string presence)
    {
        long radius = Segmentation.PresenceRadius(width, height);
        string filtered = graph.Add(
            "AveragePool",
            "presence.filtered",
            [outputs == 1 ? logits : NoBackground(graph, outputs, logits)],
            [Attribute("kernel_shape", [(2 * radius) + 1, (2 * radius) + 1]), Attribute("pads", [radius, radius, radius, radius]),
                Attribute("count_include_pad", 0L)]);

        // Row by row: a float32 sum of all pixels at once loses digits.
        string rows = LogSumExp(graph, "presence.rows", filtered, keep: false, 1, 3);
        string sum = LogSumExp(graph, "presence.sum", rows, keep: false, 1);

        // The number of pixels, whatever the size that is run.
        string sizes = graph.Add(
            "Slice", "presence.sizes",
            [graph.Add("Shape", "presence.shape", [filtered]), Index(graph, "presence.two", 2), Index(graph, "presence.four", 4)]);
        string count = graph.Add(
            "Cast", "presence.count", [graph.Add("ReduceProd", "presence.pixels", [sizes], [Attribute("keepdims", 0L)])],
            [Attribute("to", (long)DataType.Float)]);
        graph.Add("Sub", presence, [sum, graph.Add("Log", "presence.log_count", [count])]);
    }

    private static string NoBackground(GraphBuilder graph, int outputs, string logits)
    {
        string channel = Index(graph, "presence.channel", 1);
        string background = graph.Add(
            "Slice", "presence.background", [logits, Index(graph, "presence.zero", 0), Index(graph, "presence.one", 1), channel]);
        string classes = graph.Add(
            "Slice", "presence.classes", [logits, Index(graph, "presence.one", 1), Index(graph, "presence.outputs", outputs), channel]);
        return graph.Add("Sub", "presence.no_background", [LogSumExp(graph, "presence.any_class", classes, keep: true, 1), background]);
    }

    private static string LogSumExp(GraphBuilder graph, string name, string values, bool keep, params long[] axes) =>
        graph.Opset >= AxesAsInput
        ? graph.Add(
            "ReduceLogSumExp", name, [values, graph.Constant(name + ".axes", DataType.Int64, [axes.Length], axes)],
            [Attribute("keepdims", keep ? 1L : 0L)])
        : graph.Add("ReduceLogSumExp", name, [values], [Attribute("axes", axes), Attribute("keepdims", keep ? 1L : 0L)]);

    private static string Index(GraphBuilder graph, string name, long value) => graph.Constant(name, DataType.Int64, [1], [value]);
}
