using System.Buffers.Binary;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights;

/// <summary>
/// The safetensors format: 8 bytes with the header's length, a JSON header, then the tensors without a gap
/// (https://github.com/huggingface/safetensors#format).
/// </summary>
internal static class SafetensorsFile
{
    /// <summary>The longest header in bytes, the format's own limit.</summary>
    internal const int MaximumHeaderLength = 100_000_000;

    private const int LengthBytes = 8;

    /// <summary>Reads a file. The tensors come in the order in which they lie in it, and share one array.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadFileException">
    /// The file breaks a rule of the format, has a type of elements that is not known here, or is too large.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoadedWeights Read(string path) => Read(path, WeightsFile.ReadContent(path));

    /// <summary>Writes a file: the tensors in the state dict's order, their bits as they are.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="state">The tensors.</param>
    /// <param name="metadata">What the weights say of themselves.</param>
    /// <param name="entries">More text entries for <c>__metadata__</c>, under any key but <c>cmunext</c>.</param>
    /// <exception cref="ArgumentException">The metadata, a name or the size could not be read back.</exception>
    /// <exception cref="IOException">The file could not be written; what stood there is untouched.</exception>
    public static void Write(
        string path, StateDict state, WeightsMetadata? metadata = null, IReadOnlyDictionary<string, string>? entries = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        WeightsFile.CheckWritable(state);
        byte[] header = BuildHeader(state, metadata, entries);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (WeightTensor tensor in state)
            {
                stream.Write(tensor.Data.Span);
            }
        });
    }

    /// <summary>Whether the content looks like this format: a length within the limit, and a header that begins with '{'.</summary>
    internal static bool IsRecognized(ReadOnlySpan<byte> content) =>
        content.Length > LengthBytes
        && content[LengthBytes] == (byte)'{'
        && BinaryPrimitives.ReadUInt64LittleEndian(content) <= MaximumHeaderLength;

    /// <summary>Reads a file's content; the tensors are slices of it.</summary>
    internal static LoadedWeights Read(string path, ReadOnlyMemory<byte> content)
    {
        if (content.Length < LengthBytes)
        {
            throw new BadFileException(path, $"its {content.Length} bytes are too few for a safetensors file");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(content.Span);
        if (length > MaximumHeaderLength)
        {
            throw new BadFileException(
                path, $"its header would be {length} bytes, over the format's limit of {MaximumHeaderLength}; "
                    + "the file is damaged or is something else");
        }

        if (length > (ulong)(content.Length - LengthBytes))
        {
            throw new BadFileException(path, $"its header of {length} bytes goes past the end of the file; the file is cut short");
        }

        ReadOnlyMemory<byte> data = content[(LengthBytes + (int)length)..];
        SafetensorsHeader header = SafetensorsHeader.Parse(path, content.Span.Slice(LengthBytes, (int)length));
        StateDict state = new(Slice(path, header, data));
        WeightsMetadata? metadata = header.Metadata.Remove(WeightsMetadata.Key, out string? json)
            ? WeightsMetadataJson.Read(path, json)
            : null;
        return new LoadedWeights(path, state, metadata, content) { Entries = header.Metadata };
    }

    private static List<WeightTensor> Slice(string path, SafetensorsHeader header, ReadOnlyMemory<byte> data)
    {
        // A tensor without elements begins where the next one does; the order is stable, so that it stays before that one.
        List<WeightTensor> tensors = new(header.Tensors.Count);
        long expected = 0;
        foreach (SafetensorsHeader.Entry entry in header.Tensors.OrderBy(static e => e.Begin).ThenBy(static e => e.End))
        {
            string name = PrintableName.Of(entry.Name);
            if (entry.Begin != expected)
            {
                string problem = entry.Begin < expected ? "overlaps the tensor before it" : "leaves a gap after the tensor before it";
                throw new BadFileException(
                    path, $"{name} begins at {entry.Begin} and {problem}, which ends at {expected}; the file is damaged");
            }

            if (entry.End > data.Length)
            {
                throw new BadFileException(
                    path, $"{name} ends at {entry.End}, past the {data.Length} bytes of data; the file is cut short");
            }

            tensors.Add(new WeightTensor(entry.Name, entry.Type, entry.Shape, data[(int)entry.Begin..(int)entry.End]));
            expected = entry.End;
        }

        return expected == data.Length
            ? tensors
            : throw new BadFileException(path, $"{data.Length - expected} bytes after its last tensor belong to none; the file is damaged");
    }

    private static byte[] BuildHeader(StateDict state, WeightsMetadata? metadata, IReadOnlyDictionary<string, string>? entries)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            WriteMetadata(writer, metadata, entries);
            long offset = 0;
            foreach (WeightTensor tensor in state)
            {
                if (tensor.Name == SafetensorsHeader.MetadataName)
                {
                    throw new ArgumentException($"A tensor cannot be called {tensor.Name} in a safetensors file.", nameof(state));
                }

                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", SafetensorsHeader.TypeName(tensor.Type));
                writer.WriteStartArray("shape");
                foreach (int dimension in tensor.Shape)
                {
                    writer.WriteNumberValue(dimension);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += tensor.Data.Length);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        while (stream.Length % 8 != 0)
        {
            stream.WriteByte((byte)' ');
        }

        return stream.Length <= MaximumHeaderLength
            ? stream.ToArray()
            : throw new ArgumentException(
                $"The names and metadata take {stream.Length} bytes; a safetensors header has at most {MaximumHeaderLength}.",
                nameof(state));
    }

    private static void WriteMetadata(Utf8JsonWriter writer, WeightsMetadata? metadata, IReadOnlyDictionary<string, string>? entries)
    {
        if (metadata is null && entries is not { Count: > 0 })
        {
            return;
        }

        writer.WriteStartObject(SafetensorsHeader.MetadataName);
        if (metadata is not null)
        {
            writer.WriteString(WeightsMetadata.Key, WeightsMetadataJson.Write(metadata));
        }

        foreach ((string key, string value) in entries ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty)
        {
            if (key == WeightsMetadata.Key)
            {
                throw new ArgumentException($"The entry {key} is the metadata's own.", nameof(entries));
            }

            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }
}
