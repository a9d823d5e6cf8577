#:project ../../../src/CMUNeXt.Training
// Makes trained weights those that ship, from the repository's root:
// dotnet run -c Release docs/notebook/results/ship.cs -- docs/notebook/results/NAME.json
// NAME.json says which weights, and by which siblings they are judged: weights of the same recipe that never saw the judged cases, of
// several folds together where each has a sibling of its own. It calibrates a sibling for each judged list on another list, of cases that
// are judged there in no way, evaluates, and writes the weights with their metadata and the figures of their model card. Where it names
// the list that weights were trained on (`known`), the presence threshold is that of the very weights on its healthy images: the scores
// of another training lie elsewhere. Where it names a size, all of it is done at that size, whatever the weights were trained at. Its
// paths are relative to the folder it is run in.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string name = Path.GetFileNameWithoutExtension(args[0]);
JsonElement plan = Read(args[0]);
string work = $"runs/ship/{name}";
string specificity = plan.GetProperty("specificity").GetRawText();
string[] size = plan.TryGetProperty("size", out JsonElement pixels) ? ["--size", pixels.GetRawText()] : [];
Run("build", "src/CMUNeXt.Cli", "-c", "Release", "-v", "quiet");

// The calibration that ships is a sibling's, fitted to cases that it never saw.
JsonElement fit = plan.GetProperty("fit");
WeightsMetadata fitted = WeightsFile.Load(Calibrate(fit, "shipped")).Describe();
Judged[] judged = [.. plan.GetProperty("judged").EnumerateArray().Select((one, place) => Judge(one, $"{place + 1}"))];
Row[] rows =
[
    .. judged.Select(one => one.Row),
    .. judged.SelectMany(one => one.Otherwise),
    .. judged.SelectMany(one => one.Parts),
];

WeightsMetadata? thresholds = KnownThresholds(plan, Text("weights"), "shipped");
LoadedWeights loaded = WeightsFile.Load(Text("weights"));
Dictionary<string, double> metrics = [];
foreach (Row row in rows.Where(row => row.Key is not null))
{
    metrics[$"{row.Key}_iou"] = row.Iou;
    metrics[$"{row.Key}_cases"] = row.Lesions;
    if (row.Healthy > 0)
    {
        metrics[$"{row.Key}_healthy"] = row.Healthy;
        metrics[$"{row.Key}_healthy_marked"] = row.Marked;
    }
}

metrics["iou"] = rows.First(row => row.Name == Text("headline")).Iou;
WeightsMetadata metadata = loaded.Describe() with
{
    Preprocessing = fitted.Preprocessing,
    Classes = [Text("class")],
    Metrics = metrics,
    Calibration = fitted.Calibration,
    CalibrationWithFlips = fitted.CalibrationWithFlips,
    Presence = thresholds?.Presence ?? fitted.Presence,
    PresenceWithFlips = thresholds?.PresenceWithFlips ?? fitted.PresenceWithFlips,
    DataSet = Text("data_set"),
    Recipe = Text("recipe"),
    TrainingCases = Known(),
    License = Text("license"),
    IntendedUse = Text("intended_use"),
};
WeightsFile.Save(Text("file"), loaded.State, metadata);

string path = Text("card");
string card = File.ReadAllText(path);
const string Begin = "<!-- figures: written by docs/notebook/results/ship.cs -->\n";
const string End = "<!-- end of the figures -->";
int begin = card.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
AtomicFile.WriteText(path, card[..begin] + Figures() + card[card.IndexOf(End, StringComparison.Ordinal)..]);
Console.WriteLine($"{Text("file")} and {path} are written; what the card says in words is to be read again.");

