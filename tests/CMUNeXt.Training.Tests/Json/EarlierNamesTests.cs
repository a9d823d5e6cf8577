using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Tests.Evaluation;

namespace CMUNeXt.Training.Tests.Json;

public sealed class EarlierNamesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_summary_of_an_earlier_version_is_read()
    {
        MetricsAsPublished published = MetricsAsPublished.Of([9, 9], [1, 0], 1, null);
        string today = Results.Summarize(
            Results.Info(),
            [
                Results.Drawn("a", "11", "1.") with { AsPublished = published },
                Results.Drawn("b", "..", "1.") with { AsPublished = published },
            ]).ToJson();
        string earlier = today
            .Replace("\"metrics\": {\n      \"classes\"", "\"honest\": {\n      \"classes\"", StringComparison.Ordinal)
            .Replace("\"as_published\"", "\"original\"", StringComparison.Ordinal)
            .Replace("\"std\"", "\"deviation\"", StringComparison.Ordinal)
            .Replace("\"false_positive\"", "\"false_alarm\"", StringComparison.Ordinal)
            .Replace("\"empty_reference\"", "\"empty_truth\"", StringComparison.Ordinal)
            .Replace("\"found_fraction\"", "\"marked_fraction\"", StringComparison.Ordinal)
            .Replace("\"found_area\"", "\"marked_area\"", StringComparison.Ordinal);
        Assert.Contains("\"honest\"", earlier, StringComparison.Ordinal);
        folder.WriteText(EvaluationReport.SummaryFile, earlier);
        Assert.Equal(today, EvaluationReport.Read(folder.Path)!.ToJson());
    }

    [Theory]
    [InlineData("""{ "protocol": { "optimizer": "adam-w" } }""")]
    [InlineData("""{ "protocol": { "optimiser": "adam-w" } }""")]
    [InlineData("""{ "protocol": { "optimizer": "adamw" } }""")]
    public void A_recipe_of_an_earlier_version_is_read(string json)
    {
        folder.WriteText("earlier.json", json);
        TrainingRecipe recipe = TrainingRecipe.Load(folder["earlier.json"]);
        Assert.Equal(OptimizerKind.AdamW, recipe.ProtocolFor(NetworkCatalog.Describe("cmunext-s")).Optimizer);
    }

    [Fact]
    public void A_file_with_both_names_is_refused_by_the_earlier_one()
    {
        folder.WriteText("both.json", """{ "protocol": { "rate": 0.1, "learning_rate": 0.2 } }""");
        BadFileException e = Assert.Throws<BadFileException>(() => TrainingRecipe.Load(folder["both.json"]));
        Assert.Contains("'rate'", e.Message, StringComparison.Ordinal);
    }
}
