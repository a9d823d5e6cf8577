using System.Globalization;
using System.Text;
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

    // The columns of the table, with what stands in them.
    private IReadOnlyList<(string Name, Func<SuiteRow, object?> Value)> Columns =>
    [
        ("model", row => row.Model),
        ("size", row => row.Size),
        ("parameters", row => row.Parameters),
        ("convolution_macs", row => row.ConvolutionMacs),
        ("all_macs", row => row.AllMacs),
        ("threads", row => row.Fastest?.Threads),
        ("backend", row => row.Fastest?.Backend),
        ("median_ms", row => row.Fastest?.MedianMs),
        ("images_per_second", row => row.Fastest?.ImagesPerSecond),
        ("peak_memory_mib", row => row.Fastest?.PeakMemoryMib),
        ("common_backend", row => row.FastestOf(CommonBackends)?.Backend),
        ("common_median_ms", row => row.FastestOf(CommonBackends)?.MedianMs),
        ("common_images_per_second", row => row.FastestOf(CommonBackends)?.ImagesPerSecond),
        ("common_peak_memory_mib", row => row.FastestOf(CommonBackends)?.PeakMemoryMib),
        ("train_width", row => row.Trained?.Protocol.Width),
        ("train_height", row => row.Trained?.Protocol.Height),
        ("epochs", row => row.Trained?.Protocol.Epochs),
        ("batch", row => row.Trained?.Protocol.Batch),
        ("seed", row => row.Trained?.Protocol.Seed),
        ("splits", row => row.Trained?.Runs.Count),
        ("train_backend", row => row.Trained?.Backend),
        .. Metric("iou", trained => trained.Iou),
        .. Metric("f1", trained => trained.F1),
        .. Metric("hd95", trained => trained.Hd95),
        ("missed", row => row.Trained?.Missed),
        .. Metric("iou_as_published", trained => trained.IouAsPublished),
        .. Metric("f1_as_published", trained => trained.F1AsPublished),
        ("published_parameters_m", row => row.Published?.ParametersM),
        ("published_gmacs", row => row.Published?.Gmacs),
        ("published_fps", row => row.Published?.Fps),
        ("published_iou", row => row.Published?.Iou),
        ("published_iou_std", row => row.Published?.IouStandardDeviation),
        ("published_f1", row => row.Published?.F1),
        ("published_f1_std", row => row.Published?.F1StandardDeviation),
        ("failure", row => row.Failure),
    ];

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

    /// <summary>Writes <c>suite.json</c>, <c>suite.csv</c> and the images; those that stand there are replaced.</summary>
    public void Write(string folder)
    {
        // Wherever the writing ends, no table or image is of other rows than the document, from which a suite goes on.
        foreach (string file in Files.Where(static file => file != JsonFile))
        {
            File.Delete(Path.Combine(folder, file));
        }

        AtomicFile.WriteText(Path.Combine(folder, JsonFile), ResultJson.ToDocument(this) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, CsvFile), ToCsv());
        SuiteImages.Write(folder, Rows);
    }

    private static (string Name, Func<SuiteRow, object?> Value)[] Metric(string name, Func<TrainedFigures, Statistic> metric) =>
    [
        (name, row => row.Trained is { } trained ? metric(trained).Mean : null),
        ($"{name}_std", row => row.Trained is { } trained ? metric(trained).StandardDeviation : null),
    ];

    private string ToCsv()
    {
        IReadOnlyList<(string Name, Func<SuiteRow, object?> Value)> columns = Columns;
        StringBuilder text = new StringBuilder().AppendJoin(',', columns.Select(column => column.Name)).Append('\n');
        foreach (SuiteRow row in Rows)
        {
            text.AppendJoin(',', columns.Select(column => Cell(column.Value(row)))).Append('\n');
        }

        return text.ToString();
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        double number => number.ToString("0.####", CultureInfo.InvariantCulture),
        string text => CsvField.Of(text),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
