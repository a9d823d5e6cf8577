using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CMUNeXt.Server.Serving;

/// <summary>The server has too much to do: the queue is full, or the memory for bodies.</summary>
/// <param name="wait">The time after which to ask again.</param>
internal sealed class BusyException(TimeSpan wait) : Exception("The server is busy.")
{
    private const string Advice = "The server is busy: ask again after the seconds in Retry-After.";

    /// <summary>
    /// What a client is told. <c>Retry-After</c> has whole seconds and never 0, which would ask for the next request at once;
    /// <c>retry_after_seconds</c> says the same to the millisecond.
    /// </summary>
    /// <param name="response">Gets the header.</param>
    public ProblemDetails Describe(HttpResponse response) => Describe(response, wait);

    /// <inheritdoc cref="Describe(HttpResponse)"/>
    /// <param name="response">Gets the header.</param>
    /// <param name="wait">The time after which to ask again.</param>
    public static ProblemDetails Describe(HttpResponse response, TimeSpan wait)
    {
        response.Headers.RetryAfter = Math.Max(1, Math.Round(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return new ProblemDetails
        {
            Type = "https://tools.ietf.org/html/rfc6585#section-4",
            Title = "Too Many Requests",
            Status = StatusCodes.Status429TooManyRequests,
            Detail = Advice,
            Extensions = { ["error"] = Advice, ["retry_after_seconds"] = Math.Round(wait.TotalSeconds, 3) },
        };
    }
}
