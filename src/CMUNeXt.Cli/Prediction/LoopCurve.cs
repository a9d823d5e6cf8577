using CMUNeXt.Drawing.Plots;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>How the lesions of a loop change from frame to frame: a table and a curve.</summary>
/// <param name="reports">The findings of the frames, in order.</param>
/// <param name="timeOf">When a frame was taken, in milliseconds after the first one; null where that is not known.</param>
internal sealed class LoopCurve(IReadOnlyList<SegmentationReport> reports, Func<int, double?> timeOf)
{
    private static readonly CsvColumns<Frame> Columns = new(
        new("frame", frame => frame.Number),
        new("time_ms", frame => frame.Time, "0.###"),
        new("lesions", frame => frame.Report.Lesions.Count),
        new("area", frame => frame.Report.Area),
        new("area_mm2", frame => frame.Report.AreaMm2, "0.###"),
        new("largest_area", frame => frame.Largest?.Area),
        new("largest_area_mm2", frame => frame.Largest?.AreaMm2, "0.###"),
        new("largest_long_axis_mm", frame => frame.Largest?.LongAxisMm, "0.###"),
        new("largest_short_axis_mm", frame => frame.Largest?.ShortAxisMm, "0.###"));

    /// <summary>A row for each frame.</summary>
    public string ToCsv() => Columns.TableOf(reports.Select((report, i) => new Frame(i + 1, timeOf(i), report)));

    /// <summary>The area over the frames, in square millimeters where they are known for every frame with a lesion.</summary>
    public byte[] ToPng()
    {
        bool isMeasured = reports.All(static report => report.Lesions.Count == 0 || report.AreaMm2 is not null)
            && reports.Any(static report => report.AreaMm2 > 0);
        double[] frames = [.. Enumerable.Range(1, reports.Count).Select(static i => (double)i)];
        double[] areas = [.. reports.Select(report => isMeasured ? report.AreaMm2 ?? 0 : report.Area)];
        string label = isMeasured ? "area in square millimeters" : "area in pixels";
        return CurvesPlot.EncodePng([new CurvesPanel("Lesions of each frame", label, [new CurvesSeries("", frames, areas)], "frame")]);
    }

    private sealed record Frame(int Number, double? Time, SegmentationReport Report)
    {
        public Lesion? Largest => Report.Lesions is [var first, ..] ? first : null;
    }
}
