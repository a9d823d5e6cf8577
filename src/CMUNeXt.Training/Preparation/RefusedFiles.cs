using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>The files that a data set lacks since its preparation refused them, as its <c>prepare.json</c> says.</summary>
public static class RefusedFiles
{
    /// <summary>Says how many there are, and where they are named.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <returns>One sentence; null where there are none, or no report says so.</returns>
    /// <exception cref="BadFileException">The report is damaged.</exception>
    public static string? Describe(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        int count = ProblemsOf(folder).Select(static problem => problem.File).Distinct(StringComparer.Ordinal).Count();
        return count == 0 ? null
            : $"{(count == 1 ? "1 file was" : $"{count} files were")} refused when {folder} was prepared; see {KeptReport.PathIn(folder)}";
    }

    /// <summary>Why they were refused.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <exception cref="BadFileException">The report is damaged.</exception>
    internal static IEnumerable<PreparationFinding> ProblemsOf(string folder)
    {
        IReadOnlyList<PreparationFinding>? problems = KeptReport.Read<IReadOnlyList<PreparationFinding>>(
            folder, "problems", static field => field.Deserialize(PreparationJson.Default.IReadOnlyListPreparationFinding));
        return problems?.OfType<PreparationFinding>() ?? [];
    }
}
