using System.Text.RegularExpressions;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>Divides a whole data set and writes the lists: <c>train.txt</c> and <c>val.txt</c>, or <c>fold1_train.txt</c>, ...</summary>
public static partial class SplitLists
{
    /// <summary>Reads the images, finds what must stay together, divides, and writes.</summary>
    /// <param name="data">The data set; all its cases are divided.</param>
    /// <param name="options">How to divide.</param>
    /// <param name="progress">Told the number of images compared so far, from several threads.</param>
    /// <param name="cancellation">Stops the reading; then no list is written.</param>
    /// <returns>The lists in the order of writing: for each split first the one to train on.</returns>
    /// <exception cref="BadFileException">
    /// A list exists and is not to be overwritten, a case lacks its mask, an image or mask is broken, a name does not match the pattern, or
    /// there are fewer groups than parts.
    /// </exception>
    /// <exception cref="IOException">A list could not be written.</exception>
    public static IReadOnlyList<WrittenList> Write(
        DataSet data, SplitOptions options, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        string[] paths = [.. ListNames(options.Folds).Select(name => Path.Combine(data.Folder, name))];
        string[] standing = [.. FindLists(data.Folder, options.Folds is not null)];
        if (!options.Overwrite && standing is [var existing, ..])
        {
            throw new BadFileException(existing, "it exists; give --overwrite to replace all lists of its kind");
        }

        OwnFiles own = OwnFiles.In(data.Folder);
        foreach (string list in standing)
        {
            own.Check(Path.GetFileName(list));
        }

        IReadOnlyList<Case> cases = data.Resolve(data.Cases.Select(c => c.Name), data.Folder);
        IReadOnlyList<IReadOnlyList<string>> groups = CaseGroups.Find(cases, options.GroupBy, options.NearCopies, progress, cancellation);
        int parts = options.Folds ?? 2;
        if (groups.Count < parts)
        {
            throw new BadFileException(
                data.Folder,
                $"cases: {cases.Count}, groups of them that stay together: {groups.Count}; too few to divide into {parts} parts");
        }

        IReadOnlyDictionary<string, string> strata = Strata.Of(cases, cancellation);
        IReadOnlyList<Split> splits = options.Folds is { } folds
            ? Split.Folds(groups, folds, options.Seed, strata)
            : [Split.HoldOut(groups, options.ValidationFraction, options.Seed, strata)];
        IEnumerable<IReadOnlyList<string>> sides = splits.SelectMany(s => new[] { s.Train, s.Validation });
        WrittenList[] lists = [.. sides.Zip(paths, (names, path) => new WrittenList(path, names))];

        // Lists of two partitions beside each other would overlap, so all of the old one go before the first of the new one comes.
        own.Remove(standing.Select(list => Path.GetFileName(list)));
        own.Claim(lists.Select(list => Path.GetFileName(list.Path)));
        foreach (WrittenList list in lists)
        {
            CaseList.Write(list.Path, list.Names);
        }

        return lists;
    }

    // The lists of one kind that stand there, also those of more folds than are asked for now.
    private static IEnumerable<string> FindLists(string folder, bool folds) =>
        Directory.EnumerateFiles(folder).Where(path => (folds ? FoldList() : HoldOutList()).IsMatch(Path.GetFileName(path)))
            .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^fold\d+_(train|val)\.txt$", RegexOptions.CultureInvariant)]
    private static partial Regex FoldList();

    [GeneratedRegex(@"^(train|val)\.txt$", RegexOptions.CultureInvariant)]
    private static partial Regex HoldOutList();

    private static IEnumerable<string> ListNames(int? folds) => folds is null
        ? ["train.txt", "val.txt"]
        : Enumerable.Range(1, folds.Value).SelectMany(f => new[] { $"fold{f}_train.txt", $"fold{f}_val.txt" });
}

/// <summary>A list that was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Names">Its cases.</param>
public sealed record WrittenList(string Path, IReadOnlyList<string> Names);
