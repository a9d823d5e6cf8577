using System.Globalization;
using System.Text;
using CMUNeXt.Drawing.Plots;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>What was measured, on what: the JSON document.</summary>
internal sealed record BenchmarkReport(Machine Machine, IReadOnlyList<BenchmarkRow> Rows)
{
    /// <summary>The files that it writes.</summary>
    public static IReadOnlyList<string> Files { get; } = ["benchmark.json", "benchmark.csv", "benchmark.png"];

    /// <summary>Writes <c>benchmark.json</c>, <c>benchmark.csv</c> and <c>benchmark.png</c>; those that stand there are replaced.</summary>
    public void Write(string folder)
    {
        string table = Path.Combine(folder, "benchmark.csv");
        string plot = Path.Combine(folder, "benchmark.png");

        // Wherever the writing ends, neither is of other rows than the document.
        File.Delete(table);
        File.Delete(plot);
        AtomicFile.WriteText(Path.Combine(folder, "benchmark.json"), ResultJson.ToDocument(this) + "\n");
        AtomicFile.WriteText(table, ToCsv());
        if (Rows.Count > 0)
        {
            BarsPlot.Save(plot, [.. Bars()], [.. Sizes()]);
        }
    }

    private string ToCsv()
    {
        StringBuilder text = new(
            "model,backend,threads,size,batch,median_ms,min_ms,max_ms,images_per_second,peak_memory_mib,max_relative_difference,calls\n");
        foreach (BenchmarkRow row in Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Model},{row.Backend},{row.Threads},{row.Size},{row.Batch},");
            text.Append(
                CultureInfo.InvariantCulture, $"{row.MedianMs:0.####},{row.MinMs:0.####},{row.MaxMs:0.####},{row.ImagesPerSecond:0.####},");
            text.Append(CultureInfo.InvariantCulture, $"{row.PeakMemoryMib:0.#},{row.MaxRelativeDifference:0.###e-0},{row.Calls}\n");
        }

        return text.ToString();
    }

    // A panel for each size and batch: the backends side by side, for each network and number of threads.
    private IEnumerable<BarsPanel> Bars() => Rows.GroupBy(row => (row.Size, row.Batch)).Select(panel =>
    {
        (string Model, int Threads)[] groups = [.. panel.Select(row => (row.Model, row.Threads)).Distinct()];
        return new BarsPanel(
            $"{panel.Key.Size} x {panel.Key.Size}, batch {panel.Key.Batch}",
            "milliseconds a call (median, least, most)",
            [.. groups.Select(group => $"{group.Model}\n{BenchmarkCase.CountThreads(group.Threads)}")],
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
            $"{panel.Key.Model}, {BenchmarkCase.CountThreads(panel.Key.Threads)}, batch {panel.Key.Batch}",
            "nanoseconds a pixel",
            [.. panel.GroupBy(row => row.Backend).Select(backend => new CurvesSeries(
                backend.Key,
                [.. backend.Select(row => (double)row.Size)],
                [.. backend.Select(row => row.MedianMs * 1e6 / ((double)row.Size * row.Size * row.Batch))]))],
            "height and width (pixels)"));
}
