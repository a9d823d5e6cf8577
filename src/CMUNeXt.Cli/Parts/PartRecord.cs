using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Parts;

/// <summary>
/// What a part of a job found of its cases: a hidden file in the output folder, from which the summary is made when all parts are there.
/// </summary>
/// <param name="Job">What all parts of a job have in common: the SHA-256 of its settings and cases.</param>
/// <param name="Cases">The cases of all parts.</param>
/// <param name="Found">By the place of a case among all, from 0.</param>
internal sealed partial record PartRecord(string Job, int Cases, SortedDictionary<int, CaseRecord> Found)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Writes the record of a part.</summary>
    public void Write(string folder, WorkPart part) =>
        AtomicFile.WriteText(PathOf(folder, part), JsonSerializer.Serialize(this, Options) + "\n");

    /// <summary>How many parts have left a record; null where none has.</summary>
    /// <exception cref="BadFileException">The records are of jobs of different numbers of parts.</exception>
    public static int? FindCount(string folder)
    {
        int[] counts = !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateFiles(folder, ".cmunext-part-*.json")
                .Select(static path => FileName().Match(Path.GetFileName(path)))
                .Where(static name => name.Success)
                .Select(static name => int.Parse(name.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Distinct(),
        ];
        return counts.Length > 1
            ? throw new BadFileException(
                folder, $"holds parts of {counts[0]} and of {counts[1]}; remove the .cmunext-part files of one job")
            : counts.Length == 1 ? counts[0] : null;
    }

    /// <summary>Joins the records of all parts.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="count">The number of parts.</param>
    /// <param name="missing">The parts that have left none.</param>
    /// <returns>One record with all cases; null where a part is missing.</returns>
    /// <exception cref="BadFileException">A record is damaged, or the parts are not of one job.</exception>
    public static PartRecord? Join(string folder, int count, out IReadOnlyList<int> missing)
    {
        WorkPart[] parts = [.. Enumerable.Range(1, count).Select(number => new WorkPart(number, count))];
        (WorkPart Part, PartRecord? Record)[] read = [.. parts.Select(part => (part, Read(folder, part)))];
        missing = [.. read.Where(static one => one.Record is null).Select(static one => one.Part.Number)];
        if (missing.Count > 0)
        {
            return null;
        }

        PartRecord first = read[0].Record!;
        SortedDictionary<int, CaseRecord> all = [];
        foreach ((WorkPart part, PartRecord? record) in read)
        {
            if ((record!.Job, record.Cases) != (first.Job, first.Cases))
            {
                throw new BadFileException(
                    PathOf(folder, part), "is of a job of other options or images than part 1; start the parts that differ again");
            }

            foreach ((int place, CaseRecord found) in record.Found)
            {
                all[place] = found;
            }
        }

        return all.Count == first.Cases && all.Keys.Last() == all.Count - 1
            ? first with { Found = all }
            : throw new BadFileException(folder, "the parts do not hold all images; start them again");
    }

    /// <summary>Removes the records of a job.</summary>
    public static void Remove(string folder, int count)
    {
        foreach (int number in Enumerable.Range(1, count))
        {
            File.Delete(PathOf(folder, new WorkPart(number, count)));
        }
    }

    private static PartRecord? Read(string folder, WorkPart part)
    {
        string path = PathOf(folder, part);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<PartRecord>(File.ReadAllText(path), Options) : null;
        }
        catch (JsonException e)
        {
            throw new BadFileException(path, "is not the record of a part; remove it and start the part again", e);
        }
    }

    private static string PathOf(string folder, WorkPart part) => Path.Combine(folder, $".cmunext-part-{part.Name}.json");

    [GeneratedRegex(@"^\.cmunext-part-\d{1,6}-of-(\d{1,6})\.json$")]
    private static partial Regex FileName();
}

/// <summary>What was found of a case.</summary>
/// <param name="Row">Its row of the summary, with the line's end.</param>
/// <param name="IsDone">Whether it did not fail.</param>
/// <param name="HasLesions">Whether lesions were found in it.</param>
internal sealed record CaseRecord(string Row, bool IsDone, bool HasLesions);
