using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace CMUNeXt.Onnx;

/// <summary>
/// Reads the weights of models that were written here. Nothing of a file's graph is ever computed: the graph that its metadata ask for
/// is built anew, and the file is refused where it has another.
/// </summary>
internal sealed class OnnxReader
{
    private const string Advice = "give the .safetensors or .pth that it was made from";

    private readonly string path;
    private readonly ModelProto model;

    private OnnxReader(string path, ModelProto model)
    {
        this.path = path;
        this.model = model;
    }

    /// <summary>Reads a file's content.</summary>
    /// <exception cref="BadFileException">The file is damaged, was changed, or was not written here.</exception>
    public static LoadedWeights Read(string path, ReadOnlyMemory<byte> content)
    {
        if (content.IsEmpty)
        {
            throw new BadFileException(path, "the file is empty");
        }

        if (StructureSize.Measure(content.Span) is not { } structure)
        {
            throw new BadFileException(path, "this is not an ONNX model, or it is damaged");
        }

        if (structure > StructureSize.Maximum)
        {
            throw new BadFileException(
                path, $"its graph takes {structure} bytes; ONNX models are read up to {StructureSize.Maximum} beside their weights");
        }

        try
        {
            return new OnnxReader(path, ModelProto.Parser.ParseFrom(content.Span)).Read(content);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new BadFileException(path, "this is not an ONNX model, or it is damaged", e);
        }
    }

    private LoadedWeights Read(ReadOnlyMemory<byte> content)
    {
        if (model.Graph is null)
        {
            throw Bad("this is not an ONNX model, or it is damaged");
        }

        if (model.Graph.Initializer.Any(static tensor =>
            tensor.ExternalData.Count > 0 || tensor.DataLocation == TensorProto.Types.DataLocation.External))
        {
            throw Bad($"its weights are in another file, which is not read; {Advice}");
        }

        Dictionary<string, string> entries = ReadEntries();
        if (!entries.Remove(WeightsMetadata.Key, out string? json))
        {
            throw Bad($"was not written by CMUNeXt.NET (it has no property {WeightsMetadata.Key}), "
                + $"and models of other programs are not read; {Advice}");
        }

        if (entries.ContainsKey(OnnxModel.NormalizationKey))
        {
            throw Bad($"its normalizations are folded into its convolutions, so that it no longer holds the weights; {Advice}");
        }

        WeightsMetadata metadata = WeightsMetadata.FromJson(path, json);
        if (!OnnxModel.Supports(metadata.Network))
        {
            throw Bad($"its metadata ({WeightsMetadata.Key}) state neither the configuration of a CMUNeXt nor another network that is "
                + "written as ONNX");
        }

        StateDict state = ReadWeights(metadata.Network, entries);
        CheckGraph(metadata);
        return new LoadedWeights(path, state, metadata, content) { Entries = entries };
    }

    private Dictionary<string, string> ReadEntries()
    {
        Dictionary<string, string> entries = new(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            if (!entries.TryAdd(entry.Key, entry.Value))
            {
                throw Bad($"its property {PrintableName.Of(entry.Key)} stands twice");
            }
        }

        return entries;
    }

    private StateDict ReadWeights(NetworkDescription network, Dictionary<string, string> entries)
    {
        Dictionary<string, TensorProto> initializers = new(StringComparer.Ordinal);
        foreach (TensorProto initializer in model.Graph.Initializer)
        {
            if (!initializers.TryAdd(initializer.Name, initializer))
            {
                throw Bad($"the tensor {PrintableName.Of(initializer.Name)} stands twice");
            }
        }

        if (!entries.Remove(BatchCounts.Key, out string? text) || BatchCounts.Read(network, text) is not { } counts)
        {
            throw Bad($"its property {BatchCounts.Key} is missing or is not a number for each normalization");
        }

        // The counts are as many as the network has: a claim of a giant network has failed by now.
        List<WeightTensor> tensors = [];
        foreach (ExpectedTensor expected in OnnxModel.Tensors(network))
        {
            tensors.Add(counts.TryGetValue(expected.Name, out WeightTensor? count) ? count : ToTensor(expected, initializers));
        }

        return initializers.Count == 0
            ? new StateDict(tensors)
            : throw Bad($"the tensor {PrintableName.Of(initializers.Keys.First())} does not belong to the network {network.Name}");
    }

    private WeightTensor ToTensor(ExpectedTensor expected, Dictionary<string, TensorProto> initializers)
    {
        if (!initializers.Remove(expected.Name, out TensorProto? found))
        {
            throw Bad($"the tensor {expected.Name} is missing");
        }

        if (found.DataType != (int)TensorProto.Types.DataType.Float || !found.Dims.SequenceEqual(expected.Shape.Select(size => (long)size)))
        {
            throw Bad($"the tensor {expected.Name} is not float32 of {string.Join(" x ", expected.Shape)}");
        }

        return found.RawData.Length == sizeof(float) * expected.Shape.Aggregate(1L, (count, size) => count * size)
            ? new WeightTensor(expected.Name, ElementType.Float32, expected.Shape, found.RawData.Memory)
            : throw Bad($"the tensor {expected.Name} has {found.RawData.Length} bytes of content, which is not what its shape needs");
    }

    private void CheckGraph(WeightsMetadata metadata)
    {
        // What may differ: the version, the properties, and the tensors, which have been read.
        model.ClearProducerVersion();
        model.MetadataProps.Clear();
        model.Graph.Initializer.Clear();

        ModelProto expected;
        try
        {
            expected = OnnxModel.Build(metadata.Network, ReadOptions(), metadata.Preprocessing);
        }
        catch (ArgumentException e)
        {
            throw Bad(PrintableName.Of(e.Message));
        }

        if (!model.Equals(expected))
        {
            throw Bad($"its graph is not what this version writes for a {metadata.Network.Name}: "
                + $"it was changed, or written by another version; {Advice}");
        }
    }

    // Wrong options give a graph that differs: nothing needs to be checked here.
    private OnnxExportOptions ReadOptions()
    {
        ValueInfoProto? input = model.Graph.Input.FirstOrDefault();
        RepeatedField<TensorShapeProto.Types.Dimension> dimensions = input?.Type?.TensorType?.Shape?.Dim ?? [];
        bool pixels = input?.Name == OnnxModel.PixelsInput;
        int? Size(int place) =>
            place < dimensions.Count && dimensions[place].HasDimValue ? (int)Math.Clamp(dimensions[place].DimValue, 0, int.MaxValue) : null;
        return new OnnxExportOptions
        {
            Opset = model.OpsetImport.Count == 1 ? (int)Math.Clamp(model.OpsetImport[0].Version, 0, int.MaxValue) : 0,
            Batch = Size(0),
            Height = Size(pixels ? 1 : 2),
            Width = Size(pixels ? 2 : 3),
            Preprocessing = pixels,
        };
    }

    private BadFileException Bad(string problem) => new(path, problem);
}
