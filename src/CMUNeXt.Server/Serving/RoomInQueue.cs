using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Serving;

/// <summary>
/// Refuses a request while the queue is full, before its body is read. Without an exception, since there may be many times more refusals
/// than answers.
/// </summary>
internal sealed class RoomInQueue(SegmentationQueue queue) : IEndpointFilter
{
    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (queue.RefuseIfFull() is not { } seconds)
        {
            return next(context);
        }

        context.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return new(TypedResults.Problem(QueueFullException.Advice, statusCode: StatusCodes.Status429TooManyRequests));
    }
}
