using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Server.Api;

/// <summary>
/// Turns what a request throws into problem details (RFC 9457) of one line, never a stack trace. They also have <c>error</c>, where clients
/// of the inference protocol look.
/// </summary>
internal sealed partial class FailureAnswer(IProblemDetailsService problems, ILogger<FailureAnswer> logger) : IExceptionHandler
{
    /// <summary>Gives problem details the member <c>error</c>.</summary>
    public static void AddError(ProblemDetailsContext context) =>
        context.ProblemDetails.Extensions["error"] = context.ProblemDetails.Detail ?? context.ProblemDetails.Title;

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        (int status, string? detail) = exception switch
        {
            QueueFullException => (StatusCodes.Status429TooManyRequests, exception.Message),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            BadFileException or NotFiniteNumberException => (StatusCodes.Status422UnprocessableEntity, exception.Message),
            _ => (StatusCodes.Status500InternalServerError, null),
        };
        if (exception is QueueFullException full)
        {
            httpContext.Response.Headers.RetryAfter = full.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        httpContext.Response.StatusCode = status;
        if (status == StatusCodes.Status500InternalServerError)
        {
            // Without the message, which may name the client's file.
            LogFailure(logger, exception.GetType().Name, exception.StackTrace);
        }

        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = status, Detail = detail },
        }).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed: {Type} {Trace}")]
    private static partial void LogFailure(ILogger logger, string type, string? trace);
}
