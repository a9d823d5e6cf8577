using System.Reflection;
using CMUNeXt.Files;
using CMUNeXt.Tensors;
using CMUNeXt.Weights.Pth;

namespace CMUNeXt.Weights;

/// <summary>Weight files of any format: recognized by content when read, chosen by the name's ending when written.</summary>
public static class WeightsFile
{
    /// <summary>The largest file in bytes: it is read into one array.</summary>
    internal static long MaximumLength => Array.MaxLength;

    /// <summary>Reads a weight file, safetensors or <c>.pth</c>, whatever its name.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">
    /// The file cannot be read, is not a weight file, is damaged, or asks for something that weights do not need.
    /// </exception>
    public static LoadedWeights Load(string path) => Load(path, ReadContent(path));

    /// <summary>Writes a weight file: safetensors for the ending <c>.safetensors</c>, PyTorch's format for <c>.pth</c>.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="state">The tensors.</param>
    /// <param name="metadata">What the weights say of themselves; a <c>.pth</c> has no place for it.</param>
    /// <param name="entries">More text for a safetensors file's <c>__metadata__</c>, under any key but <c>cmunext</c>.</param>
    /// <exception cref="ArgumentException">
    /// The ending is another one, or the metadata, a name or the size could not be read back.
    /// </exception>
    /// <exception cref="IOException">The file could not be written; what stood there is untouched.</exception>
    public static void Save(
        string path, StateDict state, WeightsMetadata? metadata = null, IReadOnlyDictionary<string, string>? entries = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            SafetensorsFile.Write(path, state, metadata, entries);
        }
        else if (path.EndsWith(".pth", StringComparison.OrdinalIgnoreCase))
        {
            PthFile.Write(path, state);
        }
        else
        {
            throw new ArgumentException($"{path}: the ending of a weight file is .safetensors or .pth.", nameof(path));
        }
    }

    /// <summary>Reads a weight file that is in memory, such as a program's resource.</summary>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="content">The whole file; the tensors are slices of it, and it must not change.</param>
    /// <exception cref="BadFileException">It is not a weight file, is damaged, or asks for something that weights do not need.</exception>
    public static LoadedWeights Load(string path, ReadOnlyMemory<byte> content)
    {
        ReadOnlySpan<byte> start = content.Span;
        if (start.IsEmpty)
        {
            throw new BadFileException(path, "the file is empty");
        }

        if (SafetensorsFile.IsRecognized(start))
        {
            return SafetensorsFile.Read(path, content);
        }

        if (PthReader.IsRecognized(start))
        {
            return PthFile.Read(path, content);
        }

        if (IsOnnx(start))
        {
            throw new BadFileException(
                path, "this is an ONNX model, not a weight file; give the .safetensors or .pth that it was made from, "
                    + "or in a program read one that was exported here by OnnxFile.Read of CMUNeXt.Onnx");
        }

        throw new BadFileException(path, "this is not a weight file; give a .safetensors or a .pth");
    }

    /// <summary>
    /// Reads a weight file that a program carries as an embedded resource. The tensors stay where they lie in the program.
    /// </summary>
    /// <param name="assembly">The assembly that carries it.</param>
    /// <param name="resource">The resource's name, as <see cref="Assembly.GetManifestResourceNames"/> lists it.</param>
    /// <exception cref="ArgumentException">The assembly carries no such resource.</exception>
    /// <exception cref="BadFileException">It is not a weight file, or is damaged.</exception>
    public static LoadedWeights LoadEmbedded(Assembly assembly, string resource)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using Stream stream = assembly.GetManifestResourceStream(resource)
            ?? throw new ArgumentException($"{assembly.GetName().Name} carries no resource {resource}.", nameof(resource));
        return Load($"{resource} (built in)", EmbeddedMemory.Of(stream));
    }

    /// <summary>Reads a whole file, its size checked first.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">It is a folder, cannot be read, or is larger than any weight file may be.</exception>
    public static byte[] ReadContent(string path) => InputFile.ReadAllBytes(path, bytes =>
    {
        if (bytes > MaximumLength)
        {
            throw new BadFileException(path, $"the file has {bytes} bytes; weight files are read up to {MaximumLength}");
        }
    });

    /// <summary>Refuses a state dict that could be written but not read back.</summary>
    /// <param name="state">The tensors.</param>
    /// <exception cref="ArgumentException">
    /// A name is empty, too long or has control characters, or the tensors are too large for one file.
    /// </exception>
    public static void CheckWritable(StateDict state)
    {
        long bytes = 0;
        foreach (WeightTensor tensor in state)
        {
            if (!TensorName.IsValid(tensor.Name))
            {
                throw new ArgumentException(
                    $"The tensor name \"{PrintableName.Of(tensor.Name)}\" is empty, too long, or has control characters.", nameof(state));
            }

            bytes += tensor.Data.Length;
        }

        // Room for the header of either format, which is checked on its own.
        if (bytes > MaximumLength - SafetensorsFile.MaximumHeaderLength)
        {
            throw new ArgumentException($"The tensors take {bytes} bytes; weight files are read up to {MaximumLength}.", nameof(state));
        }
    }

    // A protobuf message that begins with ModelProto's ir_version (field 1, a small number) and goes on with one of its other
    // fields: producer name, producer version, domain, model version, documentation, graph or operator set.
    private static bool IsOnnx(ReadOnlySpan<byte> start) =>
        start.Length > 2 && start[0] == 0x08 && start[1] is > 0 and < 0x80
            && start[2] is 0x12 or 0x1a or 0x22 or 0x28 or 0x32 or 0x3a or 0x42;
}
