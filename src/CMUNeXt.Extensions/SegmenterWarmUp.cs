using CMUNeXt.Images;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CMUNeXt.Extensions;

/// <summary>Loads the weights and computes one blank image before the host serves.</summary>
internal sealed partial class SegmenterWarmUp(
    IServiceProvider services, SegmenterLoading loading, IOptions<CMUNeXtOptions> options, ILogger<SegmenterWarmUp> log) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.WarmUp)
        {
            // By the pool: a program with a window starts its host on the window's own thread.
            await Task.Run(() => WarmUp(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WarmUp(CancellationToken cancellationToken)
    {
        // A program's tests have a double, which may be scoped and asks for no weights; one that wraps the program's segmenter does.
        await using AsyncServiceScope scope = services.CreateAsyncScope();
        if (scope.ServiceProvider.GetRequiredService<ISegmenter>() is not ObservedSegmenter && !loading.IsDone)
        {
            return;
        }

        // Not the observed one: this is no call of the program's.
        Segmenter segmenter = services.GetRequiredService<Segmenter>();
        (int width, int height) = (segmenter.Preprocessing.Width, segmenter.Preprocessing.Height);
        segmenter.Segment(new Image(width, height, 1, new byte[width * height]), cancellationToken);
        LogReady(log, segmenter.Model, width, height, segmenter.Threshold, segmenter.Engine);
    }

    [LoggerMessage(LogLevel.Information, "{Model} is ready: {Width} x {Height} pixels, threshold {Threshold}, computed by {Engine}")]
    private static partial void LogReady(ILogger logger, string model, int width, int height, double threshold, string engine);
}
