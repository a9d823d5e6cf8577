using System.Runtime.InteropServices;
using CMUNeXt.Files;
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
        InputTensor input, Func<string, bool> wanted, InferenceClock clock, CancellationToken stop)
    {
        Segmenter segmenter = weights.At(weights.Metadata.Threshold, all: false);
        List<Segmentation> found = [];
        foreach (ReadOnlyMemory<byte> encoded in input.ReadElements())
        {
            stop.ThrowIfCancellationRequested();
            ReceivedImage image = Decode(encoded);
            if (found is [{ } first, ..] && (wanted(Mask) || wanted(Probability))
            && (first.Width, first.Height) != (image.Pixels.Width, image.Pixels.Height))
            {
                throw new BadHttpRequestException(
                    "Images of one request have one size, since their masks are one tensor: "
                        + "send a request for each, or ask for area and presence alone.");
            }

            clock.Decoded();
            stop.ThrowIfCancellationRequested();
            found.Add(segmenter.Segment(image.Pixels, stop));
            clock.Computed();
        }

        int[] shape = [found.Count, found[0].Height, found[0].Width];
        return
        [
            .. Tensor(Mask, Datatype.UInt8, shape, () => Join(found, static one => one.Mask.Pixels)),
            .. Tensor(Probability, Datatype.Float32, shape, () => Join(found, static one => one.Probabilities[0])),
            .. Tensor("area", Datatype.Int64, [found.Count], () => Join<long>(found, static one => [one.Area])),
            .. Tensor("presence", Datatype.Float64, [found.Count], () => Join<double>(found, static one => [one.Presence])),
        ];

        IEnumerable<OutputTensor> Tensor(string name, string datatype, int[] lengths, Func<byte[]> raw) =>
            wanted(name) ? [new OutputTensor(name, datatype, lengths, raw())] : [];
    }

    private ReceivedImage Decode(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            return ReceivedImage.Decode(encoded, ReceivedImage.Unnamed, frame: 1, pixelLimit);
        }
        catch (BadFileException)
        {
            CountFailure();
            throw;
        }
    }

    private static byte[] Join<T>(IReadOnlyList<Segmentation> found, Func<Segmentation, T[]> values)
        where T : unmanaged
    {
        T[][] all = [.. found.Select(values)];
        byte[] joined = new byte[all.Sum(static one => MemoryMarshal.AsBytes<T>(one).Length)];
        Span<byte> rest = joined;
        foreach (T[] one in all)
        {
            ReadOnlySpan<byte> raw = MemoryMarshal.AsBytes<T>(one);
            raw.CopyTo(rest);
            rest = rest[raw.Length..];
        }

        return joined;
    }
}
