using CMUNeXt.Files;
using CMUNeXt.Training.Evaluation;
using Spectre.Console;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Prints what an evaluation found as a table.</summary>
internal static class SummaryTable
{
    public static void Print(EvaluationSummary summary)
    {
        Table table = new Table().Border(TableBorder.Simple).Title($"{summary.All.Cases} cases of {Markup.Escape(PrintableText.Of(summary.Info.List))}");
        table.AddColumns("metric", "mean", "deviation", "median", "cases");
        foreach (ClassSummary one in summary.All.Honest.Classes)
        {
            AddRows(table, summary.All.Honest.Classes.Count == 1 ? "" : $"{one.Name}: ", one.Metrics);
        }

        if (summary.All.Original is { } original)
        {
            AddRows(table, "original definition: ", original.Where(metric => metric.Key is "iou" or "f1" or "dice").ToDictionary());
        }

        AnsiConsole.Write(table);
        foreach (GroupSummary group in (GroupSummary[])[.. summary.Subgroups, .. summary.Sizes])
        {
            Console.WriteLine($"{group.Name}: {group.Cases} cases, {string.Join("; ", group.Honest.Classes.Select(c => $"IoU {Format(c.Metrics["iou"].Mean)}, Dice {Format(c.Metrics["dice"].Mean)}"))}");
        }

        foreach (ClassSummary one in summary.All.Honest.Classes)
        {
            Console.WriteLine($"{one.Name}: in both masks of {one.BothPresent} cases, missed in {one.Missed}, a false alarm in {one.FalseAlarm}, correctly empty in {one.CorrectlyEmpty}.");
            if (one.EmptyTruth is { } empty)
            {
                string confident = empty.Confident is { } count ? $", in {count} of them with a confidence of at least 50 %" : "";
                Console.WriteLine($"{one.Name}: of {empty.Cases} cases without one something is marked in {empty.Marked}{confident}; {empty.MarkedArea.Mean:0.00 %} of their area.");
            }
        }

        if (summary.Lesions is { } lesions)
        {
            PrintLesions(lesions);
        }
    }

    private static void PrintLesions(LesionSummary lesions)
    {
        Console.WriteLine($"{lesions.Found} lesions were found; the IoU of {lesions.Right} is at least 0.5.");
        if (lesions.Reliability is { } reliability)
        {
            Console.WriteLine(
                $"Expected calibration error of their confidence: {reliability.ExpectedCalibrationError:0.0 %} (perfect calibration would show {reliability.ByChance:0.0 %} by chance).");
        }
    }

    private static void AddRows(Table table, string prefix, IReadOnlyDictionary<string, Statistic> metrics)
    {
        foreach ((string name, Statistic value) in metrics)
        {
            table.AddRow(Markup.Escape(prefix + name), Format(value.Mean), Format(value.Deviation), Format(value.Median), $"{value.Count}");
        }
    }

    private static string Format(double? value) => value is { } number ? number.ToString("0.0000") : "-";
}