Judged Judge(JsonElement one, string place)
{
    string name = one.GetProperty("name").GetString()!;
    string data = one.GetProperty("data").GetString()!;
    JsonElement[] folds = one.TryGetProperty("folds", out JsonElement several) ? [.. several.EnumerateArray()] : [one];
    (IReadOnlyList<string> Names, LoadedWeights Weights)[] siblings =
    [
        .. folds.Select((fold, k) => (CaseList.Read(fold.GetProperty("list").GetString()!, data).Names,
            WeightsFile.Load(Calibrate(fold.GetProperty("fit"), folds.Length > 1 ? $"{place}-{k + 1}" : place)))),
    ];
    EvaluationOptions options = new()
    {
        Data = data,
        List = "",
        Unit = one.TryGetProperty("patient", out JsonElement patient) ? CaseKey.ByName(new Regex(patient.GetString()!)) : null,
    };
    (Row row, IReadOnlyList<Judgement> cases, JsonElement summary) = Evaluate("", options);
    Row[] otherwise =
    [
        .. siblings[0].Weights.Describe().Presence is null ? [] : (Row[])[Evaluate("--all", options with { All = true }).Row],
        Evaluate("--tta", options with { Flips = true }).Row,
    ];
    Row[] parts =
    [
        .. siblings.Length == 1 ? [] : siblings.Select((fold, k) =>
            Row.Of($"{name}: fold {k + 1}", [.. cases.Where(judged => fold.Names.Contains(judged.Name))], null, null)),
        .. one.TryGetProperty("parts", out _)
            ? from part in summary.GetProperty("subgroups").EnumerateArray().Concat(summary.GetProperty("sizes").EnumerateArray())
              where part.GetProperty("name").GetString() != "normal"
              select Row.OfGroup($"{name}: {part.GetProperty("name").GetString()}", part)
            : [],
        .. one.TryGetProperty("table", out JsonElement table) ? Parts(name, cases, table) : [],
    ];
    return new Judged(row with { Key = one.GetProperty("key").GetString() }, otherwise, parts);

    (Row Row, IReadOnlyList<Judgement> Cases, JsonElement Summary) Evaluate(string option, EvaluationOptions asked)
    {
        string folder = $"{work}/judged-{place}{option}";
        using EvaluationSession session = EvaluationSession.OpenFolds(
            asked, name, [.. siblings.Select(fold => (fold.Names, new Ensemble([fold.Weights], asked.Flips)))]);
        if (session.Run(folder).Failures is [{ } failure, ..])
        {
            throw new InvalidOperationException(failure);
        }

        IReadOnlyList<Judgement> cases = Judgement.Read($"{folder}/cases.csv");
        JsonElement summary = Read($"{folder}/summary.json");
        return (Row.Of(option.Length == 0 ? name : $"{name}, `{option}`", cases, summary, null), cases, summary);
    }
}

// The parts of the cases by columns of a table whose first column names the case.
static IEnumerable<Row> Parts(string name, IReadOnlyList<Judgement> cases, JsonElement table)
{
    string[][] lines = [.. File.ReadLines(table.GetProperty("file").GetString()!).Select(line => line.Split(';'))];
    Dictionary<string, string[]> values = lines.Skip(1).ToDictionary(line => line[0]);
    return
        from column in table.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)
        let place = Array.IndexOf(lines[0], column)
        from part in cases.GroupBy(one => values[one.Name][place]).OrderBy(part => part.Key)
        where part.Any(one => one.Lesion)
        select Row.Of($"{name}: {column.ToLowerInvariant()} {part.Key.ToLowerInvariant()}", [.. part], null, null);
}

string Calibrate(JsonElement one, string place)
{
    string output = $"{work}/calibration-{place}";
    string sibling = one.GetProperty("sibling").GetString()!;
    Fit(one, sibling, output);

    // A calibration of one sibling is judged with another one where `of` names it.
    WeightsMetadata from = WeightsFile.Load($"{output}/calibrated.safetensors").Describe();
    LoadedWeights other = WeightsFile.Load(one.TryGetProperty("of", out JsonElement of) ? of.GetString()! : sibling);
    WeightsMetadata? thresholds = KnownThresholds(one, other.Path, place);
    WeightsFile.Save($"{output}/judged.safetensors", other.State, other.Describe() with
    {
        Preprocessing = from.Preprocessing,
        Calibration = from.Calibration,
        CalibrationWithFlips = from.CalibrationWithFlips,
        Presence = thresholds?.Presence ?? from.Presence,
        PresenceWithFlips = thresholds?.PresenceWithFlips ?? from.PresenceWithFlips,
    });
    return $"{output}/judged.safetensors";
}

WeightsMetadata? KnownThresholds(JsonElement one, string weights, string place)
{
    if (!one.TryGetProperty("known", out JsonElement known))
    {
        return null;
    }

    string output = $"{work}/presence-{place}";
    Fit(known, weights, output);
    return WeightsFile.Load($"{output}/calibrated.safetensors").Describe();
}

