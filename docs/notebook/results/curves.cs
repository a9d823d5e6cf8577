#:project ../../../src/CMUNeXt.Drawing
// Draws the training and the validation IoU of runs beside each other:
// dotnet run docs/notebook/results/curves.cs -- OUTPUT.png NAME=metrics.csv [NAME=metrics.csv ...]
using System.Globalization;
using CMUNeXt.Drawing.Plots;

CurvesPanel[] panels =
[
    new("Training", "IoU", [.. args.Skip(1).Select(run => Read(run, "train_iou"))]),
    new("Validation", "IoU", [.. args.Skip(1).Select(run => Read(run, "val_iou"))]),
];
CurvesPlot.Save(args[0], panels);

static CurvesSeries Read(string run, string column)
{
    string[] parts = run.Split('=', 2);
    string[][] rows = [.. File.ReadLines(parts[1]).Select(line => line.Split(','))];
    int place = Array.IndexOf(rows[0], column);

    // Earlier versions counted epochs from 0.
    int added = rows[1][0] == "0" ? 1 : 0;
    return new CurvesSeries(
        parts[0],
        [.. rows.Skip(1).Select(row => Number(row[0]) + added)],
        [.. rows.Skip(1).Select(row => Number(row[place]))]);
}

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
