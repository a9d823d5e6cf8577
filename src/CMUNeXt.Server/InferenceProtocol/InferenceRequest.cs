using System.Globalization;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>An output that a request names.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsBinary">Whether it is to come as binary data, not in JSON.</param>
internal sealed record RequestedOutput(string Name, bool IsBinary);

/// <summary>A request for inference, with the extension for binary tensors.</summary>
/// <param name="Id">What the client calls it, or null; it is told back.</param>
/// <param name="Inputs">Its tensors.</param>
/// <param name="Outputs">What is asked for; nothing asks for all.</param>
/// <param name="IsBinary">Whether outputs that are not named come as binary data.</param>
internal sealed record InferenceRequest(
    string? Id, IReadOnlyList<InputTensor> Inputs, IReadOnlyList<RequestedOutput> Outputs, bool IsBinary)
{
    /// <summary>The header with the bytes of JSON before binary data.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    private const int LongestText = 300;
    private const int BytesOfToken = 3 * 12;

    // No model has more than a few of either; each costs more than its tokens.
    private const int MostTensors = 64;

    /// <summary>Reads a body.</summary>
    /// <param name="body">The whole body, uncompressed.</param>
    /// <param name="jsonLength">The value of <see cref="JsonLengthHeader"/>; null where all of the body is JSON.</param>
    /// <param name="memory">Where the memory for its JSON is counted.</param>
    /// <exception cref="BadHttpRequestException">It is no such request.</exception>
    public static InferenceRequest Parse(ReadOnlyMemory<byte> body, string? jsonLength, BodyMemory.Share memory)
    {
        int length = body.Length;
        if (jsonLength is not null
            && !(int.TryParse(jsonLength, NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= body.Length))
        {
            throw new BadHttpRequestException(
                $"{JsonLengthHeader} is the number of bytes of JSON at the beginning of the body, at most {body.Length}.");
        }

        try
        {
            // A number of one digit, or a bracket, unpacks to twelve times as much, twice while it is cloned.
            memory.Take(BytesOfToken * CountTokens(body.Span[..length]));
            using JsonDocument document = JsonDocument.Parse(body[..length]);
            return Parse(document.RootElement.Clone(), body[length..]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter comes with a text that is no UTF-8, or has an escape that is no character: found only where it is read.
            throw new BadHttpRequestException("The request is not JSON.", e);
        }
    }

    private static long CountTokens(ReadOnlySpan<byte> json)
    {
        long count = 0;
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            count++;
        }

        return count;
    }

    private static InferenceRequest Parse(JsonElement root, ReadOnlyMemory<byte> binary)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new BadHttpRequestException("The request is no JSON object.");
        }

        BinaryData rest = new(binary);
        InputTensor[] inputs = [.. Objects(root, "inputs").Select(input => ReadInput(input, rest))];
        rest.CheckEnd();
        bool isBinary = Flag(Parameters(root), "binary_data_output") ?? false;
        RequestedOutput[] outputs = Array.ConvertAll(
            Objects(root, "outputs"),
            output => new RequestedOutput(Text(output, "name"), Flag(Parameters(output), "binary_data") ?? isBinary));
        string? id = root.TryGetProperty("id", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        return new InferenceRequest(id is { Length: <= LongestText } ? PrintableText.Of(id) : null, inputs, outputs, isBinary);
    }

    private static InputTensor ReadInput(JsonElement input, BinaryData rest)
    {
        string name = Text(input, "name");
        int[] shape = ReadShape(input, name);
        JsonElement? parameters = Parameters(input);
        bool isBase64 = Member(parameters, "content_type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals("base64");
        ReadOnlyMemory<byte>? raw = Member(parameters, "binary_data_size") is { } size
            ? rest.Take(name, size)
            : default(ReadOnlyMemory<byte>?);
        bool hasValues = input.TryGetProperty("data", out JsonElement values);
        return hasValues == raw is not null
            ? throw new BadHttpRequestException($"The input '{name}' has its values either in 'data' or as binary data.")
            : new InputTensor(name, Text(input, "datatype"), shape, raw, values, isBase64);
    }

    private static int[] ReadShape(JsonElement input, string name)
    {
        const int MostLengths = 8;
        if (!input.TryGetProperty("shape", out JsonElement shape) || shape.ValueKind != JsonValueKind.Array
            || shape.GetArrayLength() is 0 or > MostLengths)
        {
            throw new BadHttpRequestException($"The input '{name}' has no shape of 1 to {MostLengths} lengths.");
        }

        int[] lengths =
        [
            .. shape.EnumerateArray().Select(
                static length => length.ValueKind == JsonValueKind.Number && length.TryGetInt32(out int value) ? value : 0),
        ];
        return lengths.Min() >= 1 && lengths.Aggregate(1.0, static (product, length) => product * length) <= int.MaxValue
            ? lengths
            : throw new BadHttpRequestException(
                $"The shape of the input '{name}' has a length below 1, or more values than an array holds.");
    }

    private static JsonElement[] Objects(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement list))
        {
            return [];
        }

        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > MostTensors)
        {
            throw new BadHttpRequestException($"'{name}' is a list of at most {MostTensors} objects.");
        }

        return list.ValueKind == JsonValueKind.Array
            && list.EnumerateArray().All(static element => element.ValueKind == JsonValueKind.Object)
            ? [.. list.EnumerateArray()]
            : throw new BadHttpRequestException($"'{name}' is a list of objects.");
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 and <= LongestText } text
            ? PrintableText.Of(text)
            : throw new BadHttpRequestException($"A tensor has no {name}, or one that is no text of 1 to {LongestText} characters.");

    private static JsonElement? Parameters(JsonElement element) =>
        element.TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind == JsonValueKind.Object
            ? parameters
            : null;

    private static JsonElement? Member(JsonElement? parameters, string name) =>
        parameters is { } given && given.TryGetProperty(name, out JsonElement value) ? value : null;

    private static bool? Flag(JsonElement? parameters, string name) => Member(parameters, name)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new BadHttpRequestException($"'{name}' is true or false."),
    };

    /// <summary>What follows the JSON: the raw tensors in the order of the inputs.</summary>
    private sealed class BinaryData(ReadOnlyMemory<byte> rest)
    {
        public ReadOnlyMemory<byte> Take(string name, JsonElement size)
        {
            if (size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out int length) || length < 0)
            {
                throw new BadHttpRequestException(
                    $"The 'binary_data_size' of the input '{name}' is one number, the bytes of all its elements with their lengths.");
            }

            if (length > rest.Length)
            {
                throw new BadHttpRequestException(
                    $"The input '{name}' has {length} bytes of binary data, and the body {rest.Length} more: is {JsonLengthHeader} right?");
            }

            ReadOnlyMemory<byte> taken = rest[..length];
            rest = rest[length..];
            return taken;
        }

        public void CheckEnd()
        {
            if (rest.Length > 0)
            {
                throw new BadHttpRequestException($"After the binary data of the inputs {rest.Length} bytes are left.");
            }
        }
    }
}
