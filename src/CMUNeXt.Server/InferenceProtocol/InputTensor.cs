using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>A tensor of a request: its values stand in JSON, or raw after it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its datatype.</param>
/// <param name="Shape">Its shape, each length from 1.</param>
/// <param name="Raw">The values, little endian, row by row; null where they are in JSON.</param>
/// <param name="Values">The JSON array of the values, flat or nested; of no meaning where they are raw.</param>
/// <param name="IsBase64">Whether the strings in JSON are base64.</param>
internal sealed record InputTensor(
    string Name, string Datatype, IReadOnlyList<int> Shape, ReadOnlyMemory<byte>? Raw, JsonElement Values, bool IsBase64)
{
    private const string Unprefixed =
        "BYTES as binary data is, for each element, its length as 4 bytes (little endian) and the bytes themselves";

    /// <summary>The number of values that the shape asks for.</summary>
    public int Count => Shape.Aggregate(1, static (product, length) => checked(product * length));

    /// <summary>The values of a tensor of datatype FP32.</summary>
    /// <exception cref="BadHttpRequestException">They are not as many as the shape says, or not finite.</exception>
    public float[] ReadFloats()
    {
        float[] values;
        if (Raw is { } raw)
        {
            CheckCount(raw.Length % sizeof(float) == 0 ? raw.Length / sizeof(float) : -1);
            values = MemoryMarshal.Cast<byte, float>(raw.Span).ToArray();
        }
        else
        {
            List<float> read = [];
            foreach (JsonElement value in Flatten(Values))
            {
                read.Add(
                    value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number)
                        ? number
                        : throw Bad("holds a value that is no number"));
            }

            CheckCount(read.Count);
            values = [.. read];
        }

        return values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) < 0
            ? values
            : throw Bad("holds a value that is not finite");
    }

    /// <summary>The elements of a tensor of datatype BYTES.</summary>
    /// <exception cref="BadHttpRequestException">They are not as many as the shape says, or have no length before them.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> ReadElements()
    {
        // No more than one too many: elements that are empty would take much more memory than their bytes.
        List<ReadOnlyMemory<byte>> elements =
            [.. (Raw is { } raw ? SplitElements(raw) : Flatten(Values).Select(ReadBase64)).Take(Count + 1)];
        CheckCount(elements.Count);
        return elements;
    }

    private static IEnumerable<JsonElement> Flatten(JsonElement values) =>
        values.ValueKind == JsonValueKind.Array ? values.EnumerateArray().SelectMany(Flatten) : [values];

    private IEnumerable<ReadOnlyMemory<byte>> SplitElements(ReadOnlyMemory<byte> rest)
    {
        while (rest.Length > 0)
        {
            uint length = rest.Length < sizeof(uint) ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(rest.Span);
            if (length > rest.Length - sizeof(uint))
            {
                throw Bad($"does not hold its elements: {Unprefixed}");
            }

            yield return rest.Slice(sizeof(uint), (int)length);
            rest = rest[(sizeof(uint) + (int)length)..];
        }
    }

    private ReadOnlyMemory<byte> ReadBase64(JsonElement element)
    {
        if (!IsBase64)
        {
            throw Bad(
                "holds encoded images, which are no text: send them as binary data, or in base64 with "
                + "\"parameters\":{\"content_type\":\"base64\"}");
        }

        try
        {
            if (element.ValueKind == JsonValueKind.String && element.TryGetBytesFromBase64(out byte[]? bytes))
            {
                return bytes;
            }
        }
        catch (InvalidOperationException)
        {
            // An escape that is no character.
        }

        throw Bad("holds an element that is not base64");
    }

    private void CheckCount(int count)
    {
        if (count != Count)
        {
            throw Bad($"has the shape [{string.Join(", ", Shape)}], and its data is not {Count} values");
        }
    }

    private BadHttpRequestException Bad(string problem) => new($"The input '{Name}' {problem}.");
}
