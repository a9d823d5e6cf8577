using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace CMUNeXt.Server.Tests;

/// <summary>Requests of the Open Inference Protocol as a plain client makes them, and its answers taken apart.</summary>
internal static class InferenceCalls
{
    /// <summary>The header that says where the JSON ends and the binary data begins.</summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Asks a model: the request, and behind it the binary data, both compressed where an encoding is named.</summary>
    public static async Task<HttpResponseMessage> Infer(
        RunningServer server, string path, JsonObject request, byte[] raw, string? encoding = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(request.ToJsonString());
        using HttpRequestMessage message = new(HttpMethod.Post, $"{path}/infer") { Content = Compressed([.. json, .. raw], encoding) };
        if (raw.Length > 0)
        {
            message.Headers.TryAddWithoutValidation(LengthHeader, $"{json.Length}");
        }

        message.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        return await server.Client.SendAsync(message, Stop);
    }

    /// <summary>A body by an encoding; plain without one.</summary>
    public static ByteArrayContent Compressed(byte[] body, string? encoding)
    {
        if (encoding is null)
        {
            return new ByteArrayContent(body);
        }

        using MemoryStream compressed = new();
        using (Stream stream = Open(compressed, encoding, CompressionMode.Compress))
        {
            stream.Write(body);
        }

        return new ByteArrayContent(compressed.ToArray()) { Headers = { ContentEncoding = { encoding } } };
    }

    /// <summary>What an answer says, and the binary data behind it; it has to be one of success.</summary>
    public static async Task<(JsonNode Json, byte[] Binary)> Read(HttpResponseMessage response)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync(Stop);
        string? encoding = response.Content.Headers.ContentEncoding.SingleOrDefault();
        if (encoding is not null)
        {
            using Stream stream = Open(new MemoryStream(body), encoding, CompressionMode.Decompress);
            using MemoryStream opened = new();
            stream.CopyTo(opened);
            body = opened.ToArray();
        }

        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        int length = response.Headers.TryGetValues(LengthHeader, out IEnumerable<string>? given)
            ? int.Parse(given.Single(), CultureInfo.InvariantCulture)
            : body.Length;
        return (JsonNode.Parse(body.AsSpan(0, length))!, body[length..]);
    }

    private static Stream Open(Stream stream, string encoding, CompressionMode mode) =>
        encoding == "gzip" ? new GZipStream(stream, mode, leaveOpen: true) : new ZLibStream(stream, mode, leaveOpen: true);

    /// <summary>A tensor without its values.</summary>
    public static JsonObject Tensor(string name, string datatype, int[] shape) => new()
    {
        ["name"] = name,
        ["datatype"] = datatype,
        ["shape"] = new JsonArray([.. shape.Select(length => JsonValue.Create(length))]),
    };

    /// <summary>A request to a model of images, which follow as binary data.</summary>
    public static JsonObject Request(int count, byte[] raw, params JsonNode[] outputs) => new()
    {
        ["inputs"] = new JsonArray(Binary(Tensor("image", "BYTES", [count]), raw.Length)),
        ["outputs"] = new JsonArray(outputs),
    };

    /// <summary>Says how many bytes of the binary data are a tensor's.</summary>
    public static JsonObject Binary(JsonObject tensor, int size)
    {
        tensor["parameters"] = new JsonObject { ["binary_data_size"] = size };
        return tensor;
    }

    /// <summary>An output that is asked for.</summary>
    public static JsonObject Output(string name, bool isBinary) =>
        new() { ["name"] = name, ["parameters"] = new JsonObject { ["binary_data"] = isBinary } };

    /// <summary>Elements of BYTES as binary data: each after its length.</summary>
    public static byte[] Elements(byte[][] elements)
    {
        using MemoryStream joined = new();
        byte[] length = new byte[4];
        foreach (byte[] element in elements)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, element.Length);
            joined.Write(length);
            joined.Write(element);
        }

        return joined.ToArray();
    }
}
