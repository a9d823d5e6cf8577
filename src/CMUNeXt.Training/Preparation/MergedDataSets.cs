using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>
/// Puts several prepared data sets into one, so that one training sees them all. The names of the cases stay as they are.
/// </summary>
public static class MergedDataSets
{
    /// <summary>Copies the images and masks of all sources, and writes <c>normal.txt</c> and <c>prepare.json</c> anew.</summary>
    /// <param name="sources">
    /// The folders of the prepared data sets, at least two; all have the same classes. One class is the same by any name, and the first
    /// name stays.
    /// </param>
    /// <param name="output">The folder of the merged one.</param>
    /// <param name="overwrite">Whether a data set that stands in <paramref name="output"/> is replaced.</param>
    /// <param name="progress">Told after each case.</param>
    /// <param name="cancellation">Stops the work; what stood in the output is then untouched.</param>
    /// <returns>The number of cases of each source.</returns>
    /// <exception cref="BadFileException">
    /// A source is no data set, a case lacks its mask, two sources hold one name or differ in their classes, or the output exists or
    /// holds a source.
    /// </exception>
    /// <exception cref="IOException">The output could not be written.</exception>
    public static IReadOnlyList<int> Write(
        IReadOnlyList<string> sources,
        string output,
        bool overwrite = false,
        IProgress<PreparationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfLessThan(sources.Count, 2);
        DataSet[] sets = [.. sources.Select(DataSet.Open)];
        Check(sets);
        Case[][] cases = [.. sets.Select(set => set.Resolve(set.Cases.Select(c => c.Name), set.Folder).ToArray())];
        using PreparedFolder folder = PreparedFolder.Begin(
            output, overwrite, sets[0].Classes,
            [.. sources, .. cases.SelectMany(set => set).SelectMany(c => c.Files)]);
        Case[] all = [.. cases.SelectMany(c => c)];
        CaseContents[] contents = CaseContents.ReadAll(all, Environment.ProcessorCount, cancellation);
        string[] empty = [.. all.Zip(contents).Where(static one => one.Second.IsHealthy).Select(static one => one.First.Name)];
        for (int i = 0; i < all.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            File.Copy(all[i].ImagePath, folder.ImagePath(all[i].Name));
            for (int c = 0; c < all[i].MaskPaths.Count; c++)
            {
                File.Copy(all[i].MaskPaths[c], folder.MaskPath(c, all[i].Name));
            }

            if (all[i].IgnorePath is { } ignored)
            {
                File.Copy(ignored, folder.IgnorePath(all[i].Name));
            }

            progress?.Report(new PreparationProgress(i + 1, all.Length));
        }

        PreparationReport report = new()
        {
            Layout = "merged",
            Images = all.Length,
            Masks = all.Sum(c => c.MaskPaths.Count),
            Cases = all.Length,
            EmptyCases = empty.Length,
            Classes = sets[0].Classes,
            ClassNames = FindNamed(sets)?.ClassNames,
            Problems = [.. sets.SelectMany((set, i) => RefusedIn(set, NameOf(sets, i)))],
            Remarks = [],
        };
        folder.Complete(report.ToJson(), empty);
        return [.. cases.Select(c => c.Length)];
    }

    // What a source lacks, the merged set lacks too. Their files may have one name.
    private static IEnumerable<PreparationFinding> RefusedIn(DataSet set, string name) =>
        RefusedFiles.ProblemsOf(set.Folder).Select(problem => problem with { File = $"{name}/{problem.File}" });

    // Of several sources of one name each has its number, in the order in which they were given.
    private static string NameOf(DataSet[] sets, int place)
    {
        string[] names = [.. sets.Select(static set => DataSet.NameOf(set.Folder))];
        int earlier = names[..place].Count(name => name == names[place]);
        return names.Count(name => name == names[place]) > 1 ? $"{names[place]} ({earlier + 1})" : names[place];
    }

    // The first that says what its classes are.
    private static DataSet? FindNamed(DataSet[] sets) => Array.Find(sets, static set => set.ClassNames is not null);

    private static void Check(DataSet[] sets)
    {
        Dictionary<string, DataSet> first = new(CanonicalText.FileComparer);
        DataSet? named = FindNamed(sets);
        foreach (DataSet set in sets)
        {
            if (set.Classes != sets[0].Classes)
            {
                throw new BadFileException(
                    set.Folder, $"it has {set.Classes} classes, {sets[0].Folder} has {sets[0].Classes}; prepare both with the same");
            }

            // Of the same number of classes, benign may be the first in one and the second in the other; one class is the same by any name.
            if (set is { Classes: > 1, ClassNames: { } names } && !names.SequenceEqual(named!.ClassNames!, StringComparer.Ordinal))
            {
                throw new BadFileException(
                    set.Folder, $"its classes are {string.Join(", ", names)}, those of {named.Folder} are "
                        + $"{string.Join(", ", named.ClassNames!)}; prepare both with the same, in the same order");
            }

            foreach (Case one in set.Cases)
            {
                if (!first.TryAdd(one.Name, set))
                {
                    throw new BadFileException(
                        set.Folder, $"its case {one.Name} has the name of one in {first[one.Name].Folder}; "
                            + "rename the files of one before preparing it");
                }
            }
        }
    }
}
