using System.Diagnostics;
using System.Text.Json;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CMUNeXt.Server.Api;

/// <summary>
/// Computes an image with each of the weights as a request does, so that the first request finds all code compiled and all memory there.
/// </summary>
internal sealed partial class WarmUp(
    ServedWeightsList weights,
    ServerOptions options,
    ServerMetrics metrics,
    Readiness readiness,
    IOptions<JsonOptions> json,
    ILogger<WarmUp> logger)
{
    // Rounds without a faster one after which the code is taken to be as fast as it gets.
    private const int Settled = 20;
    private const double Faster = 0.97;
    private const int Width = 500;
    private const int Height = 400;

    /// <summary>Does it, then says that the server is ready. What fails is logged, and the server stays not ready.</summary>
    public void Run()
    {
        byte[] encoded = ImageFile.EncodePng(Gradient());
        foreach (ServedWeights served in weights.All)
        {
            try
            {
                Compute(served, encoded);
            }
            catch (Exception e) when (!readiness.IsDraining)
            {
                LogFailure(logger, served.Name, e);
                throw;
            }
        }

        readiness.SetWarm();
    }

    private void Compute(ServedWeights served, byte[] encoded)
    {
        const SegmentParts Parts = SegmentParts.Probability | SegmentParts.Mask;
        SegmentSettings settings = new(served, served.Metadata.Threshold, All: false, Parts, Frame: 1);
        ImageFindings findings = new(settings, options.PixelLimit, metrics);
        Segmenter segmenter = served.At(settings.Threshold, settings.All);
        TimeSpan fastest = TimeSpan.MaxValue;
        for (int since = 0; since < Settled && !readiness.IsDraining; since++)
        {
            long started = Stopwatch.GetTimestamp();
            ReceivedImage image = ReceivedImage.Decode(encoded, ReceivedImage.Unnamed, settings.Frame, Width * Height);
            SegmentAnswer answer = findings.Describe(name: null, image, segmenter.Segment(image.Pixels));
            JsonSerializer.SerializeToUtf8Bytes(answer, json.Value.SerializerOptions);
            TimeSpan time = Stopwatch.GetElapsedTime(started);
            if (time < fastest * Faster)
            {
                (fastest, since) = (time, 0);
            }
        }
    }

    // Of a usual size, with a dark spot, so that contours are drawn too.
    private static Image Gradient()
    {
        byte[] pixels = new byte[Width * Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int x, int y) = ((i % Width) - 250, (i / Width) - 200);
            pixels[i] = (byte)((x * x) + (y * y) < 80 * 80 ? 15 : 90 + ((i * 31) % 40));
        }

        return new Image(Width, Height, 1, pixels);
    }

    [LoggerMessage(LogLevel.Critical, "The weights {Weights} do not compute: the server stays not ready.")]
    private static partial void LogFailure(ILogger logger, string weights, Exception exception);
}
