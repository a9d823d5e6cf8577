using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>How fast a folder of images is predicted, beside the engine alone, on what: the JSON document of <c>--job</c>.</summary>
/// <param name="Machine">What measured.</param>
/// <param name="Model">The network's name.</param>
/// <param name="Threads">The images that are computed at once, each by one thread.</param>
/// <param name="Images">The number of images in the folder.</param>
/// <param name="Rows">The engine first.</param>
internal sealed record JobReport(Machine Machine, string Model, int Threads, int Images, IReadOnlyList<JobRow> Rows)
{
    private static readonly CsvColumns<JobRow> Columns = new(
        new("job", row => row.Job),
        new("images", row => row.Images),
        new("images_per_second", row => row.ImagesPerSecond, "0.###"),
        new("share_of_engine", row => row.ShareOfEngine),
        new("processor_ms", row => row.ProcessorMs, "0.###"),
        new("peak_memory_mib", row => row.PeakMemoryMib, "0.#"),
        new("first_result_ms", row => row.FirstResultMs, "0.#"));

    /// <summary>The files that it writes.</summary>
    public static IReadOnlyList<string> Files { get; } = ["job.json", "job.csv"];

    /// <summary>Writes <c>job.json</c> and <c>job.csv</c>; those that stand there are replaced.</summary>
    public void Write(string folder) => AtomicFile.WriteTogether(folder, Files, () =>
    {
        AtomicFile.WriteText(Path.Combine(folder, "job.json"), ResultJson.ToDocument(this) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, "job.csv"), Columns.TableOf(Rows));
    });
}

/// <summary>One way to do the job; medians over the turns.</summary>
/// <param name="Job">The command, or <see cref="Engine"/>.</param>
/// <param name="Images">The images of a turn.</param>
/// <param name="ImagesPerSecond">From the start of the program to its end.</param>
/// <param name="ShareOfEngine">Its images a second as a part of the engine's.</param>
/// <param name="ProcessorMs">The time of all processors for an image in milliseconds, start and compilation included.</param>
/// <param name="PeakMemoryMib">The most memory of any turn, in MiB; null for the engine, which is in this process.</param>
/// <param name="FirstResultMs">From the start to the first findings that are written; null for the engine.</param>
internal sealed record JobRow(
    string Job, int Images, double ImagesPerSecond, double ShareOfEngine, double ProcessorMs, double? PeakMemoryMib, double? FirstResultMs)
{
    /// <summary>From pixels in memory to masks in memory.</summary>
    public const string Engine = "engine";
}
