#:project ../../../src/CMUNeXt
// Makes a run's weights those that ship: calibrates and evaluates them, writes src/CMUNeXt.Pretrained/breast-ultrasound.safetensors with
// all that is to be said of them, docs/notebook/results/reliability.svg, and the figures of docs/reference/model-card.md.
// From the repository's root:
// dotnet run docs/notebook/results/ship.cs -- WEIGHTS DATA LIST
// DATA is BUSI as "cmunext prepare busi" makes it, LIST the validation list of the split that the weights were trained on. Beside WEIGHTS
// lies the metrics.csv of their run; where there is none, as beside the file that ships already, what that says of its training stays.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Weights;

const string Shipped = "src/CMUNeXt.Pretrained/breast-ultrasound.safetensors";
const string Card = "docs/reference/model-card.md";
const string Work = "runs/ship";
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
(string weights, string data, string list) = (args[0], args[1], args[2]);
string calibrated = $"{Work}/calibration/calibrated.safetensors";
Run("build", "src/CMUNeXt.Cli", "-c", "Release", "-v", "quiet");
Verb("calibrate", "--data", data, "--list", list, "--weights", weights, "--output", $"{Work}/calibration", "--overwrite");
Verb("evaluate", "--data", data, "--list", list, "--weights", calibrated, "--output", $"{Work}/lesions", "--overwrite");
Verb("evaluate", "--data", data, "--list", "normal.txt", "--weights", calibrated, "--output", $"{Work}/normal", "--overwrite");
JsonElement calibration = Read("calibration/calibration.json");
JsonElement lesions = Read("lesions/summary.json");
JsonElement normal = Read("normal/summary.json").GetProperty("all").GetProperty("metrics").GetProperty("classes")[0]
    .GetProperty("empty_reference");

LoadedWeights loaded = WeightsFile.Load(calibrated);
WeightsMetadata metadata = loaded.Describe();
Dictionary<string, double> metrics = new(metadata.Metrics!);
foreach (JsonProperty metric in Class(lesions.GetProperty("all")).GetProperty("metrics").EnumerateObject())
{
    metrics[metric.Name] = metric.Value.GetProperty("mean").GetDouble();
}

foreach (JsonElement group in (JsonElement[])[.. lesions.GetProperty("subgroups").EnumerateArray(),
    .. lesions.GetProperty("sizes").EnumerateArray()])
{
    string name = group.GetProperty("name").GetString()!.Split(':')[0];
    metrics[$"{name}_iou"] = Class(group).GetProperty("metrics").GetProperty("iou").GetProperty("mean").GetDouble();
}

int cases = lesions.GetProperty("all").GetProperty("cases").GetInt32();
metrics["cases"] = cases;
metrics["normal_cases"] = normal.GetProperty("cases").GetInt32();
metrics["normal_marked"] = normal.GetProperty("found_fraction").GetDouble();
metrics["normal_confident"] = normal.GetProperty("confident").GetDouble() / metrics["normal_cases"];
int epoch = (int)metrics["epoch"] + 1;
metadata = metadata with
{
    Classes = ["lesion"],
    Metrics = metrics,
    DataSet = "BUSI: Al-Dhabyani W., Gomaa M., Khaled H., Fahmy A., Dataset of breast ultrasound images, Data in Brief 28 (2020) 104863; "
        + $"benign and malignant images, validated on {list}",
    Recipe = Recipe(),
    Licence = "MIT, as the product; the data set has terms of its own",
    IntendedUse = "Research, teaching and software tests on B-mode ultrasound of the breast that shows a lesion. "
        + "Not a medical device, and not for diagnosis.",
};
WeightsFile.Save(Shipped, loaded.State, metadata);
File.Copy($"{Work}/calibration/reliability.svg", "docs/notebook/results/reliability.svg", overwrite: true);

string card = File.ReadAllText(Card);
const string Begin = "<!-- figures: written by docs/notebook/results/ship.cs -->\n";
const string End = "<!-- end of the figures -->";
int begin = card.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
AtomicFile.WriteText(Card, card[..begin] + Figures() + card[card.IndexOf(End, StringComparison.Ordinal)..]);
Console.WriteLine(
    $"""
    {Shipped}, {Card} and the reliability diagram are written. To do by hand, where the weights are others than before:
    - README.md and docs/figures/example.png: what "cmunext predict examples" finds, and what "cmunext evaluate" says of it
    - docs/how-to/calibrate.md, "Failures to expect" in {Card}, docs/notebook/results.md: what they say of these figures
    - build, and run the tests: those of the built-in weights look for a lesion in an image that they make
    """);

string Recipe()
{
    string run = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights))!, "metrics.csv");
    return !File.Exists(run) ? metadata.Recipe!
        : "The published protocol of CMUNeXt: 256 x 256, batch 8, SGD, a schedule of 300 epochs, rotations and flips, seed 41; "
            + $"the weights of epoch {epoch} of {File.ReadLines(run).Count() - 1} that were run, the best by IoU on the validation list, "
            + "on which metrics and "
            + $"calibration were measured too. Worst there: {string.Join(", ", Worst().Select(one => one.Name))}";
}

