using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.AspNetCore.Routing;

namespace CMUNeXt.Server.Api;

/// <summary><c>POST /api/v1/segment</c>: an encoded image, or several as the parts of a form, to what was found in each.</summary>
internal sealed class SegmentEndpoint(
    ServerOptions options, ServedWeightsList weights, SegmentationQueue queue, BodyMemory memory, ServerMetrics metrics)
{
    private const string Png = "image/png";
    private const string Svg = "image/svg+xml";

    /// <summary>Maps it.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/v1/segment", Segment)
        .AddEndpointFilter(KnownParameters.OfSegmentation()).AddEndpointFilter<RoomInQueue>()
        .WithSummary("Segments an encoded image, or each part of a form of them, which is answered with a list.")
        .Produces<SegmentAnswer>(200, "application/json", Png, Svg)
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(408).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422)
        .ProducesProblem(429).ProducesProblem(504);

    /// <summary>
    /// Answers a request: a list of answers for a form, one for a body that is an image. The latter is answered with the mask alone where
    /// the client prefers <c>image/png</c>, and with the contours alone where it prefers <c>image/svg+xml</c>.
    /// </summary>
    /// <param name="request">The body is one encoded image, or a multipart form of them.</param>
    /// <param name="query">How they are segmented.</param>
    /// <param name="stop">The client is gone, or the time is up.</param>
    private async Task<IResult> Segment(HttpRequest request, [AsParameters] SegmentQuery query, CancellationToken stop)
    {
        SegmentSettings settings = query.Check(weights);
        BodyMemory.Share share = memory.For(request.HttpContext);
        IReadOnlyList<NamedImage> images = await RequestImages.Read(request, options, share, stop).ConfigureAwait(false);
        ImageSegmentation work = new(settings, options.PixelLimit, metrics, share.Take);
        if (RequestImages.IsForm(request))
        {
            return TypedResults.Ok(await queue.Run(
                images.Count, token => Array.ConvertAll([.. images], image => work.Find(image, token).CountIn(share)), stop)
                .ConfigureAwait(false));
        }

        return AcceptedType(request.GetTypedHeaders()) switch
        {
            Png => TypedResults.Bytes(await queue.Run(1, token => work.FindMask(images[0], token), stop).ConfigureAwait(false), Png),
            Svg => TypedResults.Text(await queue.Run(1, token => work.FindContours(images[0], token), stop).ConfigureAwait(false), Svg),
            _ => TypedResults.Ok(
                await queue.Run(1, token => work.Find(images[0], token).CountIn(share), stop).ConfigureAwait(false)),
        };
    }

    // The first of those that are liked best.
    private static string? AcceptedType(RequestHeaders headers) => headers.Accept
        .Where(static accepted => accepted.Quality != 0)
        .OrderByDescending(static accepted => accepted.Quality ?? 1)
        .Select(static accepted => accepted.MediaType.Value?.ToLowerInvariant())
        .FirstOrDefault(static accepted => accepted is Png or Svg or "application/json" or "application/*" or "*/*");
}
