namespace CMUNeXt.Cli.Benchmark;

/// <summary>How fast one backend computed one case.</summary>
/// <param name="Model">The network's name.</param>
/// <param name="Backend">The backend's name here (<see cref="Contenders.Names"/>).</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Size">Height and width of the images in pixels.</param>
/// <param name="Batch">Images in a call.</param>
/// <param name="MedianMs">The median duration of a call, in milliseconds.</param>
/// <param name="MinMs">The shortest call.</param>
/// <param name="MaxMs">The longest call.</param>
/// <param name="ImagesPerSecond">Images in a second, at the median.</param>
/// <param name="PeakMemoryMib">The most memory that the backend's process had at any time, weights and program included, in MiB.</param>
/// <param name="MaxRelativeDifference">The largest difference of a logit to the first backend's, relative to the largest of these.</param>
/// <param name="Calls">The number of calls that were timed.</param>
internal sealed record BenchmarkRow(
    string Model, string Backend, int Threads, int Size, int Batch, double MedianMs, double MinMs, double MaxMs, double ImagesPerSecond,
    double PeakMemoryMib, double MaxRelativeDifference, int Calls)
{
    public static BenchmarkRow Of(
        BenchmarkCase measured, string backend, IEnumerable<double> milliseconds, double peakMemoryMib, double difference)
    {
        double[] times = [.. milliseconds.Order()];
        double median = (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2;
        return new BenchmarkRow(
            measured.Model, backend, measured.Threads, measured.Size, measured.Batch, median, times[0], times[^1],
            measured.Batch * 1000 / median,
            peakMemoryMib, difference, times.Length);
    }
}
