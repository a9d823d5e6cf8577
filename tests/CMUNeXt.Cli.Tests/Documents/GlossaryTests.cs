using System.Text.RegularExpressions;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Documents;

/// <summary>
/// One word for one thing, in code, messages, help and documents: the words that are not used, and where one has to stand.
/// </summary>
public sealed class GlossaryTests
{
    // To outline something, it outlines something, it is outlined: those are the verb.
    private const string OutlineNoun =
        @"(?<!\b[Tt]o )[Oo]utline(?!d|s? (it|lesions|something|nothing|all|what)\b)|(?<=\b([Tt]he|[Aa]n) )outline";

    private const string Step = @"\b[Ss]teps?\b|[a-z]Steps?\b";

    private static readonly (string Word, string Pattern)[] NotUsed =
    [
        ("picture: image", @"\bpictures?\b|_pictures?\b"),
        ("truth: reference", @"\btruths?\b|Truth|\btrue (lesion|mask)s?\b"),
        ("region: connected component", "connected regions?"),
        ("what is marked: lesion", @"\b(what|something|nothing) (is|was) marked|\bmarks (something|nothing)"),
        ("false alarm: false positive", @"[Ff]alse.?alarm"),
        ("honest: metrics", @"\b[Hh]onest"),
        ("original definition: as published", "original definition|OriginalMetrics"),
        ("deviation: standard deviation", @"(?<!standard |Standard\w*)\bdeviations?\b"),
        ("way back: backward", "way back"),
        ("bring near: prefetch", "(bring|brought)s? near"),
        ("make anew: recompute", "ma(k|d)e anew|hidden channels made again"),
        ("channels innermost: channels-last", "channels? innermost"),
        ("octet: channel block", @"\b[Oo]ctets?\b(?!-stream)|Octet|octet[A-Z]"),
        ("tap: kernel position", @"\b[Tt]aps?\b|\bTap[A-Z]|\bTaps?\("),
        ("outer, product kernel: what is multiplied", "OuterKernels|product kernels?"),
        ("row, point, step of floats: stride", @"\bnint (Row|Point|row|point|step|[a-z]Row|[A-Z]\w*Step)\b"),
        ("Adam: AdamW", @"\bAdam(?!W)\w+"),
        ("set of masks: reference", "set of masks"),
        ("how sure: confidence", @"\bsure\b(?! that)"),
        ("--rate: --learning-rate", @"--rate|\bRateAt\b"),
        ("outline, the noun: contour, or overlay", OutlineNoun),
        ("British spelling",
            @"optimis|normalis|recognis|summaris|quantis|colour|neighbour|honour|millimetre|\bcentre|licence|[Gg]rey|behaviour|favour"),
    ];

    // Where a step would be an iteration of a training. In the engine a step is one of its plan: a layer, or a pass over one.
    private static readonly string[] Trains =
    [
        "src/CMUNeXt.Training/Protocol/", "src/CMUNeXt.Training/Runs/", "src/CMUNeXt.Training/Sessions/", "src/CMUNeXt.Torch/",
        "src/CMUNeXt/Backends/", "src/CMUNeXt/Ranks/", "src/CMUNeXt.Mpi/", "docs/how-it-works/same-numbers.md", "docs/how-to/train",
        "docs/reference/runs.md", "docs/reference/networks.md", "docs/notebook/training-speed.md", "docs/notebook/clusters.md",
        "benchmarks/CMUNeXt.TrainingIterations/",
    ];

    // A file, or a folder and the word's reason to stand there.
    private static readonly (string Path, string Pattern, string Reason)[] Exceptions =
    [
        ("docs/notebook/results/", "", "results of earlier versions, as these wrote them"),
        ("src/CMUNeXt.Training/Json/EarlierNames.cs", "", "names of earlier versions, which are read"),
        ("src/CMUNeXt.Cli/Parsing/EarlierOptions.cs", "", "options of earlier versions, which are taken"),
        ("src/CMUNeXt/Networks/LayerOrderJsonConverter.cs", "normalis", "a value of earlier versions, which is read"),
        ("src/CMUNeXt/Weights/WeightsMetadataDocument.cs", "deviation|licence", "fields of earlier versions, which are read"),
        ("src/CMUNeXt/Weights/ChannelOrderJsonConverter.cs", "grey", "a value of earlier versions, which is read"),
        ("src/CMUNeXt.Training/Runs/Checkpoint.cs", "optimis", "the name of tensors in checkpoints that exist"),
        ("src/CMUNeXt/Networks/NetworkCatalog.cs", "optimis", "the same"),
        ("src/CMUNeXt.Cli/Benchmark/FormulaWeights.cs", "picture", "the seed of images by formula: another name gives other images"),
        ("src/CMUNeXt.Training/Runs/TensorBoardEvents.cs", "Step", "the field of TensorBoard's format, in which an epoch stands"),
        ("src/CMUNeXt.Torch/Training/TorchTrainable.cs", "steps", "the name of a tensor in checkpoints that exist"),
        ("src/CMUNeXt.Server/Page/gestures.js", "tap", "that of a finger on the screen"),
        ("src/CMUNeXt.Torch/Networks/MedTModule.cs", "step", "one of the network's own, not of its training"),
        ("src/CMUNeXt.Server/Page/page.css", "outline", "a property of CSS"),
        ("src/CMUNeXt.Training/Evaluation/report.css", "outline", "the same"),
        ("src/CMUNeXt.Drawing/Plots/PanelSheet.cs", "Outline", "a property of ScottPlot"),
    ];

    [Fact]
    public void No_word_stands_where_the_glossary_has_another()
    {
        string[] found =
        [
            .. Files().SelectMany(file => File.ReadLines(Repository.Path(file)).SelectMany((line, i) => WordsOf(file)
                .Where(word => Regex.IsMatch(line, word.Pattern) && !IsException(file, line, word.Pattern))
                .Select(word => $"{file}({i + 1}): {word.Word}: {line.Trim()}"))),
        ];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Fact]
    public void Every_exception_is_needed()
    {
        string[] files = [.. Files()];
        Assert.All(Exceptions, one => Assert.Contains(
            files.Where(file => file.StartsWith(one.Path, StringComparison.Ordinal)),
            file => File.ReadLines(Repository.Path(file)).Any(line =>
                WordsOf(file).Any(word => Excepts(one.Pattern, line, word.Pattern)))));
    }

    private static (string Word, string Pattern)[] WordsOf(string file) =>
        Trains.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)) ? [.. NotUsed, ("step: iteration", Step)] : NotUsed;

    private static bool IsException(string file, string line, string word) => Exceptions.Any(one =>
        file.StartsWith(one.Path, StringComparison.Ordinal) && Excepts(one.Pattern, line, word));

    private static bool Excepts(string pattern, string line, string word) =>
        Regex.Match(line, word) is { Success: true } found && Regex.IsMatch(found.Value, pattern);

    private static IEnumerable<string> Files() =>
        ((string[])["README.md", "CONTRIBUTING.md", "SECURITY.md", "quickstart.cs", "release.cs"]).Concat(
            ((string[])["src", "docs", "samples", "templates", "benchmarks"])
                .SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*", SearchOption.AllDirectories))
                .Where(static file => Path.GetExtension(file) is ".cs" or ".md" or ".html" or ".js" or ".css" or ".json"
                    && !file.EndsWith(".g.cs", StringComparison.Ordinal))
                .Select(static file => Path.GetRelativePath(Repository.Path(), file).Replace('\\', '/'))
                .Where(static file => !file.Split('/').Any(static part => part is "bin" or "obj")));
}
