using System.Text;
using System.Text.Json;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Evaluation;

/// <summary>What all parts of an evaluation have in common.</summary>
/// <param name="Rules">The number of the rules that cases are judged by: <see cref="CurrentRules"/>, or an earlier one.</param>
/// <param name="Settings">What the cases are judged by, beside <paramref name="Info"/>, as a text that is compared.</param>
/// <param name="Info">What is evaluated.</param>
/// <param name="Cases">The names of all cases, in order.</param>
/// <param name="Grouping">What belongs together.</param>
internal sealed record EvaluationJob(
    int Rules, string Settings, EvaluationInfo Info, IReadOnlyList<string> Cases, CaseGrouping Grouping)
{
    /// <summary>Raised where files are counted otherwise, so that what an earlier version judged does not count with them.</summary>
    public const int CurrentRules = 4;

    private const string Overlays = "overlays/";

    // Of the cases that a note is about.
    private const int Named = 20;

    // The SHA-256 of the job that the tables beside it are of.
    private const string JobFile = ".cmunext-evaluation.sha256";

    /// <summary>The names of what <see cref="Conclude"/> writes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. EvaluationReport.Files, JobFile];

    /// <summary>Whether tables in a folder are of this job, not of another.</summary>
    public bool HasTables(string folder) => SharedFile.ReadText(Path.Combine(folder, JobFile)) == Hash();

    /// <summary>Writes tables, report and summary of the judged cases, and removes what an earlier evaluation left of others.</summary>
    /// <param name="folder">The folder, with the overlays.</param>
    /// <param name="own">What this program wrote there; the files of a report are claimed.</param>
    /// <param name="judged">All cases, in order.</param>
    /// <returns>The summary, and why cases were left out, in one line each.</returns>
    /// <exception cref="BadFileException">No case could be judged, or somebody's file stands where one is to be written.</exception>
    public (EvaluationSummary Summary, IReadOnlyList<string> Failures) Conclude(
        string folder, OwnFiles own, IReadOnlyList<JudgedCase> judged)
    {
        CaseResult[] results = [.. judged.Select(static one => one.Result).OfType<CaseResult>()];
        string[] failures = [.. judged.Select(static one => one.Failure).OfType<string>()];
        string[] uncertain = [.. results.Where(static one => one.IsUncertain).Select(static one => one.Name)];
        string[] seen = [.. judged.Where(static one => one.WasSeen).Select(one => Cases[one.Place])];
        if (results.Length == 0)
        {
            throw new BadFileException(Info.List, "none of its cases could be judged");
        }

        own.Claim(Files);
        IEnumerable<string> overlays = judged.Where(static one => one.Result is not null).Select(one => OverlayName(Cases[one.Place]));
        own.Remove(own.Names.Where(static name => name.StartsWith(Overlays, StringComparison.Ordinal)).Except(overlays));
        EvaluationInfo noted = Info with
        {
            Rules = Rules,
            Notes =
            [
                .. Info.Notes,
                .. seen.Length == 0 ? Array.Empty<string>()
                    : [$"{seen.Length} of {Cases.Count} cases are known to these weights, from training or from the choice of their epoch: "
                        + ShortList.Of(seen, Named)],
                .. uncertain.Length == 0 ? Array.Empty<string>()
                    : [$"{uncertain.Length} of {Cases.Count} cases have no lesion but ignored pixels, and count neither as healthy nor as "
                        + $"with a lesion: {ShortList.Of(uncertain, Named)}"],
                .. failures.Length == 0 ? Array.Empty<string>()
                    : [$"{failures.Length} of {Cases.Count} cases could not be judged and are left out: "
                        + ShortList.Of(failures, Named, "; ")],
            ],
        };
        EvaluationSummary summary = EvaluationReport.Write(
            folder, noted, results, name => File.ReadAllBytes(Path.Combine(folder, OverlayName(name))), Grouping);
        AtomicFile.WriteText(Path.Combine(folder, JobFile), Hash());
        return (summary, failures);
    }

    /// <summary>The overlay of a case, below the folder.</summary>
    public static string OverlayName(string name) => $"{Overlays}{name}.png";

    /// <summary>The job as one line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, EvaluationJson.Line.EvaluationJob);

    private string Hash() => Sha256.Of(Encoding.UTF8.GetBytes(ToLine()));
}
