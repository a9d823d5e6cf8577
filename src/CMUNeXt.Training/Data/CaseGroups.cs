using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>
/// Puts together the cases that must stay on one side of a split: those whose images are identical or near copies, and those of one
/// patient.
/// </summary>
internal static class CaseGroups
{
    /// <summary>Finds the groups.</summary>
    /// <param name="cases">The cases; their images are read.</param>
    /// <param name="key">Cases with the same text are one group; null groups by the images alone.</param>
    /// <param name="nearCopies">Whether near copies (<see cref="NearCopies"/>) are one group; identical images always are.</param>
    /// <param name="progress">Told the number of images compared so far, from several threads.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>Every case name once; the groups and the names in each are ordered (ordinal), whatever the order of the cases.</returns>
    /// <exception cref="BadFileException">An image is missing or broken, or the key does not have all cases.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Find(
        IReadOnlyList<Case> cases,
        CaseKey? key = null,
        bool nearCopies = true,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        string[] names = [.. cases.Select(c => c.Name)];
        string[]? patients = key is null ? null : [.. key.UnitsOf(names)];
        (string[] prints, IReadOnlyList<NearCopy> copies) = nearCopies
            ? NearCopies.FindWithPrints(cases, progress, cancellation)
            : (ImageFingerprint.OfAll(cases, progress, cancellation), []);
        return Join(names, patients is null ? [prints] : [prints, patients], copies);
    }

    /// <summary>Finds the groups where the images are read already; near copies are one group.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="images">Their images, in the order of the cases.</param>
    /// <param name="key">Cases with the same text are one group; null groups by the images alone.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="BadFileException">The key does not have all cases.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Find(
        IReadOnlyList<Case> cases, IReadOnlyList<ComparedImage> images, CaseKey? key, CancellationToken cancellation)
    {
        string[] names = [.. cases.Select(static c => c.Name)];
        string[] prints = [.. images.Select(static image => image.Print)];
        return Join(
            names, key is null ? [prints] : [prints, [.. key.UnitsOf(names)]], NearCopies.Find(names, images, null, cancellation));
    }

    /// <summary>The names of all groups that one of some cases belongs to.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="groups">All groups.</param>
    public static HashSet<string> With(HashSet<string> cases, IReadOnlyList<IReadOnlyList<string>> groups) =>
        groups.Where(group => group.Any(cases.Contains)).SelectMany(group => group).ToHashSet(StringComparer.Ordinal);

    /// <summary>Joins names that share a key in any of several rows of keys or are near copies, and, in turn, what those share.</summary>
    internal static IReadOnlyList<IReadOnlyList<string>> Join(
        string[] names, IReadOnlyList<string[]> keys, IReadOnlyList<NearCopy>? copies = null)
    {
        int[] parents = [.. Enumerable.Range(0, names.Length)];
        Dictionary<string, int> places = Enumerable.Range(0, names.Length).ToDictionary(i => names[i], StringComparer.Ordinal);
        foreach (NearCopy copy in copies ?? [])
        {
            parents[Root(places[copy.First])] = Root(places[copy.Second]);
        }

        foreach (string[] row in keys)
        {
            Dictionary<string, int> first = new(StringComparer.Ordinal);
            for (int i = 0; i < names.Length; i++)
            {
                if (!first.TryAdd(row[i], i))
                {
                    parents[Root(i)] = Root(first[row[i]]);
                }
            }
        }

        return
        [
            .. Enumerable.Range(0, names.Length)
                .GroupBy(Root, i => names[i])
                .Select(IReadOnlyList<string> (group) => [.. group.Order(StringComparer.Ordinal)])
                .OrderBy(group => group[0], StringComparer.Ordinal),
        ];

        int Root(int i)
        {
            while (parents[i] != i)
            {
                parents[i] = parents[parents[i]];
                i = parents[i];
            }

            return i;
        }
    }
}
