using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CMUNeXt.Extensions;

/// <summary>
/// What a host's monitoring sees of segmenting, under the name <see cref="Name"/>: the activity <c>segment</c>, and the instruments
/// <c>cmunext.segment.duration</c> (seconds, by <c>model</c> and <c>outcome</c>: lesions, none, canceled, failed) and
/// <c>cmunext.segment.active</c>. Neither has anything of a patient.
/// </summary>
public sealed class SegmenterTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "CMUNeXt";

    private readonly ActivitySource activities = new(Name);
    private readonly Meter? own;
    private readonly Histogram<double> durations;
    private readonly UpDownCounter<int> active;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">The host's; null makes a meter that no host owns.</param>
    internal SegmenterTelemetry(IMeterFactory? meters)
    {
        own = meters is null ? new Meter(Name) : null;
        Meter meter = own ?? meters!.Create(Name);
        durations = meter.CreateHistogram(
            "cmunext.segment.duration", "s", "From the call to its result, the wait for a turn included", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });
        active = meter.CreateUpDownCounter<int>("cmunext.segment.active", "{call}", "Calls that wait or compute");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        activities.Dispose();
        own?.Dispose();
    }

    /// <summary>Begins a call.</summary>
    /// <param name="model">The network's name.</param>
    /// <param name="width">The image's width in pixels.</param>
    /// <param name="height">Its height.</param>
    internal Call Begin(string model, int width, int height) => new(this, model, width, height);

    /// <summary>A call under way.</summary>
    internal sealed class Call : IDisposable
    {
        private readonly SegmenterTelemetry telemetry;
        private readonly string model;
        private readonly Activity? activity;
        private readonly long start = Stopwatch.GetTimestamp();
        private string outcome = "failed";

        public Call(SegmenterTelemetry telemetry, string model, int width, int height)
        {
            this.telemetry = telemetry;
            this.model = model;
            activity = telemetry.activities.StartActivity("segment")
                ?.SetTag("cmunext.model", model).SetTag("cmunext.image.width", width).SetTag("cmunext.image.height", height);
            telemetry.active.Add(1);
        }

        /// <summary>The time since the call began.</summary>
        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(start);

        /// <summary>Notes what came out.</summary>
        public Segmentation Succeed(Segmentation found)
        {
            outcome = found.Area > 0 ? "lesions" : "none";
            activity?.SetTag("cmunext.area", found.Area);
            return found;
        }

        /// <summary>Notes that the call failed.</summary>
        public void Fail(Exception failure)
        {
            outcome = failure is OperationCanceledException ? "canceled" : "failed";
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
        }

        /// <summary>Ends the call.</summary>
        public void Dispose()
        {
            telemetry.active.Add(-1);
            telemetry.durations.Record(
                Elapsed.TotalSeconds, new KeyValuePair<string, object?>("model", model),
                new KeyValuePair<string, object?>("outcome", outcome));
            activity?.SetTag("cmunext.outcome", outcome).Dispose();
        }
    }
}
