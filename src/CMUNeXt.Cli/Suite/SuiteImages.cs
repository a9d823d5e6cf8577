using CMUNeXt.Cli.Terminal;
using CMUNeXt.Drawing.Plots;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Cli.Suite;

/// <summary>
/// The images of a suite: <c>suite.png</c>, accuracy over what it costs, and <c>curves.png</c>, the validation of all trained networks.
/// </summary>
internal static class SuiteImages
{
    /// <summary>The name of the first.</summary>
    public const string Points = "suite.png";

    /// <summary>The name of the second.</summary>
    public const string Curves = "curves.png";

    /// <summary>Draws what there is to draw.</summary>
    public static void Write(string folder, IReadOnlyList<SuiteRow> rows)
    {
        List<IReadOnlyList<PointsPanel>> sheet = [];
        TrainingProtocol[] trained = [.. rows.Select(row => row.Trained?.Protocol).OfType<TrainingProtocol>()];
        if (trained.Length > 0)
        {
            string[] sizes = [.. trained.Select(protocol => $" at {protocol.Width} x {protocol.Height}").Distinct()];
            sheet.Add(Panels(
                rows,
                $"IoU here, as published, {trained[0].Epochs} epochs{(sizes is [var size] ? size : "")} (%)",
                row => row.Trained is { IouAsPublished: { Mean: { } mean } iou } ? (100 * mean, 100 * iou.StandardDeviation) : null));
        }

        sheet.Add(Panels(
            rows, "IoU as published (%)",
            row => row.Published?.Iou is { } iou ? (100 * iou, 100 * row.Published.IouStandardDeviation) : null));
        if (sheet.SelectMany(panels => panels).SelectMany(panel => panel.Points)
            .Any(point => double.IsFinite(point.X) && double.IsFinite(point.Y)))
        {
            PointsPlot.Save(Path.Combine(folder, Points), sheet);
        }

        CurvesSeries[] curves = [.. rows.Select(row => Curve(folder, row.Model)).Where(curve => curve.Xs.Count > 0)];
        if (curves.Length > 0)
        {
            CurvesPlot.Save(Path.Combine(folder, Curves), [new CurvesPanel("Validation IoU (as published)", "IoU", curves)]);
        }
    }

    private static PointsPanel[] Panels(
        IReadOnlyList<SuiteRow> rows, string accuracy, Func<SuiteRow, (double Value, double? StandardDeviation)?> read)
    {
        PointsPanel Over(string title, string label, Func<SuiteRow, double?> cost) => new(
            title,
            label,
            accuracy,
            [.. rows.Select(
                row => new NamedPoint(row.Model, cost(row) ?? double.NaN, read(row)?.Value ?? double.NaN, read(row)?.StandardDeviation))]);
        string threads = rows.FirstOrDefault(row => row.Fastest is not null)?.Fastest is { } timed
            ? $", {Quantity.Of(timed.Threads, "thread")}"
            : "";
        return
        [
            Over("Accuracy over parameters", "parameters (millions)", row => row.Parameters / 1e6),
            Over("Accuracy over multiply-accumulates", "G MACs, counted as published", row => row.AllMacs / 1e9),
            Over("Accuracy over throughput", $"images a second here, the fastest backend{threads}", row => row.Fastest?.ImagesPerSecond),
        ];
    }

    // The mean over the splits, as far as all of them are.
    private static CurvesSeries Curve(string folder, string model)
    {
        IReadOnlyList<double>[] runs = [.. SuiteRun.All(folder, model).Where(run => run.Folder.HasRun)
            .Select(run => run.Folder.ReadValidationIou()).Where(run => run.Count > 0)];
        int epochs = runs.Length == 0 ? 0 : runs.Min(run => run.Count);
        return new CurvesSeries(
            model, [.. Enumerable.Range(1, epochs)], [.. Enumerable.Range(0, epochs).Select(epoch => runs.Average(run => run[epoch]))]);
    }
}
