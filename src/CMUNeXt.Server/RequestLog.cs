using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Server;

/// <summary>A line of the logs for each request but those for health and metrics, which come every few seconds.</summary>
internal static class RequestLog
{
    /// <summary>Adds it.</summary>
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore.HttpLogging", LogLevel.Information);
        builder.Services.AddHttpLogging(static log =>
        {
            // Without the query, in which a search names a patient.
            log.LoggingFields = HttpLoggingFields.RequestMethod | HttpLoggingFields.RequestPath
                | HttpLoggingFields.ResponseStatusCode | HttpLoggingFields.Duration;
            log.CombineLogs = true;
        });
    }

    /// <summary>Uses it; what comes before is not seen.</summary>
    public static void Use(WebApplication app) => app.UseWhen(
        static context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            && !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal),
        static logged => logged.UseHttpLogging());
}
