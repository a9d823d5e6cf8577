using System.Net.Sockets;
using System.Text.Encodings.Web;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CMUNeXt.Server;

/// <summary>
/// What a server and a worker have in common: logs as lines of JSON on standard error, and over HTTP <c>/health/live</c>,
/// <c>/health/ready</c> and <c>/metrics</c> for Prometheus.
/// </summary>
internal static class MonitoredHost
{
    /// <summary>Prepares one.</summary>
    /// <param name="bind">Says where it listens.</param>
    public static WebApplicationBuilder CreateBuilder(Action<KestrelServerOptions> bind)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.AddRoutingCore();

        // What cannot start is thrown, and a probe is told that the program is not ready.
        AddJson(builder.Logging).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            bind(kestrel);
        });
        return builder;
    }

    /// <summary>Chooses endpoints. Those of GET answer HEAD too; Kestrel knows of it, and sends no body.</summary>
    public static void UseRouting(WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            if (HttpMethods.IsHead(context.Request.Method))
            {
                context.Request.Method = HttpMethods.Get;
            }

            return next(context);
        });
        app.UseRouting();
    }

    /// <summary>Maps the health, open to everybody, and the metrics.</summary>
    public static void MapMonitoring(WebApplication app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = static _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
        app.Services.GetRequiredService<PrometheusMetrics>().Map(app);
    }

    /// <summary>Starts to listen, and disposes of what cannot.</summary>
    /// <param name="app">What is started.</param>
    /// <param name="prepare">What is done before.</param>
    /// <param name="place">Where it listens, for messages.</param>
    /// <param name="stop">Ends the start.</param>
    /// <exception cref="IOException">The port is taken, or the address is none of this machine's.</exception>
    public static async Task Start(WebApplication app, Action prepare, string place, CancellationToken stop)
    {
        try
        {
            prepare();
            await app.StartAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw e is SocketException ? new IOException($"Cannot listen on {place}: {e.Message}", e) : e;
        }
    }

    /// <summary>Adds the logs.</summary>
    public static ILoggingBuilder AddJson(ILoggingBuilder logs)
    {
        logs.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return logs.AddJsonConsole(static json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

            // Nothing but a log reads these lines: quotes and letters stay as they are.
            json.JsonWriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
    }
}
