using System.Text.RegularExpressions;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Documents;

/// <summary>
/// One word for one thing, in code, messages, help and documents: the words that are not used, and where one has to stand.
/// </summary>
public sealed class GlossaryTests
{
    private static readonly (string Word, string Pattern)[] NotUsed =
    [
        ("picture: image", @"\bpictures?\b|_pictures?\b"),
        ("truth: reference", @"\btruths?\b|Truth"),
        ("false alarm: false positive", @"false.?alarm"),
        ("honest: metrics", @"\bhonest"),
        ("original definition: as published", "original definition|OriginalMetrics"),
        ("deviation: standard deviation", @"(?<!standard |Standard\w*)\bdeviations?\b"),
        ("way back: backward", "way back"),
        ("bring near: prefetch", "(bring|brought)s? near"),
        ("make anew: recompute", "ma(k|d)e anew|hidden channels made again"),
        ("channels innermost: channels-last", "channels? innermost"),
        ("set of masks: reference", "set of masks"),
        ("how sure: confidence", "how sure|so sure"),
        ("--rate: --learning-rate", "--rate"),
        ("British spelling", @"optimis|normalis|recognis|summaris|quantis|colour|neighbour|honour|millimetre|\bcentre|licence"),
    ];

    // A file, or a folder and the word's reason to stand there.
    private static readonly (string Path, string Pattern, string Reason)[] Exceptions =
    [
        ("docs/notebook/results", "", "results of earlier versions, as these wrote them"),
        ("docs/notebook/recipes.md", "", "the record of trainings by earlier versions"),
        ("docs/reference/model-cards", "", "made by the script that ships weights, from those weights"),
        ("src/CMUNeXt.Training/Json/EarlierNames.cs", "", "names of earlier versions, which are read"),
        ("src/CMUNeXt.Cli/Verbs/EarlierOptions.cs", "", "options of earlier versions, which are taken"),
        ("src/CMUNeXt/Networks/LayerOrderJsonConverter.cs", "normalis", "a value of earlier versions, which is read"),
        ("src/CMUNeXt/Weights/WeightsMetadataDocument.cs", "deviation|licence", "fields of earlier versions, which are read"),
        ("src/CMUNeXt.Training/Runs/Checkpoint.cs", "optimis", "the name of tensors in checkpoints that exist"),
        ("src/CMUNeXt/Networks/NetworkCatalog.cs", "optimis", "the same"),
        ("src/CMUNeXt.Cli/Benchmark/FormulaWeights.cs", "picture", "the seed of images by formula: another name gives other images"),
    ];

    [Fact]
    public void No_word_stands_where_the_glossary_has_another()
    {
        string[] found =
        [
            .. Files().SelectMany(file => File.ReadLines(Repository.Path(file)).SelectMany((line, i) => NotUsed
                .Where(word => Regex.IsMatch(line, word.Pattern) && !IsException(file, line, word.Pattern))
                .Select(word => $"{file}({i + 1}): {word.Word}: {line.Trim()}"))),
        ];
        Assert.Empty(found);
    }

    [Fact]
    public void Every_exception_is_needed() => Assert.All(
        Exceptions.Where(one => one.Pattern.Length > 0 && File.Exists(Repository.Path(one.Path))),
        one => Assert.Matches(one.Pattern, File.ReadAllText(Repository.Path(one.Path))));

    private static bool IsException(string file, string line, string word) => Exceptions.Any(one =>
        file.StartsWith(one.Path, StringComparison.Ordinal)
        && (one.Pattern.Length == 0 || Regex.IsMatch(Regex.Match(line, word).Value, one.Pattern)));

    private static IEnumerable<string> Files() =>
        ((string[])["README.md", "quickstart.cs"]).Concat(
            ((string[])["src", "docs", "samples"])
                .SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*", SearchOption.AllDirectories))
                .Where(static file => Path.GetExtension(file) is ".cs" or ".md" or ".html" or ".js" or ".css" or ".json"
                    && !file.EndsWith(".g.cs", StringComparison.Ordinal))
                .Select(static file => Path.GetRelativePath(Repository.Path(), file).Replace('\\', '/'))
                .Where(static file => !file.Split('/').Any(static part => part is "bin" or "obj")));
}
