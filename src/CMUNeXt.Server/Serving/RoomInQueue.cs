using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Serving;

/// <summary>
/// Refuses a request while the queue is full, before its body is read. Without an exception, since there may be many times more refusals
/// than answers.
/// </summary>
internal sealed class RoomInQueue(SegmentationQueue queue) : IEndpointFilter
{
    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        queue.RefuseIfFull() is { } wait
            ? new(TypedResults.Json(
                BusyException.Describe(context.HttpContext.Response, wait), contentType: "application/problem+json", statusCode: 429))
            : next(context);
}
