// How fast and how steadily runs converge, as a table in Markdown:
// dotnet run docs/notebook/results/convergence.cs -- NAME=metrics.csv [NAME=metrics.csv ...]
// Fast: the first epoch whose validation IoU is at least 90 % of the run's best. Steady: the SD (n - 1) of the differences of the
// validation IoU from one epoch to the next, over the last half of the epochs.
using System.Globalization;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine("| network | epochs | best validation IoU (epoch) | 90 % of it at epoch | SD of the changes, last half |");
Console.WriteLine("| --- | --- | --- | --- | --- |");
foreach (string run in args)
{
    string[] parts = run.Split('=', 2);
    string[][] rows = [.. File.ReadLines(parts[1]).Select(line => line.Split(','))];
    int column = Array.IndexOf(rows[0], "val_iou");
    double[] iou = [.. rows.Skip(1).Select(row => double.Parse(row[column]))];
    double best = iou.Max();
    double[] changes = [.. iou.Zip(iou.Skip(1), (before, after) => after - before).Skip((iou.Length - 1) / 2)];
    double mean = changes.Average();
    double sd = Math.Sqrt(changes.Sum(change => (change - mean) * (change - mean)) / (changes.Length - 1));
    Console.WriteLine($"| {parts[0]} | {iou.Length} | {best:0.000} ({Array.IndexOf(iou, best) + 1}) | "
        + $"{Array.FindIndex(iou, value => value >= 0.9 * best) + 1} | {sd:0.000} |");
}
