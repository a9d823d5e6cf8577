using CMUNeXt.Files;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CMUNeXt.Server.Api;

/// <summary>An encoded image of a request.</summary>
/// <param name="Name">The name that the client gave, or null. It is told back, and names no file here.</param>
/// <param name="Content">The whole image.</param>
/// <param name="Place">What messages call it where it has no name.</param>
internal sealed record NamedImage(string? Name, ReadOnlyMemory<byte> Content, string Place = ReceivedImage.Unnamed);

/// <summary>The encoded images of a request: its body, or the parts of its form. They stay in memory.</summary>
internal static class RequestImages
{
    private const int LongestName = 300;

    /// <summary>Whether the body is a multipart form.</summary>
    public static bool IsForm(HttpRequest request) =>
        request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">The limits.</param>
    /// <param name="memory">Where their bytes are counted.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">
    /// There is no image, there are too many, they are too large, or the form is damaged.
    /// </exception>
    public static async Task<IReadOnlyList<NamedImage>> Read(
        HttpRequest request, ServerOptions options, BodyMemory.Share memory, CancellationToken stop)
    {
        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new BadHttpRequestException(
                "Images are compressed already: send them without Content-Encoding.", StatusCodes.Status415UnsupportedMediaType);
        }

        if (IsForm(request))
        {
            return await ReadForm(request, options, memory, stop).ConfigureAwait(false);
        }

        ReadOnlyMemory<byte> content =
            await RequestBody.ReadAll(request.Body, request.ContentLength, memory, stop).ConfigureAwait(false);
        return content.Length > 0
            ? [new NamedImage(null, content)]
            : throw new BadHttpRequestException("The body is empty: send an encoded image.");
    }

    private static async Task<IReadOnlyList<NamedImage>> ReadForm(
        HttpRequest request, ServerOptions options, BodyMemory.Share memory, CancellationToken stop)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 70 } boundary)
        {
            throw new BadHttpRequestException("The form has no boundary of 1 to 70 characters.");
        }

        MultipartReader reader = new(boundary, request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 4096 };
        List<NamedImage> images = [];
        try
        {
            while (await reader.ReadNextSectionAsync(stop).ConfigureAwait(false) is { } section)
            {
                if (images.Count == options.ImageLimit)
                {
                    throw new BadHttpRequestException(
                        $"The form has more than {options.ImageLimit} parts: send several requests.", StatusCodes.Status413PayloadTooLarge);
                }

                ReadOnlyMemory<byte> content =
                    await RequestBody.ReadAll(section.Body, length: null, memory, stop).ConfigureAwait(false);
                images.Add(new NamedImage(NameOf(section), content, $"part {images.Count + 1} of the form"));
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The form is damaged.", e);
        }

        return images.Count > 0 ? images : throw new BadHttpRequestException("The form has no part: send an encoded image in each.");
    }

    private static string? NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition))
        {
            return null;
        }

        string? name = (disposition.FileNameStar.HasValue
            ? disposition.FileNameStar
            : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value;
        return name is { Length: > 0 and <= LongestName } ? PrintableText.Of(name) : null;
    }
}
