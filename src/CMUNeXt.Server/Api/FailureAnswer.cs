using System.Net;
using CMUNeXt.Files;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
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
        if (exception is BusyException busy)
        {
            httpContext.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return await Write(httpContext, busy.Describe(httpContext.Response)).ConfigureAwait(false);
        }

        (int status, string? detail) = exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            HttpRequestException { StatusCode: HttpStatusCode.NotFound } =>
                (StatusCodes.Status404NotFound, "The archive has nothing of this identifier."),
            HttpRequestException { StatusCode: { } refused } =>
                (StatusCodes.Status502BadGateway, $"The archive answered with the status {(int)refused}."),
            HttpRequestException => (StatusCodes.Status502BadGateway, "The archive does not answer."),
            BadFileException { Path: ReceivedImage.Unnamed } file => (StatusCodes.Status422UnprocessableEntity, file.Problem),
            BadFileException or NotFiniteNumberException => (StatusCodes.Status422UnprocessableEntity, exception.Message),
            _ => (StatusCodes.Status500InternalServerError, null),
        };
        httpContext.Response.StatusCode = status;
        if (status == StatusCodes.Status500InternalServerError)
        {
            // Without the message, which may name the client's file.
            LogFailure(logger, exception.GetType().Name, exception.StackTrace);
        }

        return await Write(httpContext, new ProblemDetails { Status = status, Detail = detail }).ConfigureAwait(false);
    }

    // To clients too that accept an image alone.
    private async ValueTask<bool> Write(HttpContext context, ProblemDetails problem)
    {
        ProblemDetailsContext details = new() { HttpContext = context, ProblemDetails = problem };
        if (!await problems.TryWriteAsync(details).ConfigureAwait(false))
        {
            AddError(details);
            await context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json").ConfigureAwait(false);
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed: {Type} {Trace}")]
    private static partial void LogFailure(ILogger logger, string type, string? trace);
}
