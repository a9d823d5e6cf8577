using CMUNeXt.Images;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Extensions;

/// <summary>A segmenter that tells a logger, a meter and an activity source of every call.</summary>
internal sealed partial class ObservedSegmenter(Segmenter segmenter, SegmenterTelemetry telemetry, ILogger<ObservedSegmenter> log)
    : ISegmenter
{
    /// <inheritdoc/>
    public Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default)
    {
        using SegmenterTelemetry.Call call = telemetry.Begin(segmenter.Model, pixels.Width, pixels.Height);
        try
        {
            return Succeed(call, segmenter.Segment(pixels, cancellation));
        }
        catch (Exception e)
        {
            Fail(call, e);
            throw;
        }
    }

    /// <inheritdoc/>
    public Segmentation Segment(Image image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Segment(new PixelBuffer(image), cancellation);
    }

    /// <inheritdoc/>
    public async Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        using SegmenterTelemetry.Call call = telemetry.Begin(segmenter.Model, image.Width, image.Height);
        try
        {
            return Succeed(call, await segmenter.SegmentAsync(image, cancellation).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            Fail(call, e);
            throw;
        }
    }

    private Segmentation Succeed(SegmenterTelemetry.Call call, Segmentation found)
    {
        LogFound(log, found.Area, found.Width, found.Height, call.Elapsed.TotalMilliseconds);
        return call.Succeed(found);
    }

    private void Fail(SegmenterTelemetry.Call call, Exception failure)
    {
        call.Fail(failure);
        if (failure is not OperationCanceledException)
        {
            LogFailure(log, failure);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Lesions of {Area} pixels in an image of {Width} x {Height}, after {Milliseconds:0.0} ms")]
    private static partial void LogFound(ILogger logger, int area, int width, int height, double milliseconds);

    [LoggerMessage(LogLevel.Error, "An image could not be segmented")]
    private static partial void LogFailure(ILogger logger, Exception failure);
}
