using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Studies;

namespace CMUNeXt.Training.Tests.Studies;

/// <summary>What is wrong with a plan is said before anything is divided or trained.</summary>
public sealed class StudyPlanTests : IDisposable
{
    private static readonly string Data = Repository.Path("tests", "CMUNeXt.Training.Tests", "Sessions", "EarlierRun", "data");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{ "data": "x", "arms": { "a": {} } }""", "either \"folds\" or \"lists\"")]
    [InlineData("""{ "data": "x", "folds": 1, "arms": { "a": {} } }""", "at least 2 folds")]
    [InlineData("""{ "data": "x", "folds": 2, "arms": {} }""", "at least one arm")]
    [InlineData("""{ "data": "x", "folds": 2, "arms": { "../a": {} } }""", "letters, digits")]
    [InlineData("""{ "data": "x", "folds": 2, "seeds": [1, 1], "arms": { "a": {} } }""", "each once")]
    [InlineData("""{ "data": "x", "folds": 2, "by": "patient", "arms": { "a": {} } }""", "a column of the table")]
    [InlineData("""{ "data": "x", "folds": 2, "group_by": "(", "arms": { "a": {} } }""", "no regular expression")]
    [InlineData("""{ "data": "x", "folds": 2, "fold": 3, "arms": { "a": {} } }""", "is no plan of a study: there is no field 'fold'")]
    [InlineData("""{ "data": "x", "folds": 2, "arms": { "a": { "protocol": { "epoch": 3 } } }, "model": "cmunext-s" }""", "epoch")]
    [InlineData("""{ "data": "x", "folds": 2, "arms": { "a": { "recipe": "published" } } }""", "no network that is known for the arm 'a'")]
    [InlineData("""{ "data": "x", "folds": 2, "arms": { "a": { "model": 5 } }, "model": "unet" }""", "no network that is known")]
    [InlineData("""{ "data": "x", "folds": 2, "arms": { "a": { "protocol": { "seed": 3 } } } }""", "the arm 'a' has a \"seed\"")]
    [InlineData("""{ "data": "x", "lists": [null], "arms": { "a": {} } }""", "each of \"lists\" is a pair")]
    [InlineData("""{ "data": "x", "folds": 2, "groups": "g", "subgroups": [null], "arms": { "a": {} } }""", "each of \"subgroups\"")]
    [InlineData("""[]""", "no plan of a study: it holds no object")]
    [InlineData("""{ "folds": 2, "arms": {} }""", "it lacks 'data'")]
    [InlineData("not json\n", "is no plan of a study: 'not' is neither a text in double quotes nor a number")]
    [InlineData("{\n \"seeds\": [1,\n  2,\n ]\n}\n", "is no plan of a study: there is a comma too many at the end of the array (line 4)")]
    public void A_plan_that_cannot_be_followed_is_refused_in_one_line(string plan, string expected)
    {
        folder.WriteText("plan.json", plan);
        string message = Refusal(() => Study.Open(folder["plan.json"], folder["study"]));
        Assert.StartsWith(folder["plan.json"], message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("", """ "model": "cmunext", """, "cmunext")]
    [InlineData(""" "model": "cmunext-l", """, """ "model": "cmunext", """, "cmunext")]
    [InlineData(""" "model": "cmunext-l", """, "", "cmunext-s")]
    public void The_network_of_an_arm_is_its_own_model_else_that_of_its_recipe(string ofPlan, string ofArm, string expected)
    {
        folder.WriteText("run/config.json", """{ "network": { "name": "cmunext-s" } }""");
        folder.WriteText("plan.json", $$"""
            { "data": "x", "folds": 2, {{ofPlan}} "arms": { "a": { {{ofArm}} "recipe": "run/config.json" } } }
            """);
        string path = folder["plan.json"];
        (_, NetworkDescription network) = StudyPlan.Load(path).ReadArm(path, "a");
        Assert.Equal(expected, network.Name);
    }

    [Theory]
    [InlineData("sites", "has no column 'sites'")]
    [InlineData("site", "no column names all cases")]
    public void A_table_of_subgroups_that_lacks_a_column_or_a_case_is_refused_before_anything_is_divided(string column, string expected)
    {
        IEnumerable<string> cases = Directory.EnumerateFiles(Path.Combine(Data, "images")).Select(Path.GetFileNameWithoutExtension)!;
        folder.WriteText("info.csv", "image,site\n" + string.Concat(cases.Skip(1).Select(static name => $"{name},a\n")));
        folder.WriteText("plan.json", $$"""
            { "data": "{{Data.Replace("\\", "/", StringComparison.Ordinal)}}", "folds": 2, "groups": "info.csv",
              "subgroups": ["{{column}}"], "model": "cmunext-s", "arms": { "a": { "recipe": "published" } } }
            """);
        string study = Path.Combine(folder.Path, "study");
        Assert.Contains(expected, Refusal(() => Study.Open(folder["plan.json"], study)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(study));
    }

    [Fact]
    public void A_plan_that_is_missing_is_said_to_be() => Assert.Equal(
        $"{folder["none.json"]}: there is no such file",
        Assert.Throws<FileNotFoundException>(() => StudyPlan.Load(folder["none.json"])).Message);

    private static string Refusal(Action action) => Assert.Throws<BadFileException>(action).Message;
}
