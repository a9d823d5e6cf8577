using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Suite;
using CMUNeXt.Training.Evaluation;
using Spectre.Console;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Prints a suite as a table in Markdown, which is as it is where a text wants one.</summary>
internal static class SuiteTable
{
    // No line of a table in Markdown may be broken where there is no terminal to ask.
    private const int FileWidth = 1000;

    public static void Print(SuiteReport report)
    {
        if (report.Machine is { } machine)
        {
            BenchmarkTables.Print(machine);
            Console.WriteLine();
        }

        bool trained = report.Rows.Any(row => row.Trained is not null);
        (string Name, Func<SuiteRow, string> Value)[] columns =
        [
            ("network", row => row.Model),
            ("parameters", row => $"{row.Parameters:N0}"),
            ("G MACs", row => $"{row.ConvolutionMacs / 1e9:0.000}"),
            ("G as published", row => $"{row.AllMacs / 1e9:0.000}"),
            ("fastest backend", row => row.Fastest?.Backend ?? ""),
            ("ms", row => Milliseconds(row.Fastest)),
            ("images/s", row => $"{row.Fastest?.ImagesPerSecond:0.0}"),
            ("MiB", row => $"{row.Fastest?.PeakMemoryMib:0}"),
            ("libtorch ms", row => Milliseconds(row.Libtorch)),
            ("libtorch MiB", row => $"{row.Libtorch?.PeakMemoryMib:0}"),
            .. trained ? Accuracy : [],
            ("published M parameters", row => $"{row.Published?.ParametersM:0.00}"),
            ("published G", row => $"{row.Published?.Gmacs:0.00}"),
            ("published FPS", row => $"{row.Published?.Fps:0.##}"),
            ("published IoU", row => Percent(row.Published?.Iou, row.Published?.IouDeviation)),
            ("published F1", row => Percent(row.Published?.F1, row.Published?.F1Deviation)),
        ];
        Table table = new Table().Border(TableBorder.Markdown);
        foreach ((string name, _) in columns)
        {
            table.AddColumn(name, column => column.Alignment(name is "network" or "fastest backend" ? Justify.Left : Justify.Right));
        }

        foreach (SuiteRow row in report.Rows)
        {
            table.AddRow([.. columns.Select(column => Markup.Escape(column.Value(row)))]);
        }

        AnsiConsole.Profile.Width = Console.IsOutputRedirected ? FileWidth : AnsiConsole.Profile.Width;
        AnsiConsole.Write(table);
        foreach (SuiteRow row in report.Rows.Where(row => row.Failure is not null))
        {
            Console.WriteLine($"{row.Model}: {row.Failure}");
        }
    }

    private static (string Name, Func<SuiteRow, string> Value)[] Accuracy { get; } =
    [
        ("trained at", row => row.Trained is { Protocol: { } protocol } ? $"{protocol.Width} x {protocol.Height}" : ""),
        ("splits", row => $"{row.Trained?.Runs.Count}"),
        ("IoU", row => Percent(row.Trained?.Iou)),
        ("F1", row => Percent(row.Trained?.F1)),
        ("HD95", row => Text(row.Trained?.Hd95.Mean, row.Trained?.Hd95.Deviation, "0.0")),
        ("IoU (original)", row => Percent(row.Trained?.OriginalIou)),
        ("F1 (original)", row => Percent(row.Trained?.OriginalF1)),
    ];

    private static string Milliseconds(BenchmarkRow? row) => row?.MedianMs < 100 ? $"{row.MedianMs:0.00}" : $"{row?.MedianMs:0.0}";

    private static string Percent(Statistic? metric) => Percent(metric?.Mean, metric?.Deviation);

    private static string Percent(double? mean, double? deviation) => Text(100 * mean, 100 * deviation, "0.00");

    private static string Text(double? mean, double? deviation, string format) =>
        mean is not { } value ? "" : deviation is { } spread ? $"{value.ToString(format)} \u00b1 {spread.ToString(format)}" : value.ToString(format);
}
