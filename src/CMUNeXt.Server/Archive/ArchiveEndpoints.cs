using System.Text.RegularExpressions;
using CMUNeXt.Dicom;
using CMUNeXt.Dicom.Orthanc;
using CMUNeXt.Files;
using CMUNeXt.Server.Api;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace CMUNeXt.Server.Archive;

/// <summary>
/// <c>/api/v1/archive</c>: the ultrasound studies of an Orthanc, their images segmented, and masks stored beside them in the same study.
/// </summary>
internal sealed partial class ArchiveEndpoints(
    ServerOptions options, ServedWeightsList weights, SegmentationQueue queue, BodyMemory memory, ServerMetrics metrics) : IDisposable
{
    private const int MostStudies = 200;

    private readonly OrthancArchive? archive = options.Archive is { } address ? new OrthancArchive(address) : null;

    private OrthancArchive Archive => archive ?? throw new BadHttpRequestException(
        "No archive is served: start with --orthanc.", StatusCodes.Status404NotFound);

    /// <summary>Maps every call.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/archive").WithTags("Archive");
        group.MapGet("/", () => new ArchiveAnswer(archive?.Address.AbsoluteUri)).WithSummary("The archive, if one is served.");
        group.MapGet("/studies", FindStudies).AddEndpointFilter(new KnownParameters("search"))
            .WithSummary("The studies with ultrasound images, the newest first.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(502);
        group.MapGet("/studies/{study}/images", FindImages).WithSummary("The ultrasound images of a study.")
            .ProducesProblem(404).ProducesProblem(502);
        group.MapPost("/images/{image}/segment", Segment)
            .AddEndpointFilter(KnownParameters.OfSegmentation()).AddEndpointFilter<RoomInQueue>()
            .WithSummary("Segments an image of the archive, or a frame of a loop.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(422).ProducesProblem(429).ProducesProblem(502)
            .ProducesProblem(504);
        group.MapPost("/images/{image}/mask", Store)
            .AddEndpointFilter(KnownParameters.OfSegmentation("corrected")).AddEndpointFilter<RoomInQueue>()
            .WithSummary("Stores a mask of an image, a gray PNG whose lesions are above 0, with its measurements in the same study.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422).ProducesProblem(429)
            .ProducesProblem(502).ProducesProblem(504).ProducesProblem(507);
    }

    /// <summary>Ends the connections to the archive.</summary>
    public void Dispose() => archive?.Dispose();

    private async Task<StudiesAnswer> FindStudies(string? search, CancellationToken stop)
    {
        IReadOnlyList<ArchiveStudy> studies =
            await Archive.FindStudiesAsync(search ?? "", MostStudies + 1, stop).ConfigureAwait(false);
        return new StudiesAnswer([.. studies.Take(MostStudies)], studies.Count <= MostStudies);
    }

    private async Task<StudyImagesAnswer> FindImages(string study, CancellationToken stop) =>
        new(await Archive.FindInstancesAsync(Checked(study), stop).ConfigureAwait(false));

    private async Task<SegmentAnswer> Segment(
        HttpContext context, string image, [AsParameters] SegmentQuery query, CancellationToken stop)
    {
        SegmentSettings settings = query.Check(weights);
        BodyMemory.Share share = memory.For(context);
        using DicomFile file = await Open(image, share, stop).ConfigureAwait(false);
        ImageSegmentation work = new(settings, options.PixelLimit, metrics);
        return await queue.Run(
            1, token => work.Find(image, () => ReceivedImage.Decode(file, settings.Frame), token).CountIn(share), stop)
            .ConfigureAwait(false);
    }

    /// <summary>Stores a mask.</summary>
    /// <param name="context">The body is the mask.</param>
    /// <param name="image">The image that it is of.</param>
    /// <param name="query">How it was made.</param>
    /// <param name="corrected">Whether a person changed it.</param>
    /// <param name="stop">The client is gone, or the time is up.</param>
    private async Task<StoredAnswer> Store(
        HttpContext context, string image, [AsParameters] SegmentQuery query, bool? corrected, CancellationToken stop)
    {
        // A page elsewhere cannot send this type here unasked, as it could plain text or a form.
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("image/png", StringComparison.OrdinalIgnoreCase))
        {
            throw new BadHttpRequestException("A mask is image/png.", StatusCodes.Status415UnsupportedMediaType);
        }

        SegmentSettings settings = query.Check(weights);
        BodyMemory.Share share = memory.For(context);
        ReadOnlyMemory<byte> mask =
            await RequestBody.ReadAll(context.Request.Body, context.Request.ContentLength, share, stop).ConfigureAwait(false);
        using DicomFile file = await Open(image, share, stop).ConfigureAwait(false);
        using ScratchFolder folder = OnTemporaryFiles(static () => ScratchFolder.Create("mask"));
        MaskObjects objects = new(file, settings, corrected ?? false, options.PixelLimit, DateTimeOffset.Now);
        IReadOnlyList<string> paths = await queue.Run(1, _ => OnTemporaryFiles(() => objects.Write(mask, folder.Path)), stop)
            .ConfigureAwait(false);
        return await StoreAll(paths, stop).ConfigureAwait(false);
    }

    // The image and the mask are in memory: what fails otherwise than by their own fault is the temporary folder.
    private static T OnTemporaryFiles<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is (IOException and not (BadFileException or BadHttpRequestException)) or UnauthorizedAccessException)
        {
            throw new BadHttpRequestException(
                "The temporary folder of the server takes no file: free some room there, or start the server with another TMPDIR.",
                StatusCodes.Status507InsufficientStorage,
                e);
        }
    }

    // Each by itself: where the archive refuses one, such as an overlay that is too large, it has the others all the same.
    private async Task<StoredAnswer> StoreAll(IReadOnlyList<string> paths, CancellationToken stop)
    {
        List<string> stored = [];
        List<string> refused = [];
        foreach (string path in paths)
        {
            try
            {
                stored.Add(await Archive.StoreAsync(path, stop).ConfigureAwait(false));
            }
            catch (HttpRequestException e) when (e is { StatusCode: not null, InnerException: null })
            {
                refused.Add($"the {Path.GetFileNameWithoutExtension(path)} ({e.Message})");
            }
        }

        return refused.Count == 0 ? new StoredAnswer(stored) : throw new BadHttpRequestException(
            $"The archive refuses {string.Join(", ", refused)}; {(stored.Count == 0 ? "nothing" : "the rest")} is stored.",
            StatusCodes.Status502BadGateway);
    }

    private async Task<DicomFile> Open(string image, BodyMemory.Share share, CancellationToken stop)
    {
        long taken = 0;
        try
        {
            return await Archive.OpenAsync(Checked(image), ReceivedImage.LimitsFor(options.PixelLimit), Take, stop).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new BadHttpRequestException(
                $"The image takes at least {taken} bytes, and from an archive at most {options.BodiesLimit} are opened: "
                + "have cmunext dicom watch the archive, or segment its file with cmunext predict.",
                e.StatusCode,
                e);
        }
        catch (BadFileException)
        {
            metrics.Failed();
            throw;
        }

        void Take(long more)
        {
            taken += more;
            share.Take(more);
        }
    }

    // It becomes a part of the archive's address.
    private static string Checked(string id) => Identifiers().IsMatch(id)
        ? id
        : throw new BadHttpRequestException("The archive has nothing of this identifier.", StatusCodes.Status404NotFound);

    [GeneratedRegex(@"\A[0-9a-f]{8}(-[0-9a-f]{8}){4}\z")]
    private static partial Regex Identifiers();
}
