using System.Runtime.InteropServices;
using CMUNeXt.Images;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>Encoded images to masks: the same as <c>/api/v1/segment</c> does, as tensors.</summary>
internal sealed class ImageModel(
    ServedWeights weights, long pixelLimit, ServerMetrics metrics) : InferenceModel($"{weights.Name}-images", metrics)
{
    private const string Mask = "mask";
    private const string Probability = "probability";

    /// <inheritdoc/>
    public override TensorMetadata Input { get; } = new("image", Datatype.Bytes, [-1]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorMetadata> Outputs { get; } =
    [
        new(Mask, Datatype.UInt8, [-1, -1, -1]),
        new(Probability, Datatype.Float32, [-1, -1, -1]),
        new("area", Datatype.Int64, [-1]),
        new("presence", Datatype.Float64, [-1]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OutputTensor> Infer(
        InputTensor input, Func<string, bool> wanted, BodyMemory.Share memory, InferenceClock clock, CancellationToken stop)
    {
        Segmenter segmenter = weights.At(weights.Metadata.Threshold, all: false);
        IReadOnlyList<ReadOnlyMemory<byte>> encoded = input.ReadElements();
        long[] areas = new long[encoded.Count];
        double[] presences = new double[encoded.Count];
        byte[] masks = [];
        byte[] probabilities = [];
        int[] shape = [];
        for (int i = 0; i < encoded.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            Image image = Decode(
                encoded[i], encoded.Count == 1 ? ReceivedImage.Unnamed : $"image {i + 1} of the input", memory).Pixels;
            int area = image.Width * image.Height;
            if (i == 0)
            {
                shape = [encoded.Count, image.Height, image.Width];
                masks = wanted(Mask) ? memory.TakeArray((long)encoded.Count * area) : [];
                probabilities = wanted(Probability) ? memory.TakeArray((long)encoded.Count * area * sizeof(float)) : [];
            }
            else if ((wanted(Mask) || wanted(Probability)) && (shape[1], shape[2]) != (image.Height, image.Width))
            {
                throw new BadHttpRequestException(
                    "Images of one request have one size, since their masks are one tensor: "
                        + "send a request for each, or ask for area and presence alone.");
            }

            clock.Decoded();
            stop.ThrowIfCancellationRequested();
            Segmentation found = segmenter.Segment(image, stop);
            clock.Computed();
            areas[i] = found.Area;
            presences[i] = found.Presence;
            if (wanted(Mask))
            {
                found.Mask.Pixels.CopyTo(masks, i * area);
            }

            if (wanted(Probability))
            {
                MemoryMarshal.AsBytes<float>(found.Probabilities[0]).CopyTo(probabilities.AsSpan(i * area * sizeof(float)));
            }
        }

        OutputTensor[] all =
        [
            new(Mask, Datatype.UInt8, shape, masks),
            new(Probability, Datatype.Float32, shape, probabilities),
            new("area", Datatype.Int64, [areas.Length], MemoryMarshal.AsBytes<long>(areas).ToArray()),
            new("presence", Datatype.Float64, [areas.Length], MemoryMarshal.AsBytes<double>(presences).ToArray()),
        ];
        return [.. all.Where(tensor => wanted(tensor.Name))];
    }

    private ReceivedImage Decode(ReadOnlyMemory<byte> encoded, string place, BodyMemory.Share memory) =>
        Metrics.Counted(() => ReceivedImage.Decode(encoded, place, frame: 1, pixelLimit, memory.Take));
}
