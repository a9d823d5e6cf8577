using CMUNeXt.Server.Api;
using CMUNeXt.Server.Serving;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Server;

/// <summary>What makes a server ready: each of its weights has computed an image, and a rehearsal has ended.</summary>
internal sealed partial class WarmUp(
    ServedWeightsList weights,
    ServerOptions options,
    ServerMetrics metrics,
    PrometheusMetrics prometheus,
    Readiness readiness,
    IServiceProvider services,
    ILogger<WarmUp> logger)
{
    // What is compiled is the process's: its next server needs no rehearsal.
    private static int rehearsals;

    /// <summary>
    /// Does it, then says that the server is ready. Weights that do not compute are logged, and the server stays not ready.
    /// </summary>
    /// <param name="stop">The server stops.</param>
    public async Task Run(CancellationToken stop)
    {
        foreach (ServedWeights served in weights.All)
        {
            Compute(served, stop);
        }

        bool isFirst = Interlocked.Increment(ref rehearsals) == 1;
        if (isFirst)
        {
            await Rehearse(stop).ConfigureAwait(false);
        }

        prometheus.Begin();
        if (isFirst)
        {
            await Rehearsal.Settle(stop).ConfigureAwait(false);
        }

        readiness.SetWarm();
    }

    private void Compute(ServedWeights served, CancellationToken stop)
    {
        SegmentSettings settings = new(served, served.Metadata.Threshold, All: false, SegmentParts.Probability, Frame: 1);
        try
        {
            // The image is our own: the limits are for those of others.
            new ImageSegmentation(settings, pixelLimit: long.MaxValue, metrics)
                .Find(new NamedImage(null, PageFiles.Read("example.png")), stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailure(logger, served.Name, e);
            throw;
        }
    }

    private async Task Rehearse(CancellationToken stop)
    {
        try
        {
            await new Rehearsal(options, services).Run(stop).ConfigureAwait(false);
            GC.Collect();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogRehearsal(logger, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The weights {Weights} do not compute: the server stays not ready.")]
    private static partial void LogFailure(ILogger logger, string weights, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The rehearsal failed, and so the first answers under load may be late: {Problem}")]
    private static partial void LogRehearsal(ILogger logger, string problem);
}
