using CMUNeXt.Files;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Resampling;
using Spectre.Console;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Prints what an evaluation found as a table.</summary>
internal static class SummaryTable
{
    /// <summary>Prints the table and the notes, and says where the report is.</summary>
    public static void PrintReport(EvaluationSummary summary, string folder)
    {
        Print(summary);
        foreach (string note in summary.Info.Notes)
        {
            Console.Error.WriteLine($"note: {note}");
        }

        Console.WriteLine($"The report is {Path.Combine(folder, EvaluationReport.ReportFile)}.");
    }

    public static void Print(EvaluationSummary summary)
    {
        Table table = new Table().Border(TableBorder.Simple)
            .Title($"{Quantity.Of(summary.All.Cases, "case")} of {Markup.Escape(PrintableText.Of(summary.Info.List))}");
        string[] remarks =
        [
            .. summary.All.Metrics.Classes.Any(static one => one.EmptyReference is not null)
                ? (string[])["over the cases that hold the class"] : [],
            .. summary.All.AsPublished is null ? (string[])[] : ["as published: all cases, without the presence threshold"],
        ];
        if (remarks.Length > 0)
        {
            table.Caption(string.Join("; ", remarks));
        }

        table.AddColumns("metric", "mean", "95 % interval", "SD", "median", "cases");
        foreach (ClassSummary one in summary.All.Metrics.Classes)
        {
            AddRows(table, Prefix(one), one.Present);
        }

        if (summary.All.Metrics.AnyClass is { } any)
        {
            table.AddRow("mean over classes: iou", Format(summary.All.Metrics.MeanWherePresent("iou")), "", "", "", "");
            AddRows(table, "any class: ", any.Present.Where(metric => metric.Key is "iou" or "dice").ToDictionary());
        }

        if (summary.All.AsPublished is { } published)
        {
            AddRows(table, "as published: ", published.Where(metric => metric.Key is "iou" or "f1" or "dice").ToDictionary());
        }

        UnbrokenTable.Write(table);
        foreach (GroupSummary group in (GroupSummary[])[.. summary.ByPresence, .. summary.Subgroups, .. summary.Sizes])
        {
            Console.WriteLine($"{group.Name}: {Quantity.Of(group.Cases, "case")}, "
                + string.Join("; ", group.Metrics.Classes.Select(one => Prefix(one) + Means(one))));
        }

        // Where there is one class, an image without it is a healthy one, and presence says more of those.
        bool tellsHealthy = summary.All.Metrics.Classes.Count == 1 && summary.Presence?.FalsePositiveImages is not null;
        foreach (ClassSummary one in summary.All.Metrics.Classes)
        {
            Console.WriteLine($"{one.Name}: in both masks of {Quantity.Of(one.BothPresent, "case")}, missed in {one.Missed}, "
                + $"a false positive in {one.FalsePositive}, correctly empty in {one.CorrectlyEmpty}.");
            if (one.EmptyReference is { } empty && !tellsHealthy)
            {
                string confident = empty.Confident is { } count ? $", in {count} of them with a confidence of at least 50 %" : "";
                Console.WriteLine($"{one.Name}: of {Quantity.Of(empty.Cases, "case")} without one something is found in "
                    + $"{empty.Found}{confident}; {empty.FoundArea.Mean:0.00 %} of their area.");
            }
        }

        if (summary.Confusion is { } confusion)
        {
            PrintConfusion(confusion);
        }

        if (summary.Presence is { } presence)
        {
            PrintPresence(presence, tellsHealthy ? summary.All.Metrics.Classes[0].EmptyReference : null);
        }

        if (summary.Lesions is { } lesions)
        {
            PrintLesions(lesions);
        }

        string Prefix(ClassSummary one) => summary.All.Metrics.Classes.Count == 1 ? "" : $"{one.Name}: ";
    }

    private static void PrintConfusion(ClassConfusion confusion)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("Images by reference (rows) and prediction (columns)");
        table.AddColumns(["", .. confusion.Names.Select(name => Markup.Escape(PrintableText.Of(name)))]);
        for (int r = 0; r < confusion.Names.Count; r++)
        {
            table.AddRow([Markup.Escape(PrintableText.Of(confusion.Names[r])), .. confusion.Images[r].Select(count => $"{count}")]);
        }

        UnbrokenTable.Write(table);
    }

    // Of healthy images alone a mean would be that of the zeros of false positives.
    private static string Means(ClassSummary one) => one.BothPresent + one.Missed > 0
        ? $"IoU {Format(one.Present["iou"].Mean)}, Dice {Format(one.Present["dice"].Mean)}"
        : $"a false positive in {one.FalsePositive}";

    private static void PrintPresence(PresenceSummary presence, EmptyReferenceSummary? healthy)
    {
        if (presence.RocArea is { } area)
        {
            Console.WriteLine($"Presence of a lesion: ROC area {area:0.000}; sensitivity {presence.SensitivityAt90:0.0 %} at 90 % "
                + $"specificity, {presence.SensitivityAt95:0.0 %} at 95 %.");
        }

        if (presence.FalsePositiveImages is { } images)
        {
            string confident = presence.ConfidentFalsePositiveImages is { } confidentImages
                ? $"; with a confidence of at least 50 %: {Interval(confidentImages)}"
                : "";
            string found = healthy is null ? "" : $"; found in all: {healthy.FoundArea.Mean:0.00 %} of their area";
            Console.WriteLine($"Healthy images with a false positive: {Interval(images)}{confident}{found}.");
        }

        foreach (FrocCurve froc in presence.Froc)
        {
            Console.WriteLine($"Lesions hit (IoU at least {froc.LeastIou}) at 1/8, 1/4, 1/2, 1 false positives an image: "
                + $"{string.Join(", ", froc.Sensitivity.Select(s => $"{s:0.0 %}"))}.");
        }
    }

    private static string Interval(WilsonInterval interval) =>
        $"{interval.Count} of {interval.Of} ({(double)interval.Count / interval.Of:0.0 %}, "
            + $"95 % interval {interval.Low:0.0 %} to {interval.High:0.0 %})";

    private static void PrintLesions(LesionSummary lesions)
    {
        string verb = lesions.Found == 1 ? "was" : "were";
        Console.WriteLine($"{Quantity.Of(lesions.Found, "lesion")} {verb} found; the IoU of {lesions.Right} is at least 0.5.");
        if (lesions.Reliability is { } reliability)
        {
            Console.WriteLine(
                $"Expected calibration error of their confidence: {reliability.ExpectedCalibrationError:0.0 %} (perfect calibration would "
                    + $"show {reliability.ByChance:0.0 %} by chance).");
        }
    }

    private static void AddRows(Table table, string prefix, IReadOnlyDictionary<string, Statistic> metrics)
    {
        foreach ((string name, Statistic value) in metrics)
        {
            table.AddRow(Markup.Escape(prefix + name), Format(value.Mean), Format(value.Interval), Format(value.StandardDeviation),
                Format(value.Median), $"{value.Count}");
        }
    }

    private static string Format(MeanInterval? interval) => interval is null ? "-" : $"{Format(interval.Low)} to {Format(interval.High)}";

    private static string Format(double? value) => value is { } number ? number.ToString("0.0000") : "-";
}
