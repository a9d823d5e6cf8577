using CMUNeXt.Files;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Api;

/// <summary>
/// Refuses a request whose address has a parameter that there is not: who mistypes a threshold would take the answer for one at it.
/// </summary>
/// <param name="names">The parameters that there are.</param>
internal sealed class KnownParameters(params string[] names) : IEndpointFilter
{
    /// <summary>Those of a segmentation.</summary>
    /// <param name="others">What else the call takes.</param>
    public static KnownParameters OfSegmentation(params string[] others) =>
        new([SegmentQuery.WeightsName, SegmentQuery.ThresholdName, SegmentQuery.AllName, SegmentQuery.IncludeName, SegmentQuery.FrameName,
            .. others]);

    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Request.Query.Keys.FirstOrDefault(key => !names.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } other
            ? throw new BadHttpRequestException(
                PrintableText.Of(
                    $"There is no parameter '{other}'; there {(names.Length == 1 ? "is" : "are")} {string.Join(", ", names)}."))
            : next(context);
}
