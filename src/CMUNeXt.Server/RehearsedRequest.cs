using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CMUNeXt.Server.InferenceProtocol;

namespace CMUNeXt.Server;

/// <summary>A request of a rehearsal.</summary>
/// <param name="Path">Where it goes.</param>
/// <param name="Accept">The type that it asks for.</param>
/// <param name="Content">Makes its body; null asks without one.</param>
/// <param name="Expected">How it is answered.</param>
internal sealed record RehearsedRequest(string Path, string Accept, Func<HttpContent>? Content, HttpStatusCode Expected)
{
    private const string Segment = "/api/v1/segment";

    /// <summary>One for each way in which an image is sent, and each in which it is answered.</summary>
    /// <param name="weights">The name of the weights.</param>
    public static IReadOnlyList<RehearsedRequest> All(string weights)
    {
        byte[] image = PageFiles.Read("example.png");
        return
        [
            new($"{Segment}?include=probability", "*/*", Body, HttpStatusCode.OK),
            new(Segment, "image/png", Body, HttpStatusCode.OK),
            new(Segment, "image/svg+xml", Body, HttpStatusCode.OK),
            new(Segment, "*/*", () => new MultipartFormDataContent { { Body(), "image", "image.png" } }, HttpStatusCode.OK),
            new($"/v2/models/{weights}-images/infer", "*/*", () => Tensor(image), HttpStatusCode.OK),
            new(Segment, "*/*", () => new ByteArrayContent(image[..^100]), HttpStatusCode.UnprocessableEntity),
            new("/metrics", "*/*", null, HttpStatusCode.OK),
        ];

        ByteArrayContent Body() => new(image);
    }

    /// <summary>It as a message.</summary>
    public HttpRequestMessage Message() => new(Content is null ? HttpMethod.Get : HttpMethod.Post, Path)
    {
        Headers = { Accept = { new MediaTypeWithQualityHeaderValue(Accept) } },
        Content = Content?.Invoke(),
    };

    private static ByteArrayContent Tensor(byte[] image)
    {
        byte[] json = Encoding.UTF8.GetBytes(
            $$$"""
            {"parameters": {"binary_data_output": true}, "inputs": [
              {"name": "image", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": {{{4 + image.Length}}}}}]}
            """);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, image.Length);
        ByteArrayContent content = new([.. json, .. length, .. image]);
        content.Headers.Add(InferenceRequest.JsonLengthHeader, $"{json.Length}");
        return content;
    }
}
