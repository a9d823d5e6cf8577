using System.Net;
using CMUNeXt.Server.Security;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

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
    public static ILoggerFactory CreateLogs() =>
        LoggerFactory.Create(static logs => MonitoredHost.AddJson(logs).SetMinimumLevel(LogLevel.Information));

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
        WebApplicationBuilder builder = MonitoredHost.CreateBuilder(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddHealthChecks().AddCheck("ready", () => isReady() ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        builder.Services.AddSingleton(_ => new PrometheusMetrics(meter));
        WebApplication app = builder.Build();
        await MonitoredHost.Start(app, Prepare, $"port {port}", stop).ConfigureAwait(false);
        return new WorkerMonitor(app);

        void Prepare()
        {
            HostCheck.Use(app, "localhost");
            MonitoredHost.UseRouting(app);
            MonitoredHost.MapMonitoring(app);
            app.Services.GetRequiredService<PrometheusMetrics>().Begin();
        }
    }

    /// <summary>Stops to answer.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync().ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }
}
