using System.Reflection;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;
using Google.Protobuf;

namespace CMUNeXt.Onnx;

/// <summary>
/// Networks as ONNX models (https://onnx.ai): what any ONNX runtime computes, and what can be read back as weights. The
/// metadata stand among the model's properties, as the same JSON and under the same key as in a safetensors file.
/// </summary>
public static class OnnxFile
{
    private static readonly string Version =
        typeof(OnnxFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The input of a model without preprocessing: batch x channels x height x width normalized float32 values.</summary>
    public const string ImageInput = OnnxModel.ImageInput;

    /// <summary>The output of a model without preprocessing: batch x outputs x height x width float32 values.</summary>
    public const string LogitsOutput = OnnxModel.LogitsOutput;

    /// <summary>Whether a network is written as ONNX.</summary>
    public static bool Supports(NetworkDescription network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return OnnxModel.Supports(network);
    }

    /// <summary>A model in memory, without metadata and preprocessing, for a runtime in this process.</summary>
    /// <param name="network">The network.</param>
    /// <param name="state">All its tensors.</param>
    /// <param name="options">Opset and sizes.</param>
    /// <exception cref="ArgumentException">
    /// The network is not written as ONNX, its tensors are others, or the options are not possible.
    /// </exception>
    public static byte[] ToBytes(NetworkDescription network, StateDict state, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Preprocessing)
        {
            throw new ArgumentException("A model with preprocessing is for a file.", nameof(options));
        }

        ModelProto model = OnnxModel.Build(network, options, Preprocessing.Published);
        OnnxModel.AddWeights(model, network, state, options);
        return model.ToByteArray();
    }

    /// <summary>Writes a model.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="state">All tensors of the network; written as float32.</param>
    /// <param name="metadata">
    /// The network with its configuration, and what else the weights say of themselves. A side that the options fix is the one that the
    /// file states; where that is another, what was fitted to the weights' own size is left out.
    /// </param>
    /// <param name="options">Opset, sizes, and whether normalization and activation are part of the model; the defaults where null.</param>
    /// <exception cref="ArgumentException">
    /// The network is not written as ONNX, its tensors are others, or the options or metadata are not possible.
    /// </exception>
    /// <exception cref="IOException">The file could not be written; what stood there is untouched.</exception>
    public static void Write(string path, StateDict state, WeightsMetadata metadata, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ModelProto model = Build(state, metadata, options ?? new OnnxExportOptions());
        AtomicFile.Write(path, model.WriteTo);
    }

    /// <summary>
    /// Reads a model that <see cref="Write"/> wrote, as weights. A model of any other making is refused, and so is one whose graph was
    /// changed (its weights would not compute what the file does) or whose normalizations are folded.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadFileException">The file is damaged, was changed, or was not written here.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadedWeights Read(string path) => Read(path, WeightsFile.ReadContent(path));

    /// <summary>Reads a file's content.</summary>
    internal static LoadedWeights Read(string path, ReadOnlyMemory<byte> content) => OnnxReader.Read(path, content);

    /// <summary>Builds a whole model.</summary>
    internal static ModelProto Build(StateDict state, WeightsMetadata metadata, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(metadata);
        WeightsFile.CheckWritable(state);
        Preprocessing input = metadata.Preprocessing;
        input = input with { Height = options.Height ?? input.Height, Width = options.Width ?? input.Width };
        metadata = metadata.With(input);
        ModelProto model = OnnxModel.Build(metadata.Network, options, input);

        // Whoever runs the model gives it images of the size that it states, and a graph does not pad them.
        if (NetworkCatalog.SizeOf(metadata.Network.Name).FindFault(input.Width, input.Height) is { } fault)
        {
            throw new ArgumentException($"ONNX export of {metadata.Network.Name}: {fault}.", nameof(metadata));
        }

        OnnxModel.AddWeights(model, metadata.Network, state, options);
        model.ProducerVersion = Version;
        model.MetadataProps.Add(new StringStringEntryProto { Key = WeightsMetadata.Key, Value = metadata.ToJson() });
        model.MetadataProps.Add(options.FoldNormalization
            ? new StringStringEntryProto { Key = OnnxModel.NormalizationKey, Value = "folded" }
            : new StringStringEntryProto { Key = BatchCounts.Key, Value = BatchCounts.Write(metadata.Network, state) });
        long structure = model.CalculateSize() - model.Graph.Initializer.Sum(static tensor => (long)tensor.RawData.Length);
        return structure <= StructureSize.Maximum
            ? model
            : throw new ArgumentException(
                $"Graph and metadata of {metadata.Network.Name} take {structure} bytes, and are written up to {StructureSize.Maximum}.",
                nameof(metadata));
    }
}