// Without flips, then with them.
void Fit(JsonElement cases, string weights, string output)
{
    Calibrated(weights, $"{output}-plain");
    Calibrated($"{output}-plain/calibrated.safetensors", output, "--tta");

    void Calibrated(string from, string to, params string[] flips) =>
        Verb(["calibrate", "--data", cases.GetProperty("data").GetString()!, "--list", cases.GetProperty("list").GetString()!,
            "--weights", from, "--specificity", specificity, "--output", to, "--overwrite", .. size, .. flips]);
}

string Figures()
{
    StringBuilder text = new();
    text.Append($"""

        SHA-256 of the weights: `{WeightsFile.Load(Text("file")).Sha256}`.

        | judged on | with lesion | IoU (95 %) | Dice | sensitivity | precision | hit (IoU of 0.1) | nothing outlined | healthy, outlined |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |

        """);
    foreach (Row row in rows)
    {
        text.Append($"| {row.Name} | {row.Lesions} | {row.Iou:0.000}{row.Interval} | {row.Dice:0.000} | {row.Sensitivity:0.000} "
            + $"| {row.Precision:0.000} | {(double.IsNaN(row.Hit) ? "" : row.Hit.ToString("0.0 %"))} | {row.Missed} "
            + $"| {(row.Healthy == 0 ? "" : $"{row.Marked} of {row.Healthy}")} |\n");
    }

    Row[] healthy = [.. rows.Where(row => row.Area > 0)];
    if (healthy.Length > 0)
    {
        text.Append($"""

            | judged on | healthy | outlined (95 % interval) | ROC area of presence | sensitivity at 90 % / 95 % specificity |
            | --- | --- | --- | --- | --- |

            """);
        foreach (Row row in healthy)
        {
            text.Append($"| {row.Name} | {row.Healthy} | {row.Marked} ({row.Low:0.0 %} to {row.High:0.0 %}) | {row.Area:0.000} "
                + $"| {row.At90:0.0 %} / {row.At95:0.0 %} |\n");
        }
    }

    Row[] confident = [.. rows.Where(row => row.Error is not null)];
    if (confident.Length > 0)
    {
        text.Append("""

            | confidence judged on | lesions outlined | expected calibration error | by chance, mean / 95th percentile |
            | --- | --- | --- | --- |

            """);
        foreach (Row row in confident)
        {
            text.Append($"| {row.Name} | {row.Found} | {row.Error:0.0 %} | {row.Chance:0.0 %} / {row.Chance95:0.0 %} |\n");
        }
    }

    return text.Append('\n').ToString();
}

// The weights know the images as they are, not the smaller copies that they were trained on: those of a data set, or of its list.
IReadOnlyList<string> Known() =>
[
    .. plan.GetProperty("trained_on").EnumerateArray().SelectMany(data => ImagesOf(data.GetString()!))
        .AsParallel().Select(path => KnownCases.NameOf(ImageFile.Load(path))).Distinct().Order(StringComparer.Ordinal),
];

static IEnumerable<string> ImagesOf(string data)
{
    bool isList = Path.GetExtension(data) == ".txt";
    string folder = isList ? Path.GetDirectoryName(data)! : data;
    HashSet<string>? names = isList ? [.. CaseList.Read(Path.GetFileName(data), folder).Names] : null;
    return Directory.GetFiles(Path.Combine(folder, "images"))
        .Where(path => names?.Contains(Path.GetFileNameWithoutExtension(path)) ?? true);
}

string Text(string field) => plan.GetProperty(field).GetString()!;

static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

static void Verb(params string[] arguments) =>
    Run(["run", "--project", "src/CMUNeXt.Cli", "-c", "Release", "--no-build", "--", .. arguments]);

static void Run(params string[] arguments)
{
    using Process process = Process.Start("dotnet", arguments);
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        Environment.Exit(process.ExitCode);
    }
}

/// <summary>What is judged: its figures, those with other options, and those of its parts.</summary>
internal sealed record Judged(Row Row, IReadOnlyList<Row> Otherwise, IReadOnlyList<Row> Parts);

