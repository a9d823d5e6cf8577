using System.Diagnostics;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Server.Serving;

namespace CMUNeXt.Server.Api;

/// <summary>From an encoded image to what was found in it: decoded, segmented, measured, encoded.</summary>
internal sealed class ImageSegmentation(
    SegmentSettings settings, long pixelLimit, ServerMetrics metrics, Action<long>? take = null)
{
    private readonly Segmenter segmenter = settings.Weights.At(settings.Threshold, settings.All);

    /// <summary>Finds what is in an image.</summary>
    /// <param name="encoded">The image.</param>
    /// <param name="stop">The client is gone, or the time is up.</param>
    /// <exception cref="BadFileException">The image is damaged, no image, or too large.</exception>
    public SegmentAnswer Find(NamedImage encoded, CancellationToken stop) => Find(encoded.Name, () => Decode(encoded), stop);

    /// <summary>Finds what is in an image.</summary>
    /// <param name="name">What the answer calls it; may be null.</param>
    /// <param name="decode">Decodes it.</param>
    /// <param name="stop">The client is gone, or the time is up.</param>
    /// <exception cref="BadFileException">The image is damaged, no image, or too large.</exception>
    public SegmentAnswer Find(string? name, Func<ReceivedImage> decode, CancellationToken stop)
    {
        (SegmentAnswer answer, Milliseconds times) = Process(decode, (image, found) => Describe(name, image, found), stop);
        return answer with { Milliseconds = times };
    }

    /// <summary>Finds the mask alone, as a gray PNG, 0 and 255.</summary>
    /// <inheritdoc cref="Find(NamedImage, CancellationToken)"/>
    public byte[] FindMask(NamedImage encoded, CancellationToken stop) =>
        Process(() => Decode(encoded), static (_, found) => ImageFile.EncodePng(found.Mask, MaskValues.ZeroOr255), stop).Answer;

    /// <summary>Finds the contours alone, as an SVG document.</summary>
    /// <inheritdoc cref="Find(NamedImage, CancellationToken)"/>
    public string FindContours(NamedImage encoded, CancellationToken stop) =>
        Process(() => Decode(encoded), static (_, found) => ContourSvg.Of(found.Mask), stop).Answer;

    private (T Answer, Milliseconds Times) Process<T>(
        Func<ReceivedImage> decode, Func<ReceivedImage, Segmentation, T> encode, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        long started = Stopwatch.GetTimestamp();
        ReceivedImage image = metrics.Counted(decode);
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

    /// <summary>Describes what was found.</summary>
    public SegmentAnswer Describe(string? name, ReceivedImage image, Segmentation found)
    {
        SegmentParts parts = settings.Parts;
        IReadOnlyList<Lesion> lesions = image.Measure(found.Lesions);
        IReadOnlyList<string> warnings = InputCheck.Warnings(image.Pixels);
        return new SegmentAnswer
        {
            File = name,
            Width = found.Width,
            Height = found.Height,
            Frame = image.Frame,
            Frames = image.Frames,
            Orientation = image.Orientation,
            Weights = settings.Weights.Name,
            WeightsSha256 = settings.Weights.Sha256,
            Threshold = settings.Threshold,
            Settings = settings.Weights.Settings,
            Presence = found.Presence,
            PresenceThreshold = found.PresenceThreshold?.Score,
            Warnings = warnings,
            MmPerPixel = image.Size is { } size ? [size.Width, size.Height] : null,
            MmPerPixelBoxes = image.Boxes,
            Area = found.Area,
            AreaMm2 = image.AreaOf(lesions),
            Lesions = lesions,
            Probability = parts.HasFlag(SegmentParts.Probability) ? ImageFile.EncodePng(ProbabilityImage.Of(found)) : null,
            Mask = parts.HasFlag(SegmentParts.Mask) ? ImageFile.EncodePng(found.Mask, MaskValues.ZeroOr255) : null,
            Overlay = parts.HasFlag(SegmentParts.Overlay)
                ? ImageFile.EncodePng(Overlay.DrawFound(image.Pixels, found.Mask, lesions, found.Classes, isUnlike: warnings.Count > 0))
                : null,
            Svg = parts.HasFlag(SegmentParts.Svg) ? ContourSvg.Of(found.Mask) : null,
            Image = parts.HasFlag(SegmentParts.Image) ? ImageFile.EncodePng(image.Pixels) : null,
        };
    }

    private ReceivedImage Decode(NamedImage encoded) =>
        ReceivedImage.Decode(encoded.Content, encoded.Name ?? encoded.Place, settings.Frame, pixelLimit, take);
}
