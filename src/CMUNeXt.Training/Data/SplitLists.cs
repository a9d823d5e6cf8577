using System.Globalization;
using System.Text.RegularExpressions;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>
/// Divides a whole data set and writes the lists: <c>train.txt</c> and <c>val.txt</c>, or <c>fold1_train.txt</c>, ..., and <c>test.txt</c>
/// where one is asked for.
/// </summary>
public static partial class SplitLists
{
    private const string TestList = "test.txt";

    /// <summary>Reads the images, finds what must stay together, divides, and writes.</summary>
    /// <param name="data">The data set; all its cases are divided.</param>
    /// <param name="options">How to divide.</param>
    /// <param name="progress">Told the number of images compared so far, from several threads.</param>
    /// <param name="cancellation">Stops the reading; then no list is written.</param>
    /// <returns>The lists in the order of writing: for each split first the one to train on; the test list last.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A fraction or the number of folds is out of its range.</exception>
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
        Check(options);
        using FolderLock held = FolderLock.Take(data.Folder);
        string[] standing = [.. FindLists(data.Folder, options)];
        if (!options.Overwrite && standing is [var existing, ..])
        {
            string[] others = [.. standing[1..].Select(list => Path.GetFileName(list))];
            throw new BadFileException(
                existing,
                "it exists; give --overwrite to replace it" + (others.Length == 0 ? "" : $", and with it {ShortList.Of(others)}"));
        }

        OwnFiles own = OwnFiles.In(data.Folder);
        foreach (string list in standing)
        {
            own.Check(Path.GetFileName(list));
        }

        (IReadOnlyList<Split> splits, IReadOnlyList<string> test) = Divide(data, options, progress, cancellation);
        IEnumerable<IReadOnlyList<string>> sides = splits.SelectMany(s => new[] { s.Train, s.Validation }).Append(test);
        WrittenList[] lists =
            [.. sides.Zip(ListNames(options), (names, list) => new WrittenList(Path.Combine(data.Folder, list), names))];

        // Lists of two partitions beside each other would overlap, so all of the old one go before the first of the new one comes.
        own.Remove(standing.Select(list => Path.GetFileName(list)));
        own.Claim(lists.Select(list => Path.GetFileName(list.Path)));
        foreach (WrittenList list in lists)
        {
            CaseList.Write(list.Path, list.Names);
        }

        return lists;
    }

    /// <summary>Reads the images, finds what must stay together, and divides.</summary>
    /// <returns>The splits, one or one a fold, and the cases that test; none where no list of them is asked for.</returns>
    /// <exception cref="BadFileException">
    /// A case lacks its mask, an image or mask is broken, the key of groups does not have all cases, or there are fewer groups than parts.
    /// </exception>
    internal static (IReadOnlyList<Split> Splits, IReadOnlyList<string> Test) Divide(
        DataSet data, SplitOptions options, IProgress<int>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<Case> cases = data.Resolve(data.Cases.Select(c => c.Name), data.Folder);
        IReadOnlyList<IReadOnlyList<string>> groups = CaseGroups.Find(cases, options.GroupBy, options.NearCopies, progress, cancellation);
        long parts = (options.Folds ?? 2L) + (options.TestFraction > 0 ? 1 : 0);
        if (groups.Count < parts)
        {
            throw new BadFileException(
                data.Folder,
                $"cases: {cases.Count}, groups of them that stay together: {groups.Count}; too few to divide into {parts} parts");
        }

        IReadOnlyDictionary<string, string> strata = Strata.Of(cases, cancellation);
        IReadOnlyList<string> test = options.TestFraction > 0
            ? Split.HoldOut(groups, options.TestFraction, options.Seed, strata).Validation : [];
        IReadOnlyList<string>[] others = [.. groups.ExceptBy(test, group => group[0], StringComparer.Ordinal)];
        if (others.Length < (options.Folds ?? 2))
        {
            throw new BadFileException(
                data.Folder,
                $"groups of cases that stay together: {groups.Count}; the test list takes {groups.Count - others.Length} of them, "
                    + "and too few are left for the other lists; give a smaller --test-fraction");
        }

        return (
            options.Folds is { } folds
                ? Split.Folds(others, folds, options.Seed, strata)
                : [Split.HoldOut(others, Part(options.ValidationFraction, cases.Count, cases.Count - test.Count), options.Seed, strata)],
            test);
    }

    // A part of all cases as one of those that are left, of which it may not be all.
    private static double Part(double fraction, int all, int left) => Math.Min(fraction * all, left - 1) / left;

    /// <summary>The name of the list that a fold trains on.</summary>
    /// <param name="fold">From 1.</param>
    internal static string TrainName(int fold) => string.Create(CultureInfo.InvariantCulture, $"fold{fold}_train.txt");

    /// <summary>The name of the list that a fold is judged on.</summary>
    /// <param name="fold">From 1.</param>
    internal static string ValidationName(int fold) => string.Create(CultureInfo.InvariantCulture, $"fold{fold}_val.txt");

    // Before images are read.
    private static void Check(SplitOptions options)
    {
        if (options.TestFraction is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.TestFraction, "The part that tests is at least 0 and below 1.");
        }

        if (options.Folds is { } folds)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2, nameof(options));
        }
        else if (!(options.ValidationFraction > 0 && options.ValidationFraction + options.TestFraction < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.ValidationFraction, "The part that validates is above 0, and below 1 with the one that tests.");
        }
    }

    // The lists of one kind that stand there, also those of more folds than are asked for now. What tests is in no other list, so
    // a test list that stands there or is to come belongs to the lists of both kinds.
    private static IEnumerable<string> FindLists(string folder, SplitOptions options)
    {
        bool tests = options.TestFraction > 0 || File.Exists(Path.Combine(folder, TestList));
        Regex kind = tests ? AnyList() : options.Folds is null ? HoldOutList() : FoldList();
        return Directory.EnumerateFiles(folder).Where(path => kind.IsMatch(Path.GetFileName(path))).Order(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^fold\d+_(train|val)\.txt\z", RegexOptions.CultureInvariant)]
    private static partial Regex FoldList();

    [GeneratedRegex(@"^(train|val)\.txt\z", RegexOptions.CultureInvariant)]
    private static partial Regex HoldOutList();

    [GeneratedRegex(@"^((fold\d+_)?(train|val)|test)\.txt\z", RegexOptions.CultureInvariant)]
    private static partial Regex AnyList();

    private static IEnumerable<string> ListNames(SplitOptions options) =>
    [
        .. options.Folds is { } folds ? Enumerable.Range(1, folds).SelectMany(f => new[] { TrainName(f), ValidationName(f) })
            : ["train.txt", "val.txt"],
        .. options.TestFraction > 0 ? [TestList] : Array.Empty<string>(),
    ];
}

/// <summary>A list that was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Names">Its cases.</param>
public sealed record WrittenList(string Path, IReadOnlyList<string> Names);
