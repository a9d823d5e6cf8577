using System.Diagnostics;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Server.Serving;

namespace CMUNeXt.Server.Api;

/// <summary>From an encoded image to what was found in it: decoded, segmented, measured, encoded.</summary>
internal sealed class ImageFindings(
    ServedWeights weights, double threshold, bool all, SegmentParts parts, long pixelLimit, ServerMetrics metrics)
{
    private readonly Segmenter segmenter = weights.At(threshold, all);

    /// <summary>Finds what is in an image.</summary>
    /// <param name="encoded">The image.</param>
    /// <param name="stop">The client is gone, or the time is up.</param>
    /// <exception cref="BadFileException">The image is damaged, no image, or too large.</exception>
    public SegmentAnswer Find(NamedImage encoded, CancellationToken stop)
    {
        (SegmentAnswer answer, Milliseconds times) = Process(encoded, (image, found) => Describe(encoded.Name, image, found), stop);
        return answer with { Milliseconds = times };
    }

    /// <summary>Finds the mask alone, as a grey PNG, 0 and 255.</summary>
    /// <inheritdoc cref="Find"/>
    public byte[] FindMask(NamedImage encoded, CancellationToken stop) =>
        Process(encoded, static (_, found) => ImageFile.EncodePng(found.Mask, MaskValues.ZeroOr255), stop).Answer;

    /// <summary>Finds the outlines alone, as an SVG document.</summary>
    /// <inheritdoc cref="Find"/>
    public string FindOutlines(NamedImage encoded, CancellationToken stop) =>
        Process(encoded, static (_, found) => OutlineSvg.Of(found.Mask), stop).Answer;

    private (T Answer, Milliseconds Times) Process<T>(
        NamedImage encoded, Func<ReceivedImage, Segmentation, T> encode, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        long started = Stopwatch.GetTimestamp();
        ReceivedImage image = Decode(encoded);
        TimeSpan decoding = Stopwatch.GetElapsedTime(started);
        metrics.Decoded(decoding);

        started = Stopwatch.GetTimestamp();
        Segmentation found = segmenter.Segment(image.Pixels, stop);
        TimeSpan computing = Stopwatch.GetElapsedTime(started);
        metrics.Computed(computing);

        stop.ThrowIfCancellationRequested();
        started = Stopwatch.GetTimestamp();
        T answer = encode(image, found);
        TimeSpan encoding = Stopwatch.GetElapsedTime(started);
        metrics.Encoded(encoding);
        return (answer, new Milliseconds(decoding.TotalMilliseconds, computing.TotalMilliseconds, encoding.TotalMilliseconds));
    }

    private SegmentAnswer Describe(string? name, ReceivedImage image, Segmentation found)
    {
        IReadOnlyList<Lesion> lesions = image.Measure(found.Lesions);
        PixelSize? size = image.SizeFor(lesions);
        return new SegmentAnswer
        {
            File = name,
            Width = found.Width,
            Height = found.Height,
            Frames = image.Frames,
            Weights = weights.Name,
            WeightsSha256 = weights.Sha256,
            Threshold = threshold,
            Presence = found.Presence,
            PresenceThreshold = found.PresenceThreshold?.Score,
            Warnings = InputCheck.Warnings(image.Pixels) is { Count: > 0 } warnings ? warnings : null,
            MmPerPixel = size is { } known ? [known.Width, known.Height] : null,
            Area = found.Area,
            AreaMm2 = lesions.Count > 0 && lesions.All(static lesion => lesion.AreaMm2 is not null)
                ? lesions.Sum(static lesion => lesion.AreaMm2)
                : null,
            Lesions = lesions,
            Probability = parts.HasFlag(SegmentParts.Probability) ? ImageFile.EncodePng(ProbabilityImage.Of(found)) : null,
            Mask = parts.HasFlag(SegmentParts.Mask) ? ImageFile.EncodePng(found.Mask, MaskValues.ZeroOr255) : null,
            Overlay = parts.HasFlag(SegmentParts.Overlay) ? ImageFile.EncodePng(DrawOverlay(image.Pixels, found.Mask, lesions)) : null,
            Svg = parts.HasFlag(SegmentParts.Svg) ? OutlineSvg.Of(found.Mask) : null,
            Image = parts.HasFlag(SegmentParts.Image) ? ImageFile.EncodePng(image.Pixels) : null,
        };
    }

    private static Image DrawOverlay(Image image, Mask mask, IReadOnlyList<Lesion> lesions) =>
        Overlay.Draw(image, null, mask, new OverlayOptions { Tint = OverlayOptions.UsualTint, Labels = OverlayLabel.Of(lesions) });

    private ReceivedImage Decode(NamedImage encoded)
    {
        try
        {
            return ReceivedImage.Decode(encoded.Content, encoded.Name ?? "the image", pixelLimit);
        }
        catch (BadFileException)
        {
            metrics.Failed();
            throw;
        }
    }
}
