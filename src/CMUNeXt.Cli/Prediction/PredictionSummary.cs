using CMUNeXt.Files;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What became of each image that was asked for: the table <c>summary.csv</c>.</summary>
/// <param name="images">The images.</param>
internal sealed class PredictionSummary(IReadOnlyList<ImageInput> images)
{
    private static readonly CsvColumns<Row> Columns = new(
        new("file", row => row.Image.Name),
        new("width", row => row.Report?.Width),
        new("height", row => row.Report?.Height),
        new("lesions", row => row.Report?.Lesions.Count),
        new("area", row => row.Report?.Area),
        new("area_mm2", row => row.Report?.AreaMm2, "0.###"),
        new("largest_area", row => row.Largest?.Area),
        new("largest_confidence", row => row.Largest?.Confidence, "0.0000"),
        new("largest_area_mm2", row => row.Largest?.AreaMm2, "0.###"),
        new("largest_long_axis_mm", row => row.Largest?.LongAxisMm, "0.###"),
        new("largest_short_axis_mm", row => row.Largest?.ShortAxisMm, "0.###"),
        new("presence", row => row.Report?.Presence, "0.000"),
        new("outcome", row => row.Report is not null ? "done" : row.Problem is not null ? "failed" : "not done"),
        new("problem", row => row.Problem));

    private readonly Dictionary<ImageInput, SegmentationReport> reports = [];
    private readonly Dictionary<ImageInput, string> problems = [];

    /// <summary>The table's first line.</summary>
    public static string Header => Columns.Header;

    /// <summary>The findings so far, in the order of the images.</summary>
    public IReadOnlyList<SegmentationReport> Reports => [.. images.Select(Find).OfType<SegmentationReport>()];

    /// <summary>The images that failed, or of which something could not be written.</summary>
    public int Failures => problems.Count;

    /// <summary>Notes what was found.</summary>
    public void Add(ImageInput image, SegmentationReport report)
    {
        reports[image] = report;
        problems.Remove(image);
    }

    /// <summary>Takes back what was noted of an image.</summary>
    public void Forget(ImageInput image)
    {
        reports.Remove(image);
        problems.Remove(image);
    }

    /// <summary>What was found in an image; null where it failed, or was not come to.</summary>
    public SegmentationReport? Find(ImageInput image) => reports.GetValueOrDefault(image);

    /// <summary>Why an image failed, or what of it could not be written; null where all is well.</summary>
    public string? FindProblem(ImageInput image) => problems.GetValueOrDefault(image);

    /// <summary>Notes a failure.</summary>
    public void Add(ImageInput image, BadFileException failure)
    {
        problems[image] = failure.Problem;
        reports.Remove(image);
    }

    /// <summary>Notes what could not be written of an image's file as a whole; findings that there are stay.</summary>
    public void AddProblem(ImageInput image, BadFileException problem) => problems.TryAdd(image, problem.Problem);

    /// <summary>The row of an image, whether it is done, failed, or was not come to, with the line's end.</summary>
    public string RowOf(ImageInput image) => Columns.LineOf(new Row(image, Find(image), FindProblem(image)));

    private sealed record Row(ImageInput Image, SegmentationReport? Report, string? Problem)
    {
        public Lesion? Largest => Report is { Lesions: [var first, ..] } ? first : null;
    }
}
