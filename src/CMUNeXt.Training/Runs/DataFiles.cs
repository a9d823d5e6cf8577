using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// The image and mask files of a run with their SHA-256, in the format of <c>sha256sum</c>: what a run that goes on learns from is what it
/// began with, or it is known what is another.
/// </summary>
public static class DataFiles
{
    /// <summary>Refuses images and masks that have changed since runs began: results of others would stand beside theirs.</summary>
    /// <param name="data">The data set's folder.</param>
    /// <param name="runs">The runs, whose results are compared.</param>
    /// <exception cref="BadFileException">A file has changed, is missing, or cannot be read.</exception>
    public static void Check(string data, IReadOnlyList<RunFolder> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0)
        {
            return;
        }

        DataSet all = DataSet.Open(data);
        (RunFolder Run, IReadOnlyList<Case> Cases)[] begun = [.. runs.Select(run => (run, CasesOf(all, run)))];
        SortedDictionary<string, string> files = Hash(data, begun.SelectMany(static one => one.Cases));
        foreach ((RunFolder run, IReadOnlyList<Case> cases) in begun)
        {
            IReadOnlyList<string> changed = Changed(run.DataFilesPath, Of(files, data, cases));
            if (changed.Count > 0)
            {
                throw new BadFileException(
                    data,
                    $"{changed.Count} of its files have changed since {Path.GetFileName(run.Path)} began: {ShortList.Of(changed)}; "
                    + "put them back, or give another --output");
            }
        }
    }

    /// <summary>Hashes the files of cases.</summary>
    /// <param name="data">The data set's folder, which the paths are relative to.</param>
    /// <param name="cases">The cases; those that stand in two lists count once.</param>
    /// <exception cref="BadFileException">A file cannot be read.</exception>
    internal static SortedDictionary<string, string> Hash(string data, IEnumerable<Case> cases)
    {
        string[] paths = [.. cases.SelectMany(static one => one.Files).Distinct(StringComparer.Ordinal)];
        string[] hashes = new string[paths.Length];
        try
        {
            Parallel.For(0, paths.Length, i => hashes[i] = Sha256.Of(File.ReadAllBytes(paths[i])));
        }
        catch (AggregateException e) when (e.InnerExceptions[0] is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(data, $"its files cannot be read: {e.InnerExceptions[0].Message}", e);
        }

        return new SortedDictionary<string, string>(
            paths.Zip(hashes).ToDictionary(pair => NameOf(data, pair.First), pair => pair.Second), StringComparer.Ordinal);
    }

    /// <summary>Those of some of the cases.</summary>
    /// <param name="files">The files of all, hashed.</param>
    /// <param name="data">The data set's folder, which the paths are relative to.</param>
    /// <param name="cases">Some of the cases.</param>
    internal static IReadOnlyDictionary<string, string> Of(
        IReadOnlyDictionary<string, string> files, string data, IEnumerable<Case> cases) =>
        cases.SelectMany(static one => one.Files).Select(path => NameOf(data, path)).Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, name => files[name], StringComparer.Ordinal);

    private static IReadOnlyList<Case> CasesOf(DataSet data, RunFolder run)
    {
        RunSettings settings = run.ReadSettings();
        return data.Resolve([.. settings.Train, .. settings.Validation], run.Path);
    }

    private static string NameOf(string data, string path) =>
        Path.GetRelativePath(data, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>Writes the list.</summary>
    internal static void Write(string path, IReadOnlyDictionary<string, string> files) =>
        AtomicFile.WriteText(path, string.Concat(files.Select(file => $"{file.Value}  {file.Key}\n")));

    /// <summary>
    /// The files that are another now than a list says, are not on it, or are on it alone, as an ignore mask that was taken away; none
    /// where there is no list, as runs of earlier versions have none.
    /// </summary>
    /// <param name="path">The list.</param>
    /// <param name="files">The files now, of the cases that the list is of.</param>
    internal static IReadOnlyList<string> Changed(string path, IReadOnlyDictionary<string, string> files)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        HashSet<string> known = new(File.ReadLines(path), CanonicalText.Comparer);
        HashSet<string> now = new(files.Keys, CanonicalText.Comparer);
        return
        [
            .. files.Where(file => !known.Contains($"{file.Value}  {file.Key}")).Select(file => file.Key),
            .. known.Select(static line => line.Split("  ", 2)[^1]).Where(name => !now.Contains(name)),
        ];
    }
}
