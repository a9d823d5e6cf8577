using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CMUNeXt.Server.Serving;

/// <summary>Ready once every network has computed an image, and no longer when the server stops.</summary>
internal sealed class Readiness : IHealthCheck
{
    private volatile bool warm;
    private volatile bool draining;

    /// <summary>Whether it is.</summary>
    public bool IsReady => warm && !draining;

    /// <summary>Whether the server stops.</summary>
    public bool IsDraining => draining;

    /// <summary>Says that every network has computed an image.</summary>
    public void SetWarm() => warm = true;

    /// <summary>Says that the server stops.</summary>
    public void Drain() => draining = true;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(draining ? "stopping" : "warming up"));
}
