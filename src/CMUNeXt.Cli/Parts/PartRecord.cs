using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Parts;

/// <summary>
/// What a part of a job found of its cases: a hidden file in the output folder, from which the summary is made when all parts are there.
/// </summary>
/// <param name="Job">What all parts of a job have in common: the SHA-256 of its settings and files.</param>
/// <param name="Total">The number of files of all parts.</param>
/// <param name="Files">The files of its own cases, each with its length before the first was read; -1 where it was not there.</param>
/// <param name="Found">The cases of each file, by its place among those of all parts, from 0.</param>
internal sealed record PartRecord(
    string Job, int Total, IReadOnlyDictionary<string, long> Files, SortedDictionary<int, IReadOnlyList<CaseRecord>> Found)
    : IPartRecord
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The cases, in order.</summary>
    [JsonIgnore]
    public IReadOnlyList<CaseRecord> Cases => [.. Found.Values.SelectMany(static file => file)];

    /// <summary>The cases that did not fail.</summary>
    [JsonIgnore]
    public int Done => Cases.Count(static one => one.IsDone);

    /// <summary>The cases that failed, or of which something could not be written.</summary>
    [JsonIgnore]
    public int Failures => Cases.Count(static one => !one.IsDone || one.HasProblem);

    /// <summary>The cases with lesions.</summary>
    [JsonIgnore]
    public int WithLesions => Cases.Count(static one => one.HasLesions);

    /// <summary>Writes the record of a part.</summary>
    public void Write(string folder, WorkPart part) =>
        AtomicFile.WriteText(In(folder).PathOf(part), JsonSerializer.Serialize(this, Options) + "\n");

    /// <summary>The records of a folder.</summary>
    public static PartRecords In(string folder) => new(folder, "prediction");

    /// <summary>The lengths of files, by their full paths.</summary>
    public static IReadOnlyDictionary<string, long> LengthsOf(IEnumerable<string> paths) =>
        paths.Select(static path => Path.GetFullPath(path)).Distinct().ToDictionary(static path => path, LengthOf);

    /// <summary>Reads the record of a part; null where there is none.</summary>
    /// <exception cref="BadFileException">It is damaged.</exception>
    public static PartRecord? Read(string folder, WorkPart part)
    {
        string path = In(folder).PathOf(part);
        try
        {
            return SharedFile.ReadText(path) is not { } json ? null
                : JsonSerializer.Deserialize<PartRecord>(json, Options) is { } record && record.IsSound() ? record
                : throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new BadFileException(path, "is not the record of a part; remove it and start the part again", e);
        }
    }

    // What is null within a collection is not seen where it is read.
    private bool IsSound() => Total > 0 && Found.All(file =>
        file.Key >= 0 && file.Key < Total && file.Value is [_, ..] && file.Value.All(static one => one?.Row is not null));

    /// <summary>One record with the cases of all parts.</summary>
    /// <exception cref="BadFileException">They do not hold all images.</exception>
    public static PartRecord Of(string folder, IReadOnlyList<PartRecord> parts)
    {
        SortedDictionary<int, IReadOnlyList<CaseRecord>> all = [];
        foreach ((int place, IReadOnlyList<CaseRecord> found) in parts.SelectMany(static part => part.Found))
        {
            all[place] = found;
        }

        return parts.All(part => part.Total == all.Count)
            ? parts[0] with { Found = all }
            : throw new BadFileException(folder, "the parts do not hold all images; start them again");
    }

    /// <inheritdoc/>
    public bool IsWhole() => true;

    /// <inheritdoc/>
    /// <remarks>
    /// Files that are not there may lie where only the machines of the parts see them, and copies on each of these have other times.
    /// </remarks>
    public bool HasChanged() => Files.Any(static file => LengthOf(file.Key) is >= 0 and long now && now != file.Value);

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : -1;
}

/// <summary>What was found of a case.</summary>
/// <param name="Row">Its row of the summary, with the line's end.</param>
/// <param name="Figure">What the gallery shows of it, also of a failure; null where it was not come to.</param>
/// <param name="HasLesions">Whether lesions were found in it.</param>
/// <param name="HasProblem">Whether it failed, or something of it could not be written.</param>
internal sealed record CaseRecord(string Row, string? Figure, bool HasLesions, bool HasProblem)
{
    /// <summary>Whether it did not fail.</summary>
    [JsonIgnore]
    public bool IsDone => Figure is not null && !Gallery.IsFailure(Figure);
}
