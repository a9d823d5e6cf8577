using System.Diagnostics.Metrics;
using CMUNeXt.Files;

namespace CMUNeXt.Server.Serving;

/// <summary>What the server measures of itself, without anything of the images.</summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "CMUNeXt.Server";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> images;
    private readonly Counter<long> failed;
    private readonly Counter<long> cancelled;
    private readonly Counter<long> refused;
    private readonly Histogram<double> queue;
    private readonly Histogram<double> decode;
    private readonly Histogram<double> compute;
    private readonly Histogram<double> encode;

    /// <summary>Makes the instruments.</summary>
    public ServerMetrics()
    {
        images = meter.CreateCounter<long>("cmunext.images", description: "Images computed.");
        failed = meter.CreateCounter<long>("cmunext.images.failed", description: "Images refused as unreadable.");
        cancelled = meter.CreateCounter<long>(
            "cmunext.requests.cancelled",
            description: "Requests that left the queue or stopped because their client was gone or their time was up.");
        refused = meter.CreateCounter<long>("cmunext.requests.refused", description: "Requests refused because the queue was full.");
        queue = Seconds("cmunext.queue.duration", "Time that a request waits for a worker.");
        decode = Seconds("cmunext.decode.duration", "Time to decode an image.");
        compute = Seconds("cmunext.compute.duration", "Time to segment an image.");
        encode = Seconds("cmunext.encode.duration", "Time to encode an answer.");
    }

    public void Observe(Func<int> waiting, Func<int> running)
    {
        meter.CreateObservableGauge("cmunext.queue.length", waiting, description: "Images that wait for a worker.");
        meter.CreateObservableGauge("cmunext.workers.busy", running, description: "Workers that compute.");
    }

    public void ObserveBodies(Func<long> held) =>
        meter.CreateObservableGauge("cmunext.bodies.size", held, "By", "Memory that the bodies of requests and their answers hold.");

    public void Computed(TimeSpan time)
    {
        images.Add(1);
        compute.Record(time.TotalSeconds);
    }

    /// <summary>Reads an image, and counts one that cannot be read.</summary>
    /// <param name="read">Reads it.</param>
    /// <exception cref="BadFileException">It is damaged, no image, or too large.</exception>
    public T Counted<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (BadFileException)
        {
            Failed();
            throw;
        }
    }

    public void Failed() => failed.Add(1);

    public void Cancelled() => cancelled.Add(1);

    public void Refused() => refused.Add(1);

    public void Waited(TimeSpan time) => queue.Record(time.TotalSeconds);

    public void Decoded(TimeSpan time) => decode.Record(time.TotalSeconds);

    public void Encoded(TimeSpan time) => encode.Record(time.TotalSeconds);

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private Histogram<double> Seconds(string name, string description) => meter.CreateHistogram(
        name, "s", description,
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
        });
}
