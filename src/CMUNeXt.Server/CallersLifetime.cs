using Microsoft.Extensions.Hosting;

namespace CMUNeXt.Server;

/// <summary>The server lives as long as its caller says: signals are the program's business.</summary>
internal sealed class CallersLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
