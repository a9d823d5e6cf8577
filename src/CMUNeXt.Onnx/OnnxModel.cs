using System.Runtime.InteropServices;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Onnx.Graphs;
using CMUNeXt.Tensors;
using Google.Protobuf;
using static CMUNeXt.Onnx.Graphs.GraphBuilder;
using DataType = CMUNeXt.Onnx.Format.TensorProto.Types.DataType;

namespace CMUNeXt.Onnx;

/// <summary>Builds a model: the graph of a network, and its weights as initializers.</summary>
internal static class OnnxModel
{
    public const string Producer = "CMUNeXt.NET";
    public const string ImageInput = "image";
    public const string PixelsInput = "pixels";
    public const string LogitsOutput = "logits";
    public const string ProbabilityOutput = "probability";
    public const string PresenceOutput = "presence";

    /// <summary>The property of a model whose normalizations are folded; its value is "folded".</summary>
    public const string NormalizationKey = "cmunext.normalization";

    private static readonly Dictionary<string, NetworkGraph> Graphs = new(StringComparer.Ordinal)
    {
        ["unet"] = UNetGraph.Add,
        ["attention-unet"] = AttentionUNetGraph.Add,
        ["unetpp"] = UNetPlusPlusGraph.Add,
        ["unet3plus"] = UNet3PlusGraph.Add,
        ["unext"] = static (layers, channels, outputs, image, logits) =>
            UNeXtGraph.Add([16, 32, 128, 160, 256], layers, channels, outputs, image, logits),
        ["unext-s"] = static (layers, channels, outputs, image, logits) =>
            UNeXtGraph.Add([8, 16, 32, 64, 128], layers, channels, outputs, image, logits),
        ["cmunet"] = CMUNetGraph.Add,
    };

    // Adds the layers of a network of so many channels and outputs, from the image of a name to the logits of one.
    private delegate void NetworkGraph(LayerBuilder layers, int channels, int outputs, string image, string logits);

