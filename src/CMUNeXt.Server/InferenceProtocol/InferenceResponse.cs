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
    // The most values whose JSON is held before it is sent.
    private const int ValuesAtOnce = 1 << 14;

    /// <summary>Sends it: JSON, and after it, where they are asked for, the raw tensors.</summary>
    public async Task Send(HttpResponse response, CancellationToken stop)
    {
        ReadOnlyMemory<byte>[] binary = [.. Outputs.Where(static output => output.IsBinary).Select(static output => output.Tensor.Raw)];
        response.ContentType = "application/json";
        if (binary.Length > 0)
        {
            response.ContentType = "application/octet-stream";
            response.Headers[InferenceRequest.JsonLengthHeader] =
                (await CountBytes(stop).ConfigureAwait(false)).ToString(CultureInfo.InvariantCulture);
        }

        Utf8JsonWriter json = new(response.Body);
        await using (json.ConfigureAwait(false))
        {
            await Write(json, stop).ConfigureAwait(false);
        }

        foreach (ReadOnlyMemory<byte> raw in binary)
        {
            await response.Body.WriteAsync(raw, stop).ConfigureAwait(false);
        }
    }

    private async Task<long> CountBytes(CancellationToken stop)
    {
        ByteCounter counter = new();
        Utf8JsonWriter json = new(counter);
        await using (json.ConfigureAwait(false))
        {
            await Write(json, stop).ConfigureAwait(false);
        }

        return counter.Count;
    }

    private async Task Write(Utf8JsonWriter json, CancellationToken stop)
    {
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
                json.WriteStartArray("data");
                for (int i = 0; i < tensor.Count; i += ValuesAtOnce)
                {
                    tensor.WriteValues(json, i, Math.Min(ValuesAtOnce, tensor.Count - i));
                    await json.FlushAsync(stop).ConfigureAwait(false);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Takes bytes, and keeps their number alone.</summary>
    private sealed class ByteCounter : IBufferWriter<byte>
    {
        private byte[] buffer = [];

        public long Count { get; private set; }

        public void Advance(int count) => Count += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (buffer.Length < Math.Max(sizeHint, 1))
            {
                buffer = new byte[Math.Max(sizeHint, ValuesAtOnce)];
            }

            return buffer;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
