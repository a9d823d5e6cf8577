using System.Globalization;
using System.Text;
using CMUNeXt.Drawing.Plots;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>How the lesions of a loop change from frame to frame: a table and a curve.</summary>
/// <param name="reports">The findings of the frames, in order.</param>
/// <param name="timeOf">When a frame was taken, in milliseconds after the first one.</param>
internal sealed class LoopCurve(IReadOnlyList<SegmentationReport> reports, Func<int, double> timeOf)
{
    /// <summary>A row for each frame.</summary>
    public string ToCsv()
    {
        StringBuilder text = new(
            "frame,time_ms,lesions,area,area_mm2,largest_area,largest_area_mm2,largest_long_axis_mm,largest_short_axis_mm\n");
        for (int i = 0; i < reports.Count; i++)
        {
            SegmentationReport report = reports[i];
            Lesion? largest = report.Lesions.Count > 0 ? report.Lesions[0] : null;
            text.Append(CultureInfo.InvariantCulture, $"{i + 1},{timeOf(i):0.###},{report.Lesions.Count},{report.Area},");
            text.Append(CultureInfo.InvariantCulture, $"{report.AreaMm2:0.###},{largest?.Area},{largest?.AreaMm2:0.###},");
            text.Append(CultureInfo.InvariantCulture, $"{largest?.LongAxisMm:0.###},{largest?.ShortAxisMm:0.###}\n");
        }

        return text.ToString();
    }

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
}