/// <summary>One line of cases.csv; figures that are undefined are NaN.</summary>
internal sealed record Judgement(string Name, bool Lesion, bool Outlined, double Iou, double Dice, double Sensitivity, double Precision)
{
    public static IReadOnlyList<Judgement> Read(string path)
    {
        string[][] lines = [.. File.ReadLines(path).Select(line => line.Split(','))];
        int name = Array.IndexOf(lines[0], "case");
        string[] names = ["reference_area", "predicted_area", "iou", "dice", "sensitivity", "precision"];
        int[] columns = [.. names.Select(one => Array.IndexOf(lines[0], one))];
        return
        [
            .. from line in lines.Skip(1)
               let values = (double[])[.. columns.Select(one => line[one].Length == 0 ? double.NaN : double.Parse(line[one]))]
               select new Judgement(line[name], values[0] > 0, values[1] > 0, values[2], values[3], values[4], values[5]),
        ];
    }
}

/// <summary>The figures of some cases, in parts of one.</summary>
internal sealed record Row(string Name, string? Key, int Lesions, double Iou, double Dice, double Sensitivity, double Precision, int Missed)
{
    /// <summary>Of the IoU, with 95 %: in words, or nothing.</summary>
    public string Interval { get; init; } = "";

    public double Hit { get; init; } = double.NaN;

    public int Healthy { get; init; }

    public int Marked { get; init; }

    public double Low { get; init; }

    public double High { get; init; }

    public double Area { get; init; }

    public double At90 { get; init; }

    public double At95 { get; init; }

    public int Found { get; init; }

    public double? Error { get; init; }

    public double Chance { get; init; }

    public double Chance95 { get; init; }

    public static Row Of(string name, IReadOnlyList<Judgement> cases, JsonElement? summary, string? key)
    {
        Judgement[] lesions = [.. cases.Where(one => one.Lesion)];
        Row row = new(name, key, lesions.Length, lesions.Average(one => one.Iou), lesions.Average(one => one.Dice),
            lesions.Average(one => one.Sensitivity), lesions.Where(one => !double.IsNaN(one.Precision)).Average(one => one.Precision),
            lesions.Count(one => !one.Outlined))
        {
            Hit = lesions.Average(one => one.Iou >= 0.1 ? 1.0 : 0),
            Healthy = cases.Count - lesions.Length,
            Marked = cases.Count(one => !one.Lesion && one.Outlined),
        };
        if (summary is not { } given)
        {
            return row;
        }

        JsonElement found = given.GetProperty("all").GetProperty("metrics").GetProperty("classes")[0];
        JsonElement interval = found.GetProperty("present").GetProperty("iou").GetProperty("interval");
        (double low, double high) = (interval.GetProperty("low").GetDouble(), interval.GetProperty("high").GetDouble());
        row = row with { Interval = $" ({low:0.000} to {high:0.000})" };

        if (given.GetProperty("presence") is { ValueKind: JsonValueKind.Object } presence && presence.GetProperty("healthy").GetInt32() > 0)
        {
            JsonElement marked = presence.GetProperty("false_positive_images");
            row = row with
            {
                Low = marked.GetProperty("low").GetDouble(),
                High = marked.GetProperty("high").GetDouble(),
                Area = presence.GetProperty("roc_area").GetDouble(),
                At90 = presence.GetProperty("sensitivity_at90").GetDouble(),
                At95 = presence.GetProperty("sensitivity_at95").GetDouble(),
            };
        }

        return given.GetProperty("lesions").GetProperty("reliability") is { ValueKind: JsonValueKind.Object } reliability
            ? row with
            {
                Found = reliability.GetProperty("lesions").GetInt32(),
                Error = reliability.GetProperty("expected_calibration_error").GetDouble(),
                Chance = reliability.GetProperty("by_chance").GetDouble(),
                Chance95 = reliability.GetProperty("by_chance95").GetDouble(),
            }
            : row;
    }

    public static Row OfGroup(string name, JsonElement group)
    {
        JsonElement found = group.GetProperty("metrics").GetProperty("classes")[0];
        JsonElement metrics = found.GetProperty("metrics");
        double Mean(string metric) => metrics.GetProperty(metric).GetProperty("mean").GetDouble();
        return new Row(name, null, group.GetProperty("cases").GetInt32(), Mean("iou"), Mean("dice"), Mean("sensitivity"), Mean("precision"),
            found.GetProperty("missed").GetInt32());
    }
}
