using System.Diagnostics;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CMUNeXt.Server.Api;

/// <summary><c>POST /api/v1/segment</c>: an encoded image, or several as the parts of a form, to what was found in each.</summary>
internal sealed class SegmentEndpoint(ServerOptions options, ServedWeightsList weights, SegmentationQueue queue, ServerMetrics metrics)
{
    /// <summary>Answers a request: one answer for a body that is an image, a list of them for a form.</summary>
    /// <param name="request">The body is one encoded image, or a multipart form of them.</param>
    /// <param name="name">The weights; null takes the default.</param>
    /// <param name="threshold">Above 0 and below 1; null takes the weights' own.</param>
    /// <param name="all">Whether all is outlined, in images too whose presence is at or below the weights' threshold.</param>
    /// <param name="include">Comma-separated: <c>probability</c>, <c>mask</c>, <c>image</c>, as PNG in base64.</param>
    /// <param name="stop">The client is gone, or the time is up.</param>
    public async Task<IResult> Segment(
        HttpRequest request,
        [FromQuery(Name = "weights")] string? name,
        double? threshold,
        bool? all,
        string? include,
        CancellationToken stop)
    {
        if (weights.Find(name) is not { } served)
        {
            return TypedResults.Problem(
                $"There are no weights of this name; there are {string.Join(", ", weights.All.Select(static one => one.Name))}.",
                statusCode: 404);
        }

        if (threshold is { } value && !(value > 0 && value < 1))
        {
            return TypedResults.Problem("The threshold is above 0 and below 1.", statusCode: 400);
        }

        if (RequestedParts.Parse(include) is not { } parts)
        {
            return TypedResults.Problem(
                "What is included is a list of probability, mask and image, with commas between them.", statusCode: 400);
        }

        IReadOnlyList<NamedImage> images = await RequestImages.Read(request, options, stop).ConfigureAwait(false);
        double decided = threshold ?? served.Metadata.Threshold;
        Segmenter segmenter = served.At(decided, all ?? false);
        SegmentAnswer[] answers = await queue.Run(
            token => Array.ConvertAll([.. images], image => Answer(image, served, segmenter, decided, parts, token)),
            stop).ConfigureAwait(false);
        return RequestImages.IsForm(request)
            ? TypedResults.Json(answers, ServerJson.Options)
            : TypedResults.Json(answers[0], ServerJson.Options);
    }

    private SegmentAnswer Answer(
        NamedImage encoded, ServedWeights served, Segmenter segmenter, double threshold, SegmentParts parts, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        long started = Stopwatch.GetTimestamp();
        Image image = Decode(encoded);
        TimeSpan decoding = Stopwatch.GetElapsedTime(started);
        metrics.Decoded(decoding);

        stop.ThrowIfCancellationRequested();
        started = Stopwatch.GetTimestamp();
        Segmentation found = segmenter.Segment(image, stop);
        TimeSpan computing = Stopwatch.GetElapsedTime(started);
        metrics.Computed(computing);

        stop.ThrowIfCancellationRequested();
        started = Stopwatch.GetTimestamp();
        SegmentAnswer answer = new(
            encoded.Name, image.Width, image.Height, served.Name, served.Sha256, threshold, found.Presence, found.PresenceThreshold?.Score,
            found.Area, found.Lesions)
        {
            Probability = parts.HasFlag(SegmentParts.Probability) ? ImageFile.EncodePng(ProbabilityImage.Of(found)) : null,
            Mask = parts.HasFlag(SegmentParts.Mask) ? ImageFile.EncodePng(found.Mask, MaskValues.ZeroOr255) : null,
            Image = parts.HasFlag(SegmentParts.Image) ? ImageFile.EncodePng(image) : null,
        };
        TimeSpan encoding = Stopwatch.GetElapsedTime(started);
        metrics.Encoded(encoding);
        return answer with
        {
            Milliseconds = new Milliseconds(decoding.TotalMilliseconds, computing.TotalMilliseconds, encoding.TotalMilliseconds),
        };
    }

    private Image Decode(NamedImage encoded)
    {
        try
        {
            return ImageFile.Decode(encoded.Content, encoded.Name ?? "the image", new ImageLimits { Pixels = options.PixelLimit });
        }
        catch (BadFileException)
        {
            metrics.Failed();
            throw;
        }
    }
}
