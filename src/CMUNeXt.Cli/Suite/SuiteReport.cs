using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Files;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Cli.Suite;

/// <summary>All networks side by side: the JSON document, from which a suite goes on, and the table.</summary>
/// <param name="Machine">What timed them; null until a network is timed.</param>
/// <param name="Rows">In the order of the catalog.</param>
internal sealed record SuiteReport(Machine? Machine, [property: JsonRequired] IReadOnlyList<SuiteRow> Rows)
{
    private const string JsonFile = "suite.json";
    private const string CsvFile = "suite.csv";

    /// <summary>The files of a suite beside its runs.</summary>
    public static IReadOnlyList<string> Files { get; } = [JsonFile, CsvFile, SuiteImages.Points, SuiteImages.Curves];

    /// <summary>
    /// The backends that timed every network that is timed, in the order of the first; by them networks compare, rather than backends.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<string> CommonBackends { get; } =
        Rows.Where(row => row.Timings.Count > 0).Select(row => row.Timings.Select(timing => timing.Backend))
            .Aggregate((IEnumerable<string>?)null, (common, backends) => common?.Intersect(backends) ?? backends)?.ToArray() ?? [];

    private CsvColumns<SuiteRow> Columns => new(
    [
        new("model", row => row.Model),
        new("size", row => row.Size),
        new("parameters", row => row.Parameters),
        new("convolution_macs", row => row.ConvolutionMacs),
        new("all_macs", row => row.AllMacs),
        new("threads", row => row.Fastest?.Threads),
        new("backend", row => row.Fastest?.Backend),
        new("median_ms", row => row.Fastest?.MedianMs),
        new("images_per_second", row => row.Fastest?.ImagesPerSecond),
        new("peak_memory_mib", row => row.Fastest?.PeakMemoryMib),
        new("common_backend", row => row.FastestOf(CommonBackends)?.Backend),
        new("common_median_ms", row => row.FastestOf(CommonBackends)?.MedianMs),
        new("common_images_per_second", row => row.FastestOf(CommonBackends)?.ImagesPerSecond),
        new("common_peak_memory_mib", row => row.FastestOf(CommonBackends)?.PeakMemoryMib),
        new("train_width", row => row.Trained?.Protocol.Width),
        new("train_height", row => row.Trained?.Protocol.Height),
        new("epochs", row => row.Trained?.Protocol.Epochs),
        new("batch", row => row.Trained?.Protocol.Batch),
        new("seed", row => row.Trained?.Protocol.Seed),
        new("splits", row => row.Trained?.Runs.Count),
        new("train_backend", row => row.Trained?.Backend),
        .. Metric("iou", trained => trained.Iou),
        .. Metric("f1", trained => trained.F1),
        .. Metric("hd95", trained => trained.Hd95),
        new("missed", row => row.Trained?.Missed),
        .. Metric("iou_as_published", trained => trained.IouAsPublished),
        .. Metric("f1_as_published", trained => trained.F1AsPublished),
        new("published_parameters_m", row => row.Published?.ParametersM),
        new("published_gmacs", row => row.Published?.Gmacs),
        new("published_fps", row => row.Published?.Fps),
        new("published_iou", row => row.Published?.Iou),
        new("published_iou_std", row => row.Published?.IouStandardDeviation),
        new("published_f1", row => row.Published?.F1),
        new("published_f1_std", row => row.Published?.F1StandardDeviation),
        new("failure", row => row.Failure),
    ]);

    /// <summary>Reads what an earlier suite left in its folder; null where there is nothing.</summary>
    /// <exception cref="BadFileException">The file is not what a suite writes.</exception>
    public static SuiteReport? Read(string folder)
    {
        string path = Path.Combine(folder, JsonFile);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return ResultJson.Read<SuiteReport>(File.ReadAllText(path));
        }
        catch (JsonException e)
        {
            throw new BadFileException(
                path, $"is not what a suite writes ({e.Message.Split('\n')[0]}); move it away, and all networks are timed anew", e);
        }
    }

    /// <summary>
    /// Writes <c>suite.json</c>, from which a suite goes on, <c>suite.csv</c> and the images; files that stand there are replaced.
    /// </summary>
    public void Write(string folder) => AtomicFile.WriteTogether(folder, Files, () =>
    {
        AtomicFile.WriteText(Path.Combine(folder, JsonFile), ResultJson.ToDocument(this) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, CsvFile), Columns.TableOf(Rows));
        SuiteImages.Write(folder, Rows);
    });

    private static CsvColumn<SuiteRow>[] Metric(string name, Func<TrainedFigures, Statistic> metric) =>
    [
        new(name, row => row.Trained is { } trained ? metric(trained).Mean : null),
        new($"{name}_std", row => row.Trained is { } trained ? metric(trained).StandardDeviation : null),
    ];
}
