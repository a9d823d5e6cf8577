using CMUNeXt.Training.Evaluation;
using Spectre.Console;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Prints what an evaluation found as a table.</summary>
internal static class SummaryTable
{
    public static void Print(EvaluationSummary summary)
    {
        Table table = new Table().Border(TableBorder.Simple).Title($"{summary.All.Cases} cases of {Markup.Escape(summary.Info.List)}");
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
        foreach (ClassSummary one in summary.All.Honest.Classes)
        {
            Console.WriteLine($"{one.Name}: in both masks of {one.BothPresent} cases, missed in {one.Missed}, a false alarm in {one.FalseAlarm}, correctly empty in {one.CorrectlyEmpty}.");
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
