using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Files;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// What a part of an evaluation found so far: a hidden file in the output folder, whose first line is the job and to which each judged case
/// adds a line. A part that was killed goes on after its last whole line.
/// </summary>
internal sealed class EvaluationJournal : IDisposable
{
    private readonly StreamWriter lines;

    private EvaluationJournal(IReadOnlyList<JudgedCase> kept, StreamWriter lines)
    {
        Kept = kept;
        this.lines = lines;
    }

    /// <summary>How lines are written: with all digits, and with what is undefined.</summary>
    public static JsonSerializerOptions Json { get; } = new(RunJson.Options)
    {
        WriteIndented = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The cases that were judged before.</summary>
    public IReadOnlyList<JudgedCase> Kept { get; }

    /// <summary>Opens the journal of a part, and keeps what an earlier start of the same job judged of the same files.</summary>
    /// <param name="path">The file.</param>
    /// <param name="job">The job.</param>
    /// <param name="filesOf">The SHA-256 of the files of the part's cases, by place.</param>
    public static EvaluationJournal Open(string path, EvaluationJob job, IReadOnlyDictionary<int, string> filesOf)
    {
        string head = job.ToLine();
        string folder = Path.GetDirectoryName(path)!;
        (string Head, IReadOnlyList<JudgedCase> Judged)? earlier = Read(path);
        JudgedCase[] kept = earlier?.Head != head ? [] :
        [
            .. earlier.Value.Judged.Where(one =>
                one.Failure is null && filesOf.GetValueOrDefault(one.Place) == one.Files && one.HasOverlay(folder, job)),
        ];
        AtomicFile.WriteText(path, string.Concat(kept.Select(Line).Prepend(head).Select(static line => line + "\n")));
        return new EvaluationJournal(kept, SharedFile.OpenAppend(path));
    }

    /// <summary>Adds a case.</summary>
    public void Add(JudgedCase judged) => lines.Write(Line(judged) + "\n");

    /// <inheritdoc/>
    public void Dispose() => lines.Dispose();

    /// <summary>Reads a journal; null where there is none.</summary>
    /// <returns>The line of its job, and the cases that it holds.</returns>
    /// <exception cref="BadFileException">The file is something else.</exception>
    public static (string Head, IReadOnlyList<JudgedCase> Judged)? Read(string path)
    {
        // What follows the last line end is being written, or was when the part was killed.
        string[]? lines = SharedFile.ReadText(path)?.Split('\n')[..^1];
        return lines is null or [] ? null :
            (lines[0], [.. lines.Skip(1).Select(line => Parse(path, () => JsonSerializer.Deserialize<JudgedCase>(line, Json)))]);
    }

    /// <summary>Reads the line of a job.</summary>
    /// <exception cref="BadFileException">It is none.</exception>
    public static EvaluationJob ReadJob(string path, string head) =>
        Parse(path, () => JsonSerializer.Deserialize(head, EvaluationJson.Line.EvaluationJob));

    private static string Line(JudgedCase judged) => JsonSerializer.Serialize(judged, Json);

    private static T Parse<T>(string path, Func<T?> read)
        where T : class
    {
        try
        {
            return read() ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new BadFileException(
                path, $"is not the record of a part ({e.Message.Split('\n')[0]}); remove it and start the part again", e);
        }
    }
}
