using System.Globalization;
using System.Text;
using CMUNeXt.Files;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What became of each image that was asked for: the table <c>summary.csv</c>.</summary>
/// <param name="images">The images.</param>
internal sealed class PredictionSummary(IReadOnlyList<ImageInput> images)
{
    /// <summary>The table's first line.</summary>
    public const string Header = "file,width,height,lesions,area,area_mm2,largest_area,largest_confidence,largest_area_mm2,"
        + "largest_long_axis_mm,largest_short_axis_mm,presence,outcome,problem\n";

    private readonly Dictionary<ImageInput, SegmentationReport> reports = [];
    private readonly Dictionary<ImageInput, string> problems = [];

    /// <summary>The findings so far, in the order of the images.</summary>
    public IReadOnlyList<SegmentationReport> Reports => [.. images.Select(Find).OfType<SegmentationReport>()];

    /// <summary>The images that failed.</summary>
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

    /// <summary>Notes a failure, also of what follows from findings.</summary>
    public void Add(ImageInput image, BadFileException failure)
    {
        problems[image] = failure.Problem;
        reports.Remove(image);
    }

    /// <summary>The table: a row for each image, whether it is done, failed, or was not come to.</summary>
    public string ToCsv() => Header + string.Concat(images.Select(RowOf));

    /// <summary>The row of an image, with the line's end.</summary>
    public string RowOf(ImageInput image)
    {
        StringBuilder text = new StringBuilder(CsvField.Of(image.Name)).Append(',');
        if (Find(image) is { } report)
        {
            Lesion? largest = report.Lesions.Count > 0 ? report.Lesions[0] : null;
            text.Append(
                CultureInfo.InvariantCulture,
                $"{report.Width},{report.Height},{report.Lesions.Count},{report.Area},{report.AreaMm2:0.###},");
            text.Append(CultureInfo.InvariantCulture, $"{largest?.Area},{largest?.Confidence:0.0000},{largest?.AreaMm2:0.###},");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{largest?.LongAxisMm:0.###},{largest?.ShortAxisMm:0.###},{report.Presence:0.000},done,\n");
        }
        else
        {
            text.Append(problems.TryGetValue(image, out string? problem)
                ? $",,,,,,,,,,,failed,{CsvField.Of(problem)}\n"
                : ",,,,,,,,,,,not done,\n");
        }

        return text.ToString();
    }
}
