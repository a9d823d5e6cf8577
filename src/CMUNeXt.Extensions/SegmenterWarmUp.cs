using CMUNeXt.Images;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CMUNeXt.Extensions;

/// <summary>Loads the weights and computes one blank image before the host serves.</summary>
internal sealed partial class SegmenterWarmUp(
    IServiceProvider services, IOptions<CMUNeXtOptions> options, ILogger<SegmenterWarmUp> log) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A program's tests have a double, and maybe no weights.
        if (!options.Value.WarmUp || services.GetRequiredService<ISegmenter>() is not ObservedSegmenter)
        {
            return Task.CompletedTask;
        }

        // Not the observed one: this is no call of the program's.
        Segmenter segmenter = services.GetRequiredService<Segmenter>();
        (int width, int height) = (segmenter.Preprocessing.Width, segmenter.Preprocessing.Height);
        segmenter.Segment(new Image(width, height, 1, new byte[width * height]), cancellationToken);
        LogReady(log, segmenter.Model, width, height, segmenter.Threshold, segmenter.Engine);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "{Model} is ready: {Width} x {Height} pixels, threshold {Threshold}, computed by {Engine}")]
    private static partial void LogReady(ILogger logger, string model, int width, int height, double threshold, string engine);
}
