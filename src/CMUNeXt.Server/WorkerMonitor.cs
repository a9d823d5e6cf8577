using System.Net.Sockets;
using System.Text.Encodings.Web;
using CMUNeXt.Server.Security;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CMUNeXt.Server;

/// <summary>
/// What shows how a program does that works by itself, in the server's forms: logs as lines of JSON on standard error, and over HTTP, to
/// this machine alone, <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c> for Prometheus.
/// </summary>
public sealed class WorkerMonitor : IAsyncDisposable
{
    private readonly WebApplication app;

    private WorkerMonitor(WebApplication app) => this.app = app;

    /// <summary>Where it answers.</summary>
    public Uri Address => new(app.Urls.First());

    /// <summary>Makes the logs; disposing of them writes what is left.</summary>
    public static ILoggerFactory CreateLogs() => LoggerFactory.Create(static logs => AddJson(logs).SetMinimumLevel(LogLevel.Information));

    /// <summary>Starts to answer.</summary>
    /// <param name="port">The port on the loopback address; 0 takes a free one.</param>
    /// <param name="meter">The name of the meter that is shown.</param>
    /// <param name="isReady">Whether the program can do its work at the moment.</param>
    /// <param name="stop">Ends the start.</param>
    /// <returns>What answers, until it is disposed of.</returns>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<WorkerMonitor> Start(int port, string meter, Func<bool> isReady, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(isReady);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddHealthChecks().AddCheck("ready", () => isReady() ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        builder.Services.AddSingleton(_ => new PrometheusMetrics(meter));
        AddJson(builder.Logging).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(System.Net.IPAddress.Loopback, port);
        });
        WebApplication app = builder.Build();
        HostCheck.Use(app, "localhost");
        app.UseRouting();
        app.MapHealthChecks("/health/live", new() { Predicate = static _ => false });
        app.MapHealthChecks("/health/ready");
        app.Services.GetRequiredService<PrometheusMetrics>().Map(app);
        try
        {
            await app.StartAsync(stop).ConfigureAwait(false);
            return new WorkerMonitor(app);
        }
        catch (Exception e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw e is SocketException ? new IOException($"Cannot listen on port {port}: {e.Message}", e) : e;
        }
    }

    /// <summary>Stops to answer.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync().ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }

    private static ILoggingBuilder AddJson(ILoggingBuilder logs)
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
