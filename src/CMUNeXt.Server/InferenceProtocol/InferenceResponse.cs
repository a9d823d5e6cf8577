using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>The answer to a request for inference.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Id">What the client called its request, or null.</param>
/// <param name="Outputs">The tensors, and whether each is to be binary data.</param>
internal sealed record InferenceResponse(string Model, string? Id, IReadOnlyList<(OutputTensor Tensor, bool IsBinary)> Outputs)
{
    /// <summary>Sends it: JSON, and after it, where they are asked for, the raw tensors.</summary>
    public async Task Send(HttpResponse response, CancellationToken stop)
    {
        ArrayBufferWriter<byte> json = new();
        Write(json);
        ReadOnlyMemory<byte>[] binary = [.. Outputs.Where(static output => output.IsBinary).Select(static output => output.Tensor.Raw)];
        response.ContentType = "application/json";
        if (binary.Length > 0)
        {
            response.ContentType = "application/octet-stream";
            response.Headers[InferenceRequest.JsonLengthHeader] = json.WrittenCount.ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(json.WrittenMemory, stop).ConfigureAwait(false);
        foreach (ReadOnlyMemory<byte> raw in binary)
        {
            await response.Body.WriteAsync(raw, stop).ConfigureAwait(false);
        }
    }

    private void Write(ArrayBufferWriter<byte> buffer)
    {
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteString("model_name", Model);
        json.WriteString("model_version", InferenceModels.Version);
        if (Id is not null)
        {
            json.WriteString("id", Id);
        }

        json.WriteStartArray("outputs");
        foreach ((OutputTensor tensor, bool isBinary) in Outputs)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("datatype", tensor.Datatype);
            json.WriteStartArray("shape");
            foreach (int length in tensor.Shape)
            {
                json.WriteNumberValue(length);
            }

            json.WriteEndArray();
            if (isBinary)
            {
                json.WriteStartObject("parameters");
                json.WriteNumber("binary_data_size", tensor.Raw.Length);
                json.WriteEndObject();
            }
            else
            {
                json.WritePropertyName("data");
                tensor.WriteValues(json);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
