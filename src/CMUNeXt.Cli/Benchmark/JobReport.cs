using System.Globalization;
using System.Text;
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
    /// <summary>The files that it writes.</summary>
    public static IReadOnlyList<string> Files { get; } = ["job.json", "job.csv"];

    /// <summary>Writes <c>job.json</c> and <c>job.csv</c>; those that stand there are replaced.</summary>
    public void Write(string folder)
    {
        string table = Path.Combine(folder, "job.csv");

        // Wherever the writing ends, no earlier one stands beside the document.
        File.Delete(table);
        AtomicFile.WriteText(Path.Combine(folder, "job.json"), ResultJson.ToDocument(this) + "\n");
        StringBuilder text = new("job,images,images_per_second,share_of_engine,processor_ms,peak_memory_mib,first_result_ms\n");
        foreach (JobRow row in Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Job},{row.Images},{row.ImagesPerSecond:0.###},{row.ShareOfEngine:0.####},");
            text.Append(CultureInfo.InvariantCulture, $"{row.ProcessorMs:0.###},{row.PeakMemoryMib:0.#},{row.FirstResultMs:0.#}\n");
        }

        AtomicFile.WriteText(table, text.ToString());
    }
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
