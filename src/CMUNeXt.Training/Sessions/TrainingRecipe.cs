using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Training.Json;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>
/// Settings of a training in a file that can be copied and changed: the fields <c>protocol</c>, <c>preprocessing</c> and <c>network</c> of
/// a run's <c>config.json</c>, each of which may be left out, as may each setting in <c>protocol</c>, which is then the published one. A
/// <c>config.json</c> is a recipe itself; what else it holds (cases, backend, threads) belongs to its run and is passed over. A recipe may
/// name another one, <c>"recipe": "ultrasound"</c>, and then holds what it changes of it.
/// </summary>
public sealed class TrainingRecipe
{
    /// <summary>The name of the published protocol.</summary>
    public const string Published = "published";

    private const string BaseField = "recipe";
    private const int DeepestBase = 8;
    private const string Folder = "recipes/";
    private const string Ending = ".json";

    private static readonly JsonSerializerOptions Strict = new(RunJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly TrainingProtocol protocol;

    private TrainingRecipe(string path, JsonObject fields)
    {
        try
        {
            string[] known = [.. typeof(RunSettings).GetProperties().Select(field => Strict.PropertyNamingPolicy!.ConvertName(field.Name))];
            if (fields.Select(static field => field.Key).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            {
                throw new JsonException($"there is no field '{unknown}'");
            }

            protocol = fields["protocol"].Deserialize<TrainingProtocol>(Strict) ?? new TrainingProtocol();
            Network = fields["network"].Deserialize<NetworkDescription>(Strict);
            Preprocessing = fields["preprocessing"].Deserialize<Preprocessing>(Strict);
            bool isSizeOfInput = StatesSize(fields, "preprocessing");
            Size = StatesSize(fields, "protocol") ? (protocol.Width, protocol.Height)
                : isSizeOfInput ? (Preprocessing!.Width, Preprocessing.Height)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BadFileException(path, $"is not a recipe: {JsonFault.Of(e)}", e);
        }

        if (protocol.FindFault() is { } fault)
        {
            throw new BadFileException(path, $"is not a recipe that can be trained by: {fault}");
        }
    }

    /// <summary>The recipes that come with this library.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Resources.GetManifestResourceNames()
            .Where(static name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(static name => name[Folder.Length..^Ending.Length]),
    ];

    /// <summary>The network; null where the recipe leaves it open.</summary>
    public NetworkDescription? Network { get; }

    /// <summary>How an image becomes the network's input; null where the recipe leaves it open.</summary>
    public Preprocessing? Preprocessing { get; }

    /// <summary>The width and height of the network's input in pixels; null where the recipe leaves them open.</summary>
    public (int Width, int Height)? Size { get; }

    private static Assembly Resources => typeof(TrainingRecipe).Assembly;

    /// <summary>Loads a recipe.</summary>
    /// <param name="source">One of <see cref="Names"/>, or a file.</param>
    /// <exception cref="BadFileException">There is no such recipe, or it holds what no recipe has.</exception>
    public static TrainingRecipe Load(string source)
    {
        GivenPath.Check(source);
        return new TrainingRecipe(source, Read(source, DeepestBase));
    }

    /// <summary>Reads a recipe that stands in another file.</summary>
    /// <param name="path">The file, for messages; a recipe that the fields name is looked for in its folder.</param>
    /// <param name="fields">The fields.</param>
    /// <exception cref="BadFileException">They hold what no recipe has, or name one that there is not.</exception>
    internal static TrainingRecipe Parse(string path, JsonObject fields) => new(path, WithBase(path, fields, DeepestBase));

    private static JsonObject Read(string source, int deepest)
    {
        if (Names.Contains(source))
        {
            using StreamReader reader = new(Resources.GetManifestResourceStream($"{Folder}{source}{Ending}")!);
            return (JsonObject)JsonNode.Parse(reader.ReadToEnd())!;
        }

        if (!File.Exists(source))
        {
            throw new BadFileException(source, $"there is no such file, and no recipe of this name; there are {string.Join(", ", Names)}");
        }

        try
        {
            return WithBase(source, RunJson.ParseNode(File.ReadAllText(source)) as JsonObject
                ?? throw new JsonException("it holds no object"), deepest);
        }
        catch (JsonException e)
        {
            throw new BadFileException(source, $"is not a recipe: {JsonFault.Of(e)}", e);
        }
    }

    // What the fields leave out is as the recipe that they name has it.
    private static JsonObject WithBase(string path, JsonObject fields, int deepest)
    {
        JsonObject changes = (JsonObject)EarlierNames.Renamed(fields)!;
        if (!changes.Remove(BaseField, out JsonNode? named))
        {
            return changes;
        }

        if (named?.GetValueKind() != JsonValueKind.String || deepest == 0)
        {
            throw new BadFileException(path,
                $"is not a recipe: '{BaseField}' names another recipe or its file, which names no more than {DeepestBase} others in turn");
        }

        string name = named.GetValue<string>();
        JsonObject settings = Read(Names.Contains(name) ? name : Path.Combine(Path.GetDirectoryName(path) ?? "", name), deepest - 1);
        Merge(settings, changes);
        return settings;
    }

    private static bool StatesSize(JsonObject fields, string name)
    {
        bool width = fields[name] is JsonObject stated && stated.ContainsKey("width");
        bool height = fields[name] is JsonObject other && other.ContainsKey("height");
        return width == height
            ? width
            : throw new JsonException($"'{name}' states {(width ? "a width without a height" : "a height without a width")}");
    }

    private static void Merge(JsonObject settings, JsonObject changes)
    {
        foreach ((string key, JsonNode? value) in changes)
        {
            if (settings[key] is JsonObject inner && value is JsonObject changed)
            {
                Merge(inner, changed);
            }
            else
            {
                settings[key] = value?.DeepClone();
            }
        }
    }

    /// <summary>
    /// The settings for a network: where the recipe states no size, at that of the weights that a training starts from, else at its own.
    /// </summary>
    /// <param name="network">The network that is trained.</param>
    /// <param name="weights">The weights that a training starts from; null for none.</param>
    public TrainingProtocol ProtocolFor(NetworkDescription network, LoadedWeights? weights = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        (int width, int height) = Size ?? SizeFor(network, weights);
        return protocol with { Width = width, Height = height };
    }

    /// <summary>The size that a training goes on at where nothing states one: that of its weights, else the network's own.</summary>
    internal static (int Width, int Height) SizeFor(NetworkDescription network, LoadedWeights? weights)
    {
        InputSize size = NetworkCatalog.SizeOf(network.Name);
        return weights?.Metadata?.Preprocessing is { } input
            ? (size.RoundUp(input.Width), size.RoundUp(input.Height))
            : (size.Default, size.Default);
    }
}
