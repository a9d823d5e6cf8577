using CMUNeXt.Cli.Terminal;
using CMUNeXt.Drawing.Plots;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>What was measured, on what: the JSON document.</summary>
internal sealed record BenchmarkReport(Machine Machine, IReadOnlyList<BenchmarkRow> Rows)
{
    private static readonly CsvColumns<BenchmarkRow> Columns = new(
        new("model", row => row.Model),
        new("backend", row => row.Backend),
        new("threads", row => row.Threads),
        new("size", row => row.Size),
        new("batch", row => row.Batch),
        new("median_ms", row => row.MedianMs),
        new("min_ms", row => row.MinMs),
        new("max_ms", row => row.MaxMs),
        new("images_per_second", row => row.ImagesPerSecond),
        new("peak_memory_mib", row => row.PeakMemoryMib, "0.#"),
        new("max_relative_difference", row => row.MaxRelativeDifference, "0.###e-0"),
        new("calls", row => row.Calls));

    /// <summary>The files that it writes.</summary>
    public static IReadOnlyList<string> Files { get; } = ["benchmark.json", "benchmark.csv", "benchmark.png"];

    /// <summary>Writes <c>benchmark.json</c>, <c>benchmark.csv</c> and <c>benchmark.png</c>; those that stand there are replaced.</summary>
    public void Write(string folder) => AtomicFile.WriteTogether(folder, Files, () =>
    {
        AtomicFile.WriteText(Path.Combine(folder, "benchmark.json"), ResultJson.ToDocument(this) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, "benchmark.csv"), Columns.TableOf(Rows));
        if (Rows.Count > 0)
        {
            BarsPlot.Save(Path.Combine(folder, "benchmark.png"), [.. Bars()], [.. Sizes()]);
        }
    });

    // A panel for each size and batch: the backends side by side, for each network and number of threads.
    private IEnumerable<BarsPanel> Bars() => Rows.GroupBy(row => (row.Size, row.Batch)).Select(panel =>
    {
        (string Model, int Threads)[] groups = [.. panel.Select(row => (row.Model, row.Threads)).Distinct()];
        return new BarsPanel(
            $"{panel.Key.Size} x {panel.Key.Size}, batch {panel.Key.Batch}",
            "milliseconds a call (median, least, most)",
            [.. groups.Select(group => $"{group.Model}\n{Quantity.Of(group.Threads, "thread")}")],
            [.. panel.GroupBy(row => row.Backend).Select(backend => new BarsSeries(
                backend.Key,
                [.. groups.Select(group => backend.FirstOrDefault(row => (row.Model, row.Threads) == group) is { } row
                    ? new Bar(row.MedianMs, row.MinMs, row.MaxMs)
                    : null)]))]);
    });

    // Where there are several sizes, a panel for each network and number of threads: a level line is a time that grows as the pixels do.
    private IEnumerable<CurvesPanel> Sizes() => Rows.GroupBy(row => (row.Model, row.Threads, row.Batch))
        .Where(panel => panel.Select(row => row.Size).Distinct().Skip(1).Any())
        .Select(panel => new CurvesPanel(
            $"{panel.Key.Model}, {Quantity.Of(panel.Key.Threads, "thread")}, batch {panel.Key.Batch}",
            "nanoseconds a pixel",
            [.. panel.GroupBy(row => row.Backend).Select(backend => new CurvesSeries(
                backend.Key,
                [.. backend.Select(row => (double)row.Size)],
                [.. backend.Select(row => row.MedianMs * 1e6 / ((double)row.Size * row.Size * row.Batch))]))],
            "height and width (pixels)"));
}
