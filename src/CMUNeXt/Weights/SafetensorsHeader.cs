using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using CMUNeXt.Files;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights;

/// <summary>The JSON header of a safetensors file: what its tensors are and where they lie.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The name in the header that no tensor can have.</summary>
    public const string MetadataName = "__metadata__";

    private readonly string path;
    private readonly List<long> numbers = [];

    private SafetensorsHeader(string path) => this.path = path;

    /// <summary>A tensor's place; offsets count from the end of the header.</summary>
    public sealed record Entry(string Name, ElementType Type, int[] Shape, long Begin, long End);

    /// <summary>The tensors in the header's order.</summary>
    public List<Entry> Tensors { get; } = [];

    /// <summary>The free text entries.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of the types in the format.</summary>
    public static string TypeName(ElementType type) => type switch
    {
        ElementType.Float32 => "F32",
        ElementType.Float64 => "F64",
        ElementType.Float16 => "F16",
        ElementType.BFloat16 => "BF16",
        ElementType.Int8 => "I8",
        ElementType.UInt8 => "U8",
        ElementType.Int16 => "I16",
        ElementType.Int32 => "I32",
        ElementType.Int64 => "I64",
        _ => "BOOL",
    };

    /// <summary>Parses the header.</summary>
    /// <param name="path">The file, for the messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <exception cref="BadFileException">
    /// The header breaks a rule of the format, or a tensor has a type that is not known here.
    /// </exception>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw new BadFileException(path, "its safetensors header does not begin with '{'; the file is damaged or is something else");
        }

        if (!Utf8.IsValid(json))
        {
            throw new BadFileException(path, "its safetensors header is not UTF-8; the file is damaged");
        }

        SafetensorsHeader header = new(path);
        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
            header.ReadAll(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with half of a surrogate pair.
            throw new BadFileException(path, "its safetensors header is not valid JSON; the file is damaged", e);
        }

        return header;
    }

    private void ReadAll(ref Utf8JsonReader reader)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        reader.Read();
        while (NextName(ref reader, out string? name))
        {
            if (!names.Add(name))
            {
                throw Bad($"the name {PrintableName.Of(name)} stands twice in its header");
            }

            if (name == MetadataName)
            {
                ReadMetadata(ref reader);
            }
            else
            {
                ReadTensor(ref reader, name);
            }
        }

        // Reads on to the end, so that anything but white space after the object is found.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataName);
        while (NextName(ref reader, out string? key))
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataName}: {PrintableName.Of(key)}");
            if (!Metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad($"{MetadataName}: the name {PrintableName.Of(key)} stands twice");
            }
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string shown = PrintableName.Of(name);
        if (!TensorName.IsValid(name))
        {
            throw Bad($"the tensor name \"{shown}\" is empty, too long, or has control characters");
        }

        ElementType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, shown);
        while (NextName(ref reader, out string? member))
        {
            if (member == "dtype" && type is null)
            {
                Expect(ref reader, JsonTokenType.String, $"{shown}: dtype");
                type = ParseType(reader.GetString()!, shown);
            }
            else if (member == "shape" && shape is null)
            {
                shape = ReadNumbers(ref reader, $"{shown}: shape", TensorShape.MaximumRank);
            }
            else if (member == "data_offsets" && offsets is null)
            {
                offsets = ReadNumbers(ref reader, $"{shown}: data_offsets", 2);
            }
            else
            {
                throw Bad($"{shown}: \"{PrintableName.Of(member)}\" stands twice or is unknown; "
                    + "a tensor has dtype, shape and data_offsets");
            }
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
        {
            throw Bad($"{shown}: a tensor needs dtype, shape and two data_offsets");
        }

        if (!TensorShape.TryMeasure(shape, type.Value, out int bytes))
        {
            throw Bad($"{shown}: the shape {TensorShape.Describe(shape)} is too large");
        }

        if (end - begin != bytes)
        {
            throw Bad($"{shown}: {TensorShape.Describe(shape)} of {TypeName(type.Value)} takes {bytes} bytes, "
                + $"but its offsets are {begin} to {end}");
        }

        Tensors.Add(new Entry(name, type.Value, TensorShape.ToDimensions(shape), begin, end));
    }

    private ElementType ParseType(string name, string tensor)
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            if (TypeName(type) == name)
            {
                return type;
            }
        }

        throw Bad($"{tensor}: the type {PrintableName.Of(name)} is not supported; save the weights as F32, F16 or BF16");
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string what, int limit)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        numbers.Clear();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || numbers.Count == limit)
            {
                throw Bad($"{what} is not a list of at most {limit} whole numbers from 0");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static bool NextName(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? name)
    {
        reader.Read();
        name = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;
        return name is not null;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        reader.Read();
        if (reader.TokenType != token)
        {
            string expected = token switch
            {
                JsonTokenType.String => "text",
                JsonTokenType.StartArray => "a list",
                _ => "an object",
            };
            throw Bad($"{what} is not {expected} in its header");
        }
    }

    private BadFileException Bad(string problem) => new(path, problem);
}
