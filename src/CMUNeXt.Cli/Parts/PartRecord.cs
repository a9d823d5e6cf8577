using System.Text.Json;
using System.Text.Json.Serialization;
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

    /// <summary>The cases that failed.</summary>
    [JsonIgnore]
    public int Failures => Cases.Count(static one => !one.IsDone);

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

    /// <summary>Joins the records of all parts.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="count">The number of parts.</param>
    /// <param name="ended">
    /// The part at whose end it is done: a record of another job than its own is of a part that is still to come. Null for none.
    /// </param>
    /// <param name="missing">The parts that have left none, or whose files have changed since.</param>
    /// <returns>One record with all cases; null where a part is missing, or another has joined them meanwhile.</returns>
    /// <exception cref="BadFileException">A record is damaged, or the parts are not of one job.</exception>
    public static PartRecord? Join(string folder, int count, WorkPart? ended, out IReadOnlyList<int> missing)
    {
        string? job = ended is null ? null : Read(folder, ended)?.Job;
        if (ended is not null && job is null)
        {
            missing = [];
            return null;
        }

        (WorkPart Part, PartRecord? Record)[] read =
        [
            .. WorkPart.AllOf(count).Select(part =>
                (part, Read(folder, part) is { } record && (ended is null || record.Job == job) ? record : null)),
        ];
        missing = [.. read.Where(static one => one.Record is null).Select(static one => one.Part.Number)];
        if (missing.Count == 0)
        {
            missing = [.. read.Where(static one => one.Record!.HasChanged).Select(static one => one.Part.Number)];
        }

        if (missing.Count > 0)
        {
            return null;
        }

        PartRecord first = read[0].Record!;
        SortedDictionary<int, IReadOnlyList<CaseRecord>> all = [];
        foreach ((WorkPart part, PartRecord? record) in read)
        {
            if ((record!.Job, record.Total) != (first.Job, first.Total))
            {
                throw new BadFileException(
                    In(folder).PathOf(part), "is of a job of other options or images than part 1; start the parts that differ again");
            }

            foreach ((int place, IReadOnlyList<CaseRecord> found) in record.Found)
            {
                all[place] = found;
            }
        }

        return all.Count == first.Total && all.Keys.Last() == all.Count - 1
            ? first with { Found = all }
            : throw new BadFileException(folder, "the parts do not hold all images; start them again");
    }

    // Files that are not there may lie where only the machines of the parts see them, and copies on each of these have other times.
    private bool HasChanged => Files.Any(static file => LengthOf(file.Key) is >= 0 and long now && now != file.Value);

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : -1;

    private static PartRecord? Read(string folder, WorkPart part)
    {
        string path = In(folder).PathOf(part);
        try
        {
            return SharedFile.ReadText(path) is { } json ? JsonSerializer.Deserialize<PartRecord>(json, Options) : null;
        }
        catch (JsonException e)
        {
            throw new BadFileException(path, "is not the record of a part; remove it and start the part again", e);
        }
    }
}

/// <summary>What was found of a case.</summary>
/// <param name="Row">Its row of the summary, with the line's end.</param>
/// <param name="Figure">What the gallery shows of it; null where it failed.</param>
/// <param name="HasLesions">Whether lesions were found in it.</param>
internal sealed record CaseRecord(string Row, string? Figure, bool HasLesions)
{
    /// <summary>Whether it did not fail.</summary>
    [JsonIgnore]
    public bool IsDone => Figure is not null;
}