    /// <summary>Builds all of a model but its weights, metadata and the producer's version.</summary>
    /// <param name="description">The network and its configuration.</param>
    /// <param name="options">Opset, sizes, and whether normalization and activation are part of it.</param>
    /// <param name="preprocessing">Used where the options ask for it.</param>
    /// <exception cref="ArgumentException">The options or the configuration are not possible.</exception>
    public static ModelProto Build(NetworkDescription description, OnnxExportOptions options, Preprocessing preprocessing)
    {
        if (options.FindFault() is { } fault)
        {
            throw new ArgumentException($"ONNX export: {fault}.", nameof(options));
        }

        if (options.Preprocessing && preprocessing.Channels != description.Channels)
        {
            throw new ArgumentException(
                $"The preprocessing gives {preprocessing.Channels} channels, and the network takes {description.Channels}.",
                nameof(preprocessing));
        }

        GraphBuilder graph = new(description.Name, options.Opset);
        (int?, string) batch = (options.Batch, "batch");
        (int?, string) height = (options.Height, "height");
        (int?, string) width = (options.Width, "width");
        (int?, string) outputs = (description.Outputs, "");
        if (options.FoldNormalization && description.Configuration is null)
        {
            throw new ArgumentException(
                $"ONNX export of {description.Name}: normalizations are folded for a CMUNeXt alone.", nameof(options));
        }

        InputSize size = NetworkCatalog.SizeOf(description.Name);
        if (size.FindFault(options.Width ?? size.Multiple, options.Height ?? size.Multiple) is { } sizeFault)
        {
            throw new ArgumentException($"ONNX export of {description.Name}: {sizeFault}.", nameof(options));
        }

        LayerBuilder layers = new(graph);
        if (options.Preprocessing)
        {
            graph.Graph.Input.Add(Value(PixelsInput, DataType.Uint8, batch, height, width, (3, "")));
            AddLayers(layers, description, PreprocessingGraph.Add(graph, preprocessing, PixelsInput), options.FoldNormalization);
            AttributeProto[] axis = description.Outputs == 1 ? [] : [Attribute("axis", 1)];
            graph.Add(description.Outputs == 1 ? "Sigmoid" : "Softmax", ProbabilityOutput, [LogitsOutput], axis);
            graph.Graph.Output.Add(Value(ProbabilityOutput, DataType.Float, batch, outputs, height, width));
            PresenceGraph.Add(
                graph, description.Outputs, options.Width ?? preprocessing.Width, options.Height ?? preprocessing.Height, LogitsOutput,
                PresenceOutput);
            graph.Graph.Output.Add(Value(PresenceOutput, DataType.Float, batch));
        }
        else
        {
            graph.Graph.Input.Add(Value(ImageInput, DataType.Float, batch, (description.Channels, ""), height, width));
            AddLayers(layers, description, ImageInput, options.FoldNormalization);
            graph.Graph.Output.Add(Value(LogitsOutput, DataType.Float, batch, outputs, height, width));
        }

        ModelProto model = new() { IrVersion = IrVersion(options.Opset), ProducerName = Producer, Graph = graph.Graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = options.Opset });
        return model;
    }

    /// <summary>
    /// Adds the tensors, as float32, under their names in the state dict. Counts of batches are left out: no operator takes them.
    /// </summary>
    /// <exception cref="ArgumentException">The tensors are not those of the network.</exception>
    public static void AddWeights(ModelProto model, NetworkDescription description, StateDict state, OnnxExportOptions options)
    {
        ExpectedTensor[] needed = [.. Tensors(description)];
        if (NetworkCatalog.FindMismatch(needed, state) is { } mismatch)
        {
            throw new ArgumentException($"The weights do not fit the network {description.Name}: {mismatch}.", nameof(state));
        }

        if (options.FoldNormalization)
        {
            IReadOnlyList<Layer> layers = Layers(description);
            state = NormalizationFolding.Weights(layers, state);
            needed = [.. ExpectedTensor.Of(NormalizationFolding.Layers(layers))];
        }

        foreach (ExpectedTensor tensor in needed.Where(tensor => tensor.Type == ElementType.Float32))
        {
            WeightTensor weights = state[tensor.Name];
            ReadOnlyMemory<byte> data = weights.Type == ElementType.Float32
                ? weights.Data
                : MemoryMarshal.AsBytes(weights.ToSingles().AsSpan()).ToArray();
            TensorProto initializer = new()
            {
                Name = tensor.Name,
                DataType = (int)DataType.Float,
                RawData = UnsafeByteOperations.UnsafeWrap(data),
            };
            initializer.Dims.AddRange(tensor.Shape.Select(size => (long)size));
            model.Graph.Initializer.Add(initializer);
        }
    }

    /// <summary>Whether a network is written as ONNX.</summary>
    public static bool Supports(NetworkDescription description) =>
        description.Configuration is not null || Graphs.ContainsKey(description.Name);

    /// <summary>The tensors that the graph of a network takes, and the counts of batches that belong to it.</summary>
    /// <exception cref="ArgumentException">The network is not written as ONNX.</exception>
    public static IEnumerable<ExpectedTensor> Tensors(NetworkDescription description)
    {
        // One by one: a file may claim a giant CMUNeXt.
        if (description.Configuration is not null)
        {
            return ExpectedTensor.Of(Layers(description));
        }

        LayerBuilder layers = new(new GraphBuilder(description.Name, OnnxExportOptions.MaximumOpset));
        AddLayers(layers, description, ImageInput, fold: false);
        return layers.Tensors;
    }

    private static IReadOnlyList<Layer> Layers(NetworkDescription description) =>
        description.Configuration!.Layers(description.Channels, description.Outputs);

    private static void AddLayers(LayerBuilder layers, NetworkDescription description, string image, bool fold)
    {
        if (description.Configuration is not null)
        {
            CMUNeXtGraph.Add(layers, fold ? NormalizationFolding.Layers(Layers(description)) : Layers(description), image, LogitsOutput);
        }
        else if (Graphs.TryGetValue(description.Name, out NetworkGraph? add))
        {
            add(layers, description.Channels, description.Outputs, image, LogitsOutput);
        }
        else
        {
            throw new ArgumentException(
                $"The network {description.Name} is not written as ONNX; "
                    + $"a CMUNeXt with its configuration is, and {string.Join(", ", Graphs.Keys)}.",
                nameof(description));
        }
    }

    // The version of the format that came with the operator set, so that a runtime of that age takes the file.
    private static int IrVersion(int opset) => opset switch
    {
        < 15 => 7,
        < 19 => 8,
        _ => 9,
    };
}
