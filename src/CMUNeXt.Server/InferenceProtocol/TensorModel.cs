using System.Runtime.InteropServices;
using CMUNeXt.Networks;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>The network itself: normalized images to logits, both of the same size.</summary>
internal sealed class TensorModel(ServedWeights weights, ServerMetrics metrics) : InferenceModel(weights.Name, metrics)
{
    // The memory of a network grows with the pixels of its input, some 200 bytes for each.
    private const int PixelLimit = 1 << 20;

    /// <inheritdoc/>
    public override TensorMetadata Input { get; } = new("image", Datatype.Float32, [-1, weights.Metadata.Network.Channels, -1, -1]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorMetadata> Outputs { get; } = [new("logits", Datatype.Float32, [-1, 1, -1, -1])];

    /// <inheritdoc/>
    public override IReadOnlyList<OutputTensor> Infer(
        InputTensor input, Func<string, bool> wanted, BodyMemory.Share memory, InferenceClock clock, CancellationToken stop)
    {
        (int images, int height, int width) = (input.Shape[0], input.Shape[2], input.Shape[3]);
        float[] values = input.ReadFloats();
        clock.Decoded();
        int area = height * width;
        byte[] raw = memory.TakeArray((long)images * area * sizeof(float));
        for (int i = 0; i < images; i++)
        {
            stop.ThrowIfCancellationRequested();
            int length = input.Shape[1] * area;
            Span<float> logits = MemoryMarshal.Cast<byte, float>(raw.AsSpan()).Slice(i * area, area);
            weights.Forward(values.AsSpan(i * length, length), height, width, logits, stop);
            clock.Computed();
        }

        return [new OutputTensor("logits", Datatype.Float32, [images, 1, height, width], raw)];
    }

    /// <inheritdoc/>
    protected override void CheckSize(IReadOnlyList<int> shape)
    {
        InputSize size = NetworkCatalog.SizeOf(weights.Metadata.Network.Name);
        if ((long)size.RoundUp(shape[2]) * size.RoundUp(shape[3]) > PixelLimit)
        {
            throw new BadHttpRequestException(
                $"An image of the input has at most {PixelLimit} pixels, with sides that are rounded up to a multiple of {size.Multiple}.");
        }
    }
}
