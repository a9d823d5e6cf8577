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

    /// <summary>
    /// Joins what all parts found, where all are there, and removes their records. Where a case failed, the records stay, so that its part
    /// is all that has to be started again. One process alone joins them.
    /// </summary>
    /// <typeparam name="T">The record of a part.</typeparam>
    /// <param name="count">The number of parts.</param>
    /// <param name="ended">
    /// The part at whose end it is done: a record of another job than its own is of a part that is still to come. Null for none.
    /// </param>
    /// <param name="read">Reads the record of a part; null where there is none.</param>
    /// <param name="conclude">
    /// Writes what all records hold, in the order of the parts; gives the number of cases that failed. The files are claimed of those that
    /// this program wrote into the folder.
    /// </param>
    /// <param name="missing">
    /// The parts that are not done yet, or whose files have changed since. None, and nothing is joined, where another process keeps the
    /// folder, or has joined the records.
    /// </param>
    /// <exception cref="BadFileException">A record is damaged, or the parts are not of one job.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Join<T>(
        int count, WorkPart? ended, Func<WorkPart, T?> read, Func<IReadOnlyList<T>, OwnFiles, int> conclude, out IReadOnlyList<int> missing)
        where T : class, IPartRecord
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(conclude);
        missing = [];
        using FolderLock? held = FolderLock.TryTake(folder, LongestWait);
        if (held is null || Collect(count, ended, read, out missing) is not { } all)
        {
            return;
        }

        OwnFiles own = OwnFiles.In(folder);
        int failures = conclude(all, own);
        own.JoinLists();
        if (failures == 0)
        {
            Remove();
        }
    }

    private List<T>? Collect<T>(int count, WorkPart? ended, Func<WorkPart, T?> read, out IReadOnlyList<int> missing)
        where T : class, IPartRecord
    {
        missing = [];
        string? job = ended is null ? null : read(ended)?.Job;
        if (ended is not null && job is null)
        {
            // Another part has joined them meanwhile.
            return null;
        }

        WorkPart? first = ended;
        List<int> notDone = [];
        List<T> all = [];
        foreach (WorkPart part in WorkPart.AllOf(count))
        {
            T? record = read(part);
            if (record is null || (ended is not null && record.Job != job))
            {
                notDone.Add(part.Number);
                continue;
            }

            job ??= record.Job;
            first ??= part;
            if (record.Job != job)
            {
                throw new BadFileException(
                    PathOf(part),
                    $"is of a job of other options, weights or images than part {first.Number}; start the parts that differ again");
            }

            all.Add(record);
            if (!record.IsWhole())
            {
                notDone.Add(part.Number);
            }
        }

        if (notDone.Count == 0)
        {
            notDone.AddRange(Enumerable.Range(1, count).Where(number => all[number - 1].HasChanged()));
        }

        missing = notDone;
        return notDone.Count == 0 ? all : null;
    }

    private IEnumerable<(string Path, int Count)> Find() => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, $".cmunext-{kind}-*.json")
            .Select(static path => (Path: path, Name: FileName().Match(Path.GetFileName(path))))
            .Where(static one => one.Name.Success)
            .Select(static one => (one.Path, int.Parse(one.Name.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"-\d{1,6}-of-(\d{1,6})\.json\z")]
    private static partial Regex FileName();
}

/// <summary>What one part of a job left in the folder.</summary>
public interface IPartRecord
{
    /// <summary>What all parts of one job have in common, and no other job has.</summary>
    string Job { get; }

    /// <summary>Whether it holds all cases of its part.</summary>
    bool IsWhole();

    /// <summary>Whether the files of its cases are others now.</summary>
    bool HasChanged();
}
