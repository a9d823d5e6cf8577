using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Json;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Training.Studies;

/// <summary>Which weights of a run a study judges.</summary>
internal enum StudyWeights
{
    /// <summary>
    /// Those of the last epoch, their average where the recipe keeps one: chosen by nobody, unless a patience ends the training.
    /// </summary>
    Last,

    /// <summary>Those of the best epoch. The fold that they are judged on has chosen it, which flatters them.</summary>
    Best,
}

/// <summary>
/// A study in one file: a data set in folds, each trained with several seeds by several recipes. Paths are relative to the file.
/// </summary>
internal sealed partial record StudyPlan
{
    private const string ModelField = "model";

    private static readonly JsonSerializerOptions Strict =
        new(RunJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>The prepared data set's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The number of folds, at least 2; null where <see cref="Lists"/> are given.</summary>
    public int? Folds { get; init; }

    /// <summary>
    /// Lists that exist, one pair for each fold; looked for beside the plan and then under <see cref="Data"/>. Null divides into <see
    /// cref="Folds"/>.
    /// </summary>
    public IReadOnlyList<StudyLists>? Lists { get; init; }

    /// <summary>The seed of the division.</summary>
    public long SplitSeed { get; init; } = 41;

    /// <summary>A table with a row for each case.</summary>
    public string? Groups { get; init; }

    /// <summary>The column of <see cref="Groups"/> that names the patient, who stays on one side, and is the unit of intervals.</summary>
    public string? By { get; init; }

    /// <summary>Instead of <see cref="By"/>: a regular expression that finds the patient in a case's name.</summary>
    public string? GroupBy { get; init; }

    /// <summary>Columns of <see cref="Groups"/> that the results are summarized by.</summary>
    public IReadOnlyList<string> Subgroups { get; init; } = [];

    /// <summary>The network's name; an arm may name another, or have one in its recipe.</summary>
    public string? Model { get; init; }

    /// <summary>The seeds, each once.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [41];

    /// <summary>Which weights are judged.</summary>
    public StudyWeights Weights { get; init; } = StudyWeights.Last;

    /// <summary>Whether all is judged a second time with flips of the images.</summary>
    public bool Flips { get; init; }

    /// <summary>
    /// By name what is trained: a recipe (<see cref="TrainingRecipe"/>), usually one that names another and says what it changes, and
    /// perhaps a
    /// <c>model</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, JsonObject> Arms { get; init; }

    // Where the plan stands.
    private string Folder { get; init; } = "";

    /// <summary>What names the patient; null where every case is one.</summary>
    internal CaseKey? Unit => By is not null ? CaseKey.ByColumn(Groups!, By)
        : GroupBy is not null ? CaseKey.ByName(new Regex(GroupBy, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
        : null;

    /// <summary>What the results are summarized by.</summary>
    internal IReadOnlyList<CaseKey> SubgroupKeys => [.. Subgroups.Select(column => CaseKey.ByColumn(Groups!, column))];

    /// <summary>Reads a plan.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">The file is no plan, or one that cannot be followed.</exception>
    public static StudyPlan Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new BadFileException(path, "this is a folder: name the plan in it");
        }

        try
        {
            StudyPlan plan = JsonSerializer.Deserialize<StudyPlan>(InputFile.Open(path, File.ReadAllText), Strict)
                ?? throw new JsonException("it holds null");
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            plan = plan with
            {
                Folder = folder,
                Data = Path.Combine(folder, plan.Data),
                Groups = plan.Groups is { } table ? Path.Combine(folder, table) : null,
            };
            return plan.FindFault() is { } fault ? throw new BadFileException(path, $"is no plan of a study: {fault}") : plan;
        }
        catch (JsonException e)
        {
            throw new BadFileException(path, $"is no plan of a study: {JsonFault.Of(e)}", e);
        }
        catch (ArgumentException e)
        {
            throw new BadFileException(path, $"the plan cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads one of <see cref="Lists"/>.</summary>
    /// <exception cref="BadFileException">It is not there, or is no list.</exception>
    internal CaseList ReadList(string list)
    {
        string beside = Path.Combine(Folder, list);
        string inData = Path.Combine(Data, list);
        return File.Exists(beside) ? CaseList.Read(beside)
            : File.Exists(inData) ? CaseList.Read(inData)
            : throw new BadFileException(beside, $"there is no such list, neither beside the plan nor under {Data}");
    }

    /// <summary>The recipe of an arm, and its network.</summary>
    /// <param name="path">The plan's file, which the recipe's file is relative to.</param>
    /// <param name="arm">The name of the arm.</param>
    /// <exception cref="BadFileException">It is no recipe, or names no network.</exception>
    internal (TrainingRecipe Recipe, NetworkDescription Network) ReadArm(string path, string arm)
    {
        JsonObject fields = (JsonObject)Arms[arm].DeepClone();
        _ = fields.Remove(ModelField, out JsonNode? own);
        string? model = own is null ? Model : own.GetValueKind() == JsonValueKind.String ? own.GetValue<string>() : null;
        TrainingRecipe recipe = TrainingRecipe.Parse(path, fields);
        NetworkDescription network = recipe.Network is { } stated && own is null ? stated
            : model is not null && NetworkCatalog.Names.Contains(model) ? NetworkCatalog.Describe(model)
            : throw new BadFileException(path,
                $"names no network that is known for the arm '{arm}': \"model\" is one of {string.Join(", ", NetworkCatalog.Names)}");
        return (recipe, network);
    }

    private string? FindFault() =>
        (Folds is null) == (Lists is null) ? "it has either \"folds\" or \"lists\""
        : Folds < 2 || Lists?.Count < 1 ? "there are at least 2 folds, or 1 pair of lists"
        : Lists?.Any(static pair => pair is null) == true ? "each of \"lists\" is a pair of \"train\" and \"val\""
        : By is not null && Groups is null ? "\"by\" names a column of the table \"groups\""
        : By is not null && GroupBy is not null ? "\"by\" and \"group_by\" exclude each other"
        : Subgroups.Count > 0 && Groups is null ? "\"subgroups\" are columns of the table \"groups\""
        : Subgroups.Any(static column => column is null) ? "each of \"subgroups\" is the name of a column"
        : GroupBy is not null && !IsPattern(GroupBy) ? "\"group_by\" is no regular expression"
        : Seeds.Count == 0 || Seeds.Distinct().Count() < Seeds.Count ? "there is at least one seed, and each once"
        : Arms.Count == 0 || Arms.Any(static arm => arm.Value is null) ? "there is at least one arm, a recipe each"
        : Arms.Keys.FirstOrDefault(name => !ArmName().IsMatch(name)) is { } odd
            ? $"an arm's name has 1 to 60 letters, digits, - and _, not '{PrintableText.Of(odd)}'"
        : Arms.FirstOrDefault(static arm => arm.Value["protocol"] is JsonObject own && own.ContainsKey("seed")) is { Key: { } seeded }
            ? $"the arm '{seeded}' has a \"seed\": the plan's \"seeds\" are those of every arm"
        : null;

    private static bool IsPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,60}\z")]
    private static partial Regex ArmName();
}

/// <summary>The lists of a fold.</summary>
/// <param name="Train">The cases to train on.</param>
/// <param name="Val">The cases that are judged.</param>
internal sealed record StudyLists(string Train, string Val);