string Figures()
{
    StringBuilder text = new();
    text.Append($"""

        Epoch {epoch}, validated on `{list}`; SHA-256 `{WeightsFile.Load(Shipped).Sha256}`.

        | cases | number | missed | IoU | Dice (F1) | sensitivity | precision | HD95, pixels |
        | --- | --- | --- | --- | --- | --- | --- | --- |

        """);
    string[] columns = ["iou", "dice", "sensitivity", "precision", "hd95"];
    foreach (JsonElement group in (JsonElement[])[lesions.GetProperty("all"), .. lesions.GetProperty("subgroups").EnumerateArray(),
        .. lesions.GetProperty("sizes").EnumerateArray()])
    {
        JsonElement found = Class(group);
        string means = string.Join(" | ", columns.Select(name => Mean(found, name)));
        text.Append($"| {group.GetProperty("name").GetString() ?? "all"} | {group.GetProperty("cases")} | {found.GetProperty("missed")} "
            + $"| {means} |\n");
    }

    JsonElement area = normal.GetProperty("found_area");
    text.Append($"""

        Means over the cases, at the original size; what each is: [metrics](metrics.md). Sizes are thirds of the cases by the part
        of the image that the lesion fills.

        **Where nothing is.** Of the {normal.GetProperty("cases")} images of `normal`, something is found in {normal.GetProperty("found")}
        ({Percent(normal, "found_fraction")}), in {normal.GetProperty("confident")} of them with a confidence of at least 50 %; the marks
        cover {Percent(area, "mean")} of these images on average, {Percent(area, "median")} in the median one. No healthy image was in the
        training.

        **Failure cases.** In {Worst(cases).Count(one => one.Iou < 0.1)} of the {cases} cases the IoU is below 0.1. The worst, with their
        images first in the report: {string.Join(", ", Worst().Select(one => $"{one.Name} ({one.Iou:0.00})"))}.

        **Confidence.** {calibration.GetProperty("lesions")} lesions were found in the {calibration.GetProperty("cases")} cases,
        {calibration.GetProperty("right")} of them with an IoU of at least 0.5.

        | fitted to, judged on | lesions judged | expected calibration error | by chance, mean / 95th percentile |
        | --- | --- | --- | --- |

        """);
    string[] names = ["first half, second", "second half, first"];
    foreach ((string name, JsonElement half) in names.Zip(calibration.GetProperty("halves").EnumerateArray()))
    {
        JsonElement found = half.GetProperty("reliability");
        text.Append($"| {name} | {found.GetProperty("lesions")} | {Percent(found, "expected_calibration_error")} | "
            + $"{Percent(found, "by_chance")} / {Percent(found, "by_chance95")} |\n");
    }

    JsonElement halvings = calibration.GetProperty("halvings");
    JsonElement pixels = calibration.GetProperty("pixels");
    text.Append($"| {halvings.GetProperty("count")} other halvings, both ways | | {Percent(halvings, "mean_error")} on average; "
        + $"at most 5 % both ways in {halvings.GetProperty("both_within5_percent").GetDouble():0 %} of them "
        + $"| {Percent(halvings, "mean_by_chance")} |\n");
    JsonElement mean = calibration.GetProperty("mean_probability");
    text.Append($"| the mean probability itself, taken for a confidence | {calibration.GetProperty("lesions")} "
        + $"| {Percent(mean, "expected_calibration_error")} | {Percent(mean, "by_chance")} / {Percent(mean, "by_chance95")} |\n");
    text.Append($"""

        Pixels, at 256 x 256 over 15 bins of equal width: expected calibration error {Pair("expected_calibration_errors", "0.00 %")} on the
        two halves; with the other half's
        temperature ({Pair("temperatures", "0.00")}) {Pair("errors_with_temperature", "0.00 %")}.

        """);
    return text.Append('\n').ToString();

    string Pair(string name, string format) =>
        string.Join(" and ", pixels.GetProperty(name).EnumerateArray().Select(value => value.GetDouble().ToString(format)));
}

// As many as the report shows.
IReadOnlyList<(string Name, double Iou)> Worst(int count = 6)
{
    string[][] rows = [.. File.ReadLines($"{Work}/lesions/cases.csv").Select(line => line.Split(','))];
    int iou = Array.IndexOf(rows[0], "iou");
    return [.. rows.Skip(1).Select(row => (row[0], double.Parse(row[iou]))).OrderBy(one => one.Item2).Take(count)];
}

static JsonElement Class(JsonElement group) => group.GetProperty("metrics").GetProperty("classes")[0];

static string Mean(JsonElement found, string name) =>
    found.GetProperty("metrics").GetProperty(name).GetProperty("mean").GetDouble().ToString(name == "hd95" ? "0.0" : "0.000");

static string Percent(JsonElement element, string name) => element.GetProperty(name).GetDouble().ToString("0.0 %");

static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllBytes($"{Work}/{name}")).RootElement;

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
