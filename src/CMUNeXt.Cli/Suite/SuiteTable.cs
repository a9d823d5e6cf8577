using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Evaluation;
using Spectre.Console;

namespace CMUNeXt.Cli.Suite;

/// <summary>
/// Prints a suite in Markdown, ready for a text: what networks cost, and below it what they reach, since one table would be too wide.
/// </summary>
internal static class SuiteTable
{
    public static void Print(SuiteReport report)
    {
        if (report.Machine is { } machine)
        {
            BenchmarkTables.Print(machine);
            Console.WriteLine();
        }

        Print(report.Rows, Cost(report.CommonBackends));
        Print([.. report.Rows.Where(row => row.Trained is not null || row.Published?.Iou is not null)], Accuracy);
        foreach (SuiteRow row in report.Rows.Where(row => row.Failure is not null))
        {
            Console.WriteLine($"{row.Model}: {row.Failure}");
        }
    }

    private static (string Name, Func<SuiteRow, string> Value)[] Cost(IReadOnlyList<string> common) =>
    [
        ("network", row => row.Model),
        ("parameters", row => $"{row.Parameters:N0}"),
        ("G MACs", row => $"{row.ConvolutionMacs / 1e9:0.000}"),
        ("G as published", row => $"{row.AllMacs / 1e9:0.000}"),
        ("fastest backend", row => row.Fastest?.Backend ?? ""),
        ("ms", row => Milliseconds(row.Fastest)),
        ("images/s", row => $"{row.Fastest?.ImagesPerSecond:0.0}"),
        ("MiB", row => $"{row.Fastest?.PeakMemoryMib:0}"),
        ("common backend", row => row.FastestOf(common)?.Backend ?? ""),
        ("ms", row => Milliseconds(row.FastestOf(common))),
        ("MiB", row => $"{row.FastestOf(common)?.PeakMemoryMib:0}"),
        ("published: M parameters", row => $"{row.Published?.ParametersM:0.00}"),
        ("G MACs", row => $"{row.Published?.Gmacs:0.00}"),
        ("images/s on a GPU", row => $"{row.Published?.Fps:0.##}"),
    ];

    private static (string Name, Func<SuiteRow, string> Value)[] Accuracy { get; } =
    [
        ("network", row => row.Model),
        ("trained by", row => row.Trained?.Backend ?? ""),
        ("at", row => row.Trained is { Protocol: { } protocol } ? $"{protocol.Width} x {protocol.Height}" : ""),
        ("epochs", row => $"{row.Trained?.Protocol.Epochs}"),
        ("splits", row => $"{row.Trained?.Runs.Count}"),
        ("IoU %", row => Percent(row.Trained?.Iou)),
        ("F1 %", row => Percent(row.Trained?.F1)),
        ("HD95 px", row => Text(row.Trained?.Hd95.Mean, row.Trained?.Hd95.StandardDeviation, "0.0")),
        ("missed", row => $"{row.Trained?.Missed}"),
        ("as published: IoU %", row => Percent(row.Trained?.IouAsPublished)),
        ("F1 %", row => Percent(row.Trained?.F1AsPublished)),
        ("published: IoU %", row => Percent(row.Published?.Iou, row.Published?.IouStandardDeviation)),
        ("F1 %", row => Percent(row.Published?.F1, row.Published?.F1StandardDeviation)),
    ];

    private static void Print(IReadOnlyList<SuiteRow> rows, (string Name, Func<SuiteRow, string> Value)[] columns)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Markdown);
        foreach ((string name, _) in columns)
        {
            Justify side = name is "network" or "fastest backend" or "common backend" ? Justify.Left : Justify.Right;
            table.AddColumn(name, column => column.Alignment(side));
        }

        foreach (SuiteRow row in rows)
        {
            table.AddRow([.. columns.Select(column => Markup.Escape(column.Value(row)))]);
        }

        UnbrokenTable.Write(table);
    }

    private static string Milliseconds(BenchmarkRow? row) => row is null ? "" : BenchmarkTables.Milliseconds(row.MedianMs);

    private static string Percent(Statistic? metric) => Percent(metric?.Mean, metric?.StandardDeviation);

    private static string Percent(double? mean, double? std) => Text(100 * mean, 100 * std, "0.00");

    private static string Text(double? mean, double? std, string format) =>
        mean is not { } value ? "" : std is { } spread ? $"{value.ToString(format)} \u00b1 {spread.ToString(format)}"
            : value.ToString(format);
}
