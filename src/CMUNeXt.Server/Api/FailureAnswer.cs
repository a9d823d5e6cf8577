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
internal sealed partial class FailureAnswer(
    IProblemDetailsService problems, Readiness readiness, ILogger<FailureAnswer> logger) : IExceptionHandler
{
    // How the framework begins to say that a parameter does not parse; it goes on with a type of .NET.
    private const string NotParsed = "Failed to bind parameter";

    // How it says that the body is above the limit.
    private const string TooLarge = "Request body too large";
    private const string TooLargeInWords =
        "The body is above the server's limit, which is 64 MiB by default: send less at once; cmunext predict takes files of any size.";
    private const string Kinds =
        "A parameter is not of its kind: 'threshold' is a number, 'frame' a whole number, 'all' and 'corrected' are true or false. "
        + "Each stands in the address once at most.";

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
            BadHttpRequestException bad => (bad.StatusCode,
                bad.Message.StartsWith(NotParsed, StringComparison.Ordinal) ? Kinds
                : bad.Message.StartsWith(TooLarge, StringComparison.Ordinal) ? TooLargeInWords
                : bad.Message),
            HttpRequestException { StatusCode: HttpStatusCode.NotFound } =>
                (StatusCodes.Status404NotFound, "The archive has nothing of this identifier."),
            HttpRequestException { StatusCode: HttpStatusCode.NotImplemented, InnerException: not null } =>
                (StatusCodes.Status502BadGateway, "What answers at the archive's address is no Orthanc."),
            HttpRequestException { StatusCode: not null } =>
                (StatusCodes.Status502BadGateway, $"The archive refuses: {exception.Message}."),
            HttpRequestException => (StatusCodes.Status502BadGateway, "The archive does not answer."),
            BadFileException { Path: ReceivedImage.Unnamed } file => (StatusCodes.Status422UnprocessableEntity, file.Problem),
            BadFileException or NotFiniteNumberException => (StatusCodes.Status422UnprocessableEntity, exception.Message),
            OperationCanceledException when readiness.IsDraining => (StatusCodes.Status503ServiceUnavailable, "The server stops."),
            _ => (StatusCodes.Status500InternalServerError, null),
        };
        httpContext.Response.StatusCode = status;
        if (status == StatusCodes.Status500InternalServerError)
        {
            // Without the message, which may name the client's file.
            LogFailure(logger, exception.GetType().Name, exception.StackTrace);
        }
        else if (status == StatusCodes.Status507InsufficientStorage)
        {
            LogNoRoom(logger, exception.InnerException?.Message);
        }
        else if (status == StatusCodes.Status401Unauthorized)
        {
            httpContext.Response.Headers.WWWAuthenticate = "Bearer";
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

    // The message names files of the temporary folder alone.
    [LoggerMessage(Level = LogLevel.Error, Message = "The temporary folder takes no file: {Problem}")]
    private static partial void LogNoRoom(ILogger logger, string? problem);
}
