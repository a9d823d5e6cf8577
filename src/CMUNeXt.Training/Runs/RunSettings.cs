using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Runs;

/// <summary>All that a run depends on: <c>config.json</c> in its folder.</summary>
public sealed record RunSettings
{
    // A weight file is one array of bytes.
    private const int MostParameters = int.MaxValue / sizeof(float);

    /// <summary>The version of the program that began the run.</summary>
    public required string Version { get; init; }

    /// <summary>The network.</summary>
    public required NetworkDescription Network { get; init; }

    /// <summary>How images become its input.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The settings of the training.</summary>
    public required TrainingProtocol Protocol { get; init; }

    /// <summary>The prepared data set's folder; its name alone in <c>config.json</c>, which goes from machine to machine.</summary>
    public required string Data { get; init; }

    /// <summary>The names of the data set's classes; null where they have none.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The cases to train on.</summary>
    public required IReadOnlyList<string> Train { get; init; }

    /// <summary>
    /// The lists that <see cref="Train"/> was put together from, in its order, with their shares of an epoch; null where all its cases are
    /// drawn alike.
    /// </summary>
    public IReadOnlyList<ListShare>? Shares { get; init; }

    /// <summary>The cases to validate on after each epoch.</summary>
    public required IReadOnlyList<string> Validation { get; init; }

    /// <summary>The name of the backend that trains.</summary>
    public required string Backend { get; init; }

    /// <summary>The device that it trains on.</summary>
    public required string Device { get; init; }

    /// <summary>The number of threads; with most backends, equal results to the last bit need the same.</summary>
    public required int Threads { get; init; }

    /// <summary>What chooses the best epoch: what the protocol asks for, or else what suits the cases.</summary>
    public SelectionKind Selection { get; init; }

    /// <summary>The name of the weight file that the run started from; null where it started from the seed.</summary>
    public string? InitialWeights { get; init; }

    /// <summary>The SHA-256 of that file.</summary>
    public string? InitialWeightsSha256 { get; init; }

    /// <summary>The weight files of the networks that it learns from beside the masks; null where there are none.</summary>
    public IReadOnlyList<TeacherFile>? Teachers { get; init; }

    /// <summary>What was changed on purpose since the run began, in words; null where nothing was.</summary>
    public IReadOnlyList<string>? Changes { get; init; }

    /// <summary>
    /// What makes another run of this than of other settings: everything but the program's version, what it computes with, the folder in
    /// which the cases lie, and what follows from these and the cases.
    /// </summary>
    /// <param name="other">The other settings.</param>
    /// <returns>A phrase for each difference, such as "protocol.epochs is 300 and not 40"; none where there is none.</returns>
    public IReadOnlyList<string> DifferencesFrom(RunSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        List<string> differences = [];
        Compare("", Comparable(this), Comparable(other), differences);
        return differences;
    }

    /// <summary>Says what is wrong with the settings, as far as they alone show it.</summary>
    /// <returns>One sentence, or null where all is well.</returns>
    public string? FindFault()
    {
        if (Protocol.FindFault() is { } fault)
        {
            return fault;
        }

        try
        {
            Network.Configuration?.Validate();
            Protocol.ToTrainableSettings().CheckFor(Network);
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }

        int channels = Preprocessing.Channels;
        return Network.Channels != channels
            ? $"the preprocessing gives {channels} channels, and the network takes {Network.Channels}; the order gray gives 1, all others 3"
            : Preprocessing.Mean.Count != channels || Preprocessing.StandardDeviation.Count != channels
                ? "the preprocessing needs a mean and a standard deviation for each channel"
            : Preprocessing.Width != Protocol.Width || Preprocessing.Height != Protocol.Height
                ? $"the preprocessing's size, {Preprocessing.Width} x {Preprocessing.Height}, is not the protocol's, "
                    + $"{Protocol.Width} x {Protocol.Height}"
            : NetworkCatalog.SizeOf(Network.Name).FindFault(Protocol.Width, Protocol.Height) is { } size ? $"{Network.Name}: {size}"
            : Network.Outputs < 1 ? "the network must have at least 1 output"
            : Network.Configuration?.Layers(channels, Network.Outputs).Sum(static layer => layer.Parameters) is { } parameters
                && parameters > MostParameters
                ? $"the network would have {parameters} parameters, and a weight file holds at most {MostParameters}; "
                    + "take fewer channels or blocks, or smaller kernels"
            : Train.Count == 0 || Validation.Count == 0 ? "there must be cases to train and to validate on"
            : Shares?.All(static one => one.Cases > 0 && one.Share is > 0 and <= ListShare.Most) == false
                ? $"the shares of training lists must be above 0, at most {ListShare.Most}"
            : Shares is { } shares && shares.Sum(static one => (long)one.Cases) != Train.Count
                ? "the training lists with shares must hold all cases to train on"
            : Shares?.Select(static one => one.Share / one.Cases).ToArray() is { } rates && rates.Max() > ListShare.MostTimes * rates.Min()
                ? $"the shares of training lists are too far apart: an epoch would draw each case of one list more than "
                    + $"{ListShare.MostTimes} times, and those of another once"
            : Backend.Length == 0 ? "there must be a backend that trains"
            : Threads < 1 ? "the number of threads must be at least 1"
            : null;
    }

    /// <summary>The same without where files lie on this machine: their names alone.</summary>
    internal RunSettings WithoutPlaces() => this with
    {
        Data = Path.GetFileName(Path.TrimEndingDirectorySeparator(Data)),
        Teachers = Teachers is null ? null : [.. Teachers.Select(static file => file with { Path = Path.GetFileName(file.Path) })],
    };

    /// <summary>What <see cref="DifferencesFrom"/> compares.</summary>
    internal string ToComparableJson() => Comparable(this)!.ToJsonString();

    private static JsonNode? Comparable(RunSettings settings) => JsonSerializer.SerializeToNode(
        settings.WithoutPlaces() with
        {
            Version = "",
            Data = "",
            Teachers = settings.Teachers is null ? null : [.. settings.Teachers.Select(static file => file with { Path = "" })],
            Classes = null,
            Backend = "",
            Device = "",
            Threads = 0,
            Selection = default,
            Changes = null,
        },
        RunJson.Options);

    private static void Compare(string name, JsonNode? mine, JsonNode? others, List<string> differences)
    {
        if (mine is JsonObject || others is JsonObject)
        {
            JsonObject left = mine as JsonObject ?? [];
            JsonObject right = others as JsonObject ?? [];
            foreach (string key in left.Select(field => field.Key).Union(right.Select(field => field.Key)))
            {
                Compare(name.Length == 0 ? key : $"{name}.{key}", left[key], right[key], differences);
            }
        }
        else if (!JsonNode.DeepEquals(mine, others))
        {
            differences.Add(mine is JsonArray || others is JsonArray
                ? $"{name} is another list"
                : $"{name} is {mine?.ToString() ?? "none"} and not {others?.ToString() ?? "none"}");
        }
    }
}

/// <summary>A weight file that a run learns from.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">The SHA-256 of its content.</param>
public sealed record TeacherFile(string Path, string Sha256);
