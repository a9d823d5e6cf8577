using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CMUNeXt.Server.Serving;

/// <summary>What meters measured since this was made, for Prometheus under <c>/metrics</c>.</summary>
internal sealed class PrometheusMetrics : IDisposable
{
    private readonly PrometheusText text = new();
    private readonly BaseExportingMetricReader reader;
    private readonly MeterProvider provider;
    private readonly Lock gate = new();

    /// <summary>Begins to measure.</summary>
    /// <param name="meters">The names of the meters.</param>
    public PrometheusMetrics(params string[] meters)
    {
        reader = new BaseExportingMetricReader(text);
        provider = Sdk.CreateMeterProviderBuilder().AddMeter(meters).AddReader(reader).Build();
    }

    /// <summary>Maps <c>/metrics</c>.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", () => TypedResults.Text(Collect(), PrometheusText.MediaType)).ExcludeFromDescription();

    /// <inheritdoc/>
    public void Dispose() => provider.Dispose();

    private string Collect()
    {
        lock (gate)
        {
            reader.Collect();
            return text.Text;
        }
    }
}
