// The evaluations of one recipe on several splits as a table in Markdown, a row each, then mean and SD (n - 1) over the splits:
// dotnet run docs/notebook/results/splits.cs -- EVALUATION [EVALUATION ...]
// EVALUATION is a folder that "cmunext evaluate" wrote.
using System.Globalization;
using System.Text.Json;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
(string Heading, string Definition, string Metric, double Unit, string Format)[] columns =
[
    ("IoU %", "metrics", "iou", 0.01, "0.00"),
    ("Dice (F1) %", "metrics", "dice", 0.01, "0.00"),
    ("sensitivity %", "metrics", "sensitivity", 0.01, "0.00"),
    ("precision %", "metrics", "precision", 0.01, "0.00"),
    ("HD95 px", "metrics", "hd95", 1, "0.0"),
    ("ASSD px", "metrics", "assd", 1, "0.0"),
    ("missed", "count", "missed", 1, "0.#"),
    ("as published: IoU %", "as_published", "iou", 0.01, "0.00"),
    ("F1 %", "as_published", "f1", 0.01, "0.00"),
];
Console.WriteLine($"| validated on | {string.Join(" | ", columns.Select(column => column.Heading))} |");
Console.WriteLine($"| :--- |{string.Concat(columns.Select(_ => " ---: |"))}");
double[][] rows = [.. args.Select(Row)];
if (rows.Length > 1)
{
    IEnumerable<string> spreads = columns.Select((column, place) => Spread([.. rows.Select(row => row[place])], column.Format));
    Console.WriteLine($"| mean ± SD | {string.Join(" | ", spreads)} |");
}

double[] Row(string folder)
{
    JsonElement summary = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "summary.json"))).RootElement;
    JsonElement lesion = summary.GetProperty("all").GetProperty("metrics").GetProperty("classes")[0];
    JsonElement published = summary.GetProperty("all").GetProperty("as_published");
    double Value(string definition, string metric) => definition switch
    {
        "count" => lesion.GetProperty(metric).GetDouble(),
        "metrics" => lesion.GetProperty("metrics").GetProperty(metric).GetProperty("mean").GetDouble(),
        _ => published.GetProperty(metric).GetProperty("mean").GetDouble(),
    };
    double[] row = [.. columns.Select(column => Value(column.Definition, column.Metric) / column.Unit)];
    string list = summary.GetProperty("info").GetProperty("list").GetString()!;
    Console.WriteLine($"| {list} | {string.Join(" | ", row.Zip(columns, (value, column) => value.ToString(column.Format)))} |");
    return row;
}

static string Spread(double[] values, string format)
{
    double mean = values.Average();
    double sd = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    return $"{mean.ToString(format)} ± {sd.ToString(format)}";
}
