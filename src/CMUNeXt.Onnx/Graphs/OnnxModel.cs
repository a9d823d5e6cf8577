using System.Runtime.InteropServices;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Pictures;
using CMUNeXt.Weights;
using Google.Protobuf;
using static CMUNeXt.Onnx.Graphs.GraphBuilder;
using DataType = CMUNeXt.Onnx.Format.TensorProto.Types.DataType;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>Builds a model: the graph of a network, and its weights as initializers.</summary>
internal static class OnnxModel
{
    public const string Producer = "CMUNeXt.NET";
    public const string ImageInput = "image";
    public const string PixelsInput = "pixels";
    public const string LogitsOutput = "logits";
    public const string ProbabilityOutput = "probability";

    /// <summary>The property of a model whose normalisations are folded; its value is "folded".</summary>
    public const string NormalisationKey = "cmunext.normalisation";

    /// <summary>Builds all of a model but its weights, metadata and the producer's version.</summary>
    /// <param name="description">The network and its configuration.</param>
    /// <param name="options">Opset, sizes, and whether normalisation and activation are part of it.</param>
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
                $"The preprocessing gives {preprocessing.Channels} channels, and the network takes {description.Channels}.", nameof(preprocessing));
        }

        GraphBuilder graph = new(description.Name, options.Opset);
        (int?, string) batch = (options.Batch, "batch");
        (int?, string) height = (options.Height, "height");
        (int?, string) width = (options.Width, "width");
        (int?, string) outputs = (description.Outputs, "");
        IReadOnlyList<Layer> layers = Layers(description);
        layers = options.FoldNormalisation ? NormalisationFolding.Layers(layers) : layers;
        if (options.Preprocessing)
        {
            graph.Graph.Input.Add(Value(PixelsInput, DataType.Uint8, batch, height, width, (3, "")));
            CMUNeXtGraph.Add(graph, layers, PreprocessingGraph.Add(graph, preprocessing, PixelsInput), LogitsOutput);
            AttributeProto[] axis = description.Outputs == 1 ? [] : [Attribute("axis", 1)];
            graph.Add(description.Outputs == 1 ? "Sigmoid" : "Softmax", ProbabilityOutput, [LogitsOutput], axis);
            graph.Graph.Output.Add(Value(ProbabilityOutput, DataType.Float, batch, outputs, height, width));
        }
        else
        {
            graph.Graph.Input.Add(Value(ImageInput, DataType.Float, batch, (description.Channels, ""), height, width));
            CMUNeXtGraph.Add(graph, layers, ImageInput, LogitsOutput);
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
        IReadOnlyList<Layer> layers = Layers(description);
        if (NetworkCatalog.FindMismatch(ExpectedTensor.Of(layers), state) is { } mismatch)
        {
            throw new ArgumentException($"The weights do not fit the network {description.Name}: {mismatch}.", nameof(state));
        }

        if (options.FoldNormalisation)
        {
            state = NormalisationFolding.Weights(layers, state);
            layers = NormalisationFolding.Layers(layers);
        }

        foreach (ExpectedTensor tensor in ExpectedTensor.Of(layers).Where(tensor => tensor.Type == ElementType.Float32))
        {
            WeightTensor weights = state[tensor.Name];
            ReadOnlyMemory<byte> data = weights.Type == ElementType.Float32 ? weights.Data : MemoryMarshal.AsBytes(weights.ToSingles().AsSpan()).ToArray();
            TensorProto initializer = new() { Name = tensor.Name, DataType = (int)DataType.Float, RawData = UnsafeByteOperations.UnsafeWrap(data) };
            initializer.Dims.AddRange(tensor.Shape.Select(size => (long)size));
            model.Graph.Initializer.Add(initializer);
        }
    }

    /// <summary>The layers of a network.</summary>
    /// <exception cref="ArgumentException">It is not a CMUNeXt.</exception>
    public static IReadOnlyList<Layer> Layers(NetworkDescription description) => description.Configuration is { } configuration
        ? CMUNeXtLayers.Of(configuration, description.Channels, description.Outputs)
        : throw new ArgumentException($"The network {description.Name} has no configuration of a CMUNeXt: no other network is written as ONNX.", nameof(description));

    // The version of the format that came with the operator set, so that a runtime of that age takes the file.
    private static int IrVersion(int opset) => opset switch
    {
        < 15 => 7,
        < 19 => 8,
        _ => 9,
    };
}
