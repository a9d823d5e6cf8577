using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CMUNeXt.Server.Serving;

/// <summary>What meters measured since a moment, for Prometheus under <c>/metrics</c>.</summary>
/// <param name="meters">The names of the meters.</param>
internal sealed class PrometheusMetrics(params string[] meters) : IDisposable
{
    private readonly PrometheusText text = new();
    private readonly Lock gate = new();
    private MeterProvider? provider;

    /// <summary>Begins to measure; until then there is nothing to show.</summary>
    public void Begin()
    {
        lock (gate)
        {
            provider = Sdk.CreateMeterProviderBuilder().AddMeter(meters).AddReader(new BaseExportingMetricReader(text)).Build();
        }
    }

    /// <summary>Maps <c>/metrics</c>.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", () => TypedResults.Text(Collect(), PrometheusText.MediaType)).ExcludeFromDescription();

    /// <inheritdoc/>
    public void Dispose() => provider?.Dispose();

    private string Collect()
    {
        lock (gate)
        {
            provider?.ForceFlush();
            return text.Text;
        }
    }
}
