using System.Globalization;
using System.Text.RegularExpressions;

namespace CMUNeXt.Files;

/// <summary>
/// The hidden files in which the parts of a job leave what they found in their common folder, until one of them joins what all found.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="kind">What the job is: a word for the files' names.</param>
public sealed partial class PartRecords(string folder, string kind)
{
    // Parts that end at one moment: whoever has the folder may have looked before this part's record was there.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>The file of a part.</summary>
    public string PathOf(WorkPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return Path.Combine(folder, $".cmunext-{kind}-{part.Name}.json");
    }

    /// <summary>The number of parts of the job whose records stand there; null where none does.</summary>
    /// <exception cref="BadFileException">The records are of jobs of different numbers of parts.</exception>
    public int? FindCount()
    {
        int[] counts = [.. Find().Select(static one => one.Count).Distinct()];
        return counts.Length > 1
            ? throw new BadFileException(
                folder, $"holds parts of {counts[0]} and of {counts[1]}; remove the .cmunext-{kind} files of one job")
            : counts.Length == 1 ? counts[0] : null;
    }

    /// <summary>Removes all records, or those of jobs of other numbers of parts, whose results a job replaces.</summary>
    /// <param name="count">The number of parts whose records stay; null for none.</param>
    public void Remove(int? count = null)
    {
        foreach (string path in Find().Where(one => one.Count != count).Select(static one => one.Path).ToArray())
        {
            File.Delete(path);
        }
    }

    /// <summary>Takes the folder, so that one process alone joins what all parts found; waits a while where another has it.</summary>
    /// <returns>Null where the other still has it.</returns>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public FolderLock? TakeToJoin() => FolderLock.TryTake(folder, LongestWait);

    private IEnumerable<(string Path, int Count)> Find() => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, $".cmunext-{kind}-*.json")
            .Select(static path => (Path: path, Name: FileName().Match(Path.GetFileName(path))))
            .Where(static one => one.Name.Success)
            .Select(static one => (one.Path, int.Parse(one.Name.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"-\d{1,6}-of-(\d{1,6})\.json\z")]
    private static partial Regex FileName();
}
