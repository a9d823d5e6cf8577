using System.Globalization;
using System.Text;
using CMUNeXt.Files;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli;

/// <summary>What became of each image that was asked for: the table <c>summary.csv</c>.</summary>
/// <param name="images">The images.</param>
internal sealed class PredictionSummary(IReadOnlyList<ImageInput> images)
{
    private readonly Dictionary<string, SegmentationReport> reports = [];
    private readonly Dictionary<string, string> problems = [];

    /// <summary>The findings so far, in the order of the images.</summary>
    public IReadOnlyList<SegmentationReport> Reports => [.. images.Where(image => reports.ContainsKey(image.Path)).Select(image => reports[image.Path])];

    /// <summary>The images that failed.</summary>
    public int Failures => problems.Count;

    /// <summary>Notes what was found.</summary>
    public void Add(ImageInput image, SegmentationReport report) => reports[image.Path] = report;

    /// <summary>Notes a failure.</summary>
    public void Add(ImageInput image, BadFileException failure) => problems[image.Path] = failure.Problem;

    /// <summary>The table: a row for each image, whether it is done, failed, or was not come to.</summary>
    public string ToCsv()
    {
        StringBuilder text = new("file,width,height,lesions,area,area_mm2,largest_area,largest_confidence,presence,outcome,problem\n");
        foreach (ImageInput image in images)
        {
            text.Append(CsvField.Of(image.Name)).Append(',');
            if (reports.TryGetValue(image.Path, out SegmentationReport? report))
            {
                Lesion? largest = report.Lesions.Count > 0 ? report.Lesions[0] : null;
                text.Append(CultureInfo.InvariantCulture, $"{report.Width},{report.Height},{report.Lesions.Count},{report.Area},{report.AreaMm2},");
                text.Append(CultureInfo.InvariantCulture, $"{largest?.Area},{largest?.Confidence:0.0000},{report.Presence:0.000},done,\n");
            }
            else
            {
                text.Append(problems.TryGetValue(image.Path, out string? problem) ? $",,,,,,,,failed,{CsvField.Of(problem)}\n" : ",,,,,,,,not done,\n");
            }
        }

        return text.ToString();
    }
}
