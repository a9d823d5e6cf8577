using System.Diagnostics.Metrics;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>What the worker measures of itself, without anything of the patients.</summary>
internal sealed class ArchiveMetrics : IDisposable
{
    private readonly Meter meter = new(ArchiveWorker.MeterName);
    private readonly Counter<long> segmented;
    private readonly Counter<long> skipped;
    private readonly Counter<long> failed;
    private readonly Counter<long> stored;
    private readonly Counter<long> refused;
    private readonly Counter<long> unanswered;
    private readonly Histogram<double> duration;

    /// <summary>Makes the instruments.</summary>
    /// <param name="waiting">The changes that are known and not dealt with yet.</param>
    public ArchiveMetrics(Func<int> waiting)
    {
        segmented = meter.CreateCounter<long>("cmunext.instances", description: "Instances segmented.");
        skipped = meter.CreateCounter<long>("cmunext.instances.skipped", description: "Instances that cannot be read, or are gone.");
        failed = meter.CreateCounter<long>(
            "cmunext.instances.failed", description: $"Instances given up after {ArchiveWorker.MostAttempts} failures.");
        stored = meter.CreateCounter<long>("cmunext.objects.stored", description: "Objects stored in the archive.");
        refused = meter.CreateCounter<long>(
            "cmunext.objects.refused", description: "Objects that the archive, or the receiver of the results, refused.");
        unanswered = meter.CreateCounter<long>("cmunext.archive.unanswered", description: "Calls that the archive did not answer.");
        duration = meter.CreateHistogram(
            "cmunext.instance.duration", "s", "Time to fetch an instance, to segment it and to store its results.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200] });
        meter.CreateObservableGauge(
            "cmunext.changes.waiting", waiting, description: "Changes that are known and not dealt with, at most 100.");
    }

    public void Segmented(int objects, TimeSpan time)
    {
        segmented.Add(1);
        stored.Add(objects);
        duration.Record(time.TotalSeconds);
    }

    public void Skipped() => skipped.Add(1);

    public void Failed() => failed.Add(1);

    public void Refused() => refused.Add(1);

    public void Unanswered() => unanswered.Add(1);

    public void Dispose() => meter.Dispose();
}
