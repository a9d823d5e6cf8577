using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Files;
using CMUNeXt.Training.Json;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// Writes the results of an evaluation: <c>summary.json</c> for programs, <c>cases.csv</c> and <c>lesions.csv</c> for tables, and
/// <c>report.html</c>, one file that shows them to people and needs nothing else.
/// </summary>
public static class EvaluationReport
{
    /// <summary>The name of the summary.</summary>
    public const string SummaryFile = "summary.json";

    /// <summary>The name of the table of cases.</summary>
    public const string CasesFile = "cases.csv";

    /// <summary>The name of the table of lesions, which is there where a network found some.</summary>
    public const string LesionsFile = "lesions.csv";

    /// <summary>The name of the page.</summary>
    public const string ReportFile = "report.html";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Files { get; } = [SummaryFile, CasesFile, LesionsFile, ReportFile];

    /// <summary>Writes the files; files of these names are replaced.</summary>
    /// <param name="folder">The folder; it is made where it is not there.</param>
    /// <param name="info">What was evaluated.</param>
    /// <param name="cases">At least one, each with the metrics of every class named in <paramref name="info"/>.</param>
    /// <param name="overlayPng">
    /// Gives the image of a case, by its name, with reference and prediction drawn into it, as the content of a PNG file; asked for the
    /// few cases that are shown.
    /// </param>
    /// <param name="grouping">What belongs together.</param>
    /// <returns>The summary that was written.</returns>
    /// <exception cref="ArgumentException">There is no case, or a case has another number of classes.</exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    internal static EvaluationSummary Write(
        string folder, EvaluationInfo info, IReadOnlyList<CaseResult> cases, Func<string, byte[]> overlayPng, CaseGrouping grouping)
    {
        EvaluationSummary summary = EvaluationSummary.Of(info, cases, grouping);
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, CasesFile), CaseTable.Csv(info, cases, grouping));
        string lesions = Path.Combine(folder, LesionsFile);
        if (cases.Any(static c => c.Lesions.Count > 0))
        {
            AtomicFile.WriteText(lesions, LesionTable.Csv(info, cases));
        }
        else
        {
            // Of another evaluation.
            File.Delete(lesions);
        }

        AtomicFile.WriteText(Path.Combine(folder, ReportFile), ReportPage.Html(summary, cases, overlayPng));

        // The last: whoever finds it takes the evaluation for complete.
        AtomicFile.WriteText(Path.Combine(folder, SummaryFile), summary.ToJson());
        return summary;
    }

    /// <summary>Reads the summary of an evaluation that was written before; null where there is none.</summary>
    /// <param name="folder">The folder that it was written to.</param>
    /// <exception cref="BadFileException">The file is not what is written.</exception>
    public static EvaluationSummary? Read(string folder)
    {
        string path = Path.Combine(folder, SummaryFile);
        try
        {
            return File.Exists(path)
                ? EarlierNames.Renamed(JsonNode.Parse(File.ReadAllBytes(path))).Deserialize(EvaluationJson.Readable.EvaluationSummary)
                : null;
        }
        catch (JsonException e)
        {
            throw new BadFileException(
                path, $"is not what an evaluation writes ({JsonFault.Of(e)}); remove it and evaluate again", e);
        }
    }
}
