using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CMUNeXt.Training.Data;

/// <summary>The two sides of a split.</summary>
/// <param name="Train">The cases to train on, ordered by name (ordinal), at least one.</param>
/// <param name="Validation">The cases to validate on, ordered by name (ordinal), at least one.</param>
internal sealed record Split(IReadOnlyList<string> Train, IReadOnlyList<string> Validation)
{
    /// <summary>
    /// Keeps a part of the cases for validation. The result depends on the seed and the names alone: groups are ordered by
    /// SHA-256 of the seed and their first name, and the earliest of them that make up the wanted number are taken: of every stratum its
    /// part, which may be nothing, a group counting to the stratum of most of its cases.
    /// </summary>
    /// <param name="groups">Cases that stay together (<see cref="CaseGroups"/>), in any order.</param>
    /// <param name="fraction">The part of the cases that validates, above 0 and below 1; met as closely as whole groups allow.</param>
    /// <param name="seed">Different seeds give different splits.</param>
    /// <param name="strata">The stratum of each case (<see cref="Strata"/>); null for one of all.</param>
    /// <exception cref="ArgumentException">There are fewer than two groups, or the fraction is out of range.</exception>
    public static Split HoldOut(
        IReadOnlyList<IReadOnlyList<string>> groups, double fraction, long seed, IReadOnlyDictionary<string, string>? strata = null)
    {
        if (fraction is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "The part that validates is above 0 and below 1.");
        }

        IReadOnlyList<string>[] ordered = InSeededOrder(groups, seed);
        CheckCount(ordered, 2);

        // A stratum that is one group cannot be divided: those that are so are divided as one, and a lone one trains.
        ILookup<bool, IReadOnlyList<string>[]> isSingle = ordered.GroupBy(group => Most(group, strata), StringComparer.Ordinal)
            .Select(static part => part.ToArray()).ToLookup(static part => part.Length == 1);
        IReadOnlyList<string>[] singles = Together(ordered, isSingle[true]);
        IReadOnlyList<string>[][] parts = [.. isSingle[false], .. singles.Length > 1 ? [singles] : Array.Empty<IReadOnlyList<string>[]>()];
        IReadOnlyList<string>[] divided = Together(ordered, parts);
        HashSet<IReadOnlyList<string>> taken = [.. OfEach(ordered, parts, fraction)];

        // Whole groups may come to nothing, or to everything.
        if (taken.Count == 0 || taken.Count == divided.Length)
        {
            int total = Count(divided);
            taken = [.. Earliest(divided, Math.Clamp(Round(fraction * total), 1, total - 1), 1, total - 1)];
        }

        return Of(ordered, i => taken.Contains(ordered[i]));
    }

    /// <summary>
    /// Divides the cases into folds, each of which validates once while all the others train. Depends on the seed and the names
    /// alone. Groups go, the largest first and then in the order of <see cref="HoldOut"/>, to the fold that has least of their strata so
    /// far, so folds without groups and strata differ by one case at most.
    /// </summary>
    /// <param name="groups">Cases that stay together (<see cref="CaseGroups"/>), in any order.</param>
    /// <param name="folds">The number of folds, at least 2 and at most the number of groups.</param>
    /// <param name="seed">Different seeds give different folds.</param>
    /// <param name="strata">The stratum of each case (<see cref="Strata"/>); null for one of all.</param>
    /// <returns>The splits, in the order of the folds.</returns>
    /// <exception cref="ArgumentException">There are fewer groups than folds, or fewer than two folds.</exception>
    public static IReadOnlyList<Split> Folds(
        IReadOnlyList<IReadOnlyList<string>> groups, int folds, long seed, IReadOnlyDictionary<string, string>? strata = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        IReadOnlyList<string>[] ordered = InSeededOrder(groups, seed);
        CheckCount(ordered, folds);
        int[] foldOf = new int[ordered.Length];
        Dictionary<string, int> totals = ordered.SelectMany(g => g).CountBy(name => Stratum(name, strata))
            .ToDictionary(StringComparer.Ordinal);
        Dictionary<string, int>[] held =
        [
            .. Enumerable.Range(0, folds).Select(_ => totals.ToDictionary(t => t.Key, _ => 0, StringComparer.Ordinal)),
        ];
        foreach (int i in Enumerable.Range(0, ordered.Length).OrderByDescending(i => ordered[i].Count))
        {
            foldOf[i] = Enumerable.Range(0, folds).MinBy(f => (Fill(f, ordered[i]), held[f].Values.Sum()));
            foreach (string name in ordered[i])
            {
                held[foldOf[i]][Stratum(name, strata)]++;
            }
        }

        return [.. Enumerable.Range(0, folds).Select(f => Of(ordered, i => foldOf[i] == f))];

        // How full a fold is with what a group brings, each stratum in proportion to how much there is of it.
        double Fill(int fold, IReadOnlyList<string> group) =>
            group.Sum(name => (double)held[fold][Stratum(name, strata)] / totals[Stratum(name, strata)]);
    }

    // Of each stratum its share of the number that is wanted of all, by the largest remainders. Strata whose groups are too large for
    // their share, so that nothing or everything would be nearer to it, are divided as one.
    private static List<IReadOnlyList<string>> OfEach(
        IReadOnlyList<string>[] ordered, IReadOnlyList<string>[][] parts, double fraction)
    {
        double[] shares = [.. parts.Select(part => fraction * Count(part))];
        int[] wanted = [.. shares.Select(static share => (int)share)];
        int left = Round(shares.Sum()) - wanted.Sum();
        foreach (int i in Enumerable.Range(0, parts.Length).OrderByDescending(i => shares[i] - wanted[i]).Take(left).ToArray())
        {
            wanted[i]++;
        }

        List<IReadOnlyList<string>> taken = [];
        ILookup<bool, int> coarse = Enumerable.Range(0, parts.Length).ToLookup(i =>
        {
            int least = 2 * Math.Min(wanted[i], Count(parts[i]) - wanted[i]);
            return least > 0 && least < parts[i].Min(static group => group.Count);
        });
        foreach (int i in coarse[false])
        {
            taken.AddRange(Earliest(parts[i], wanted[i], 0, Count(parts[i])));
        }

        if (coarse[true].Any())
        {
            IReadOnlyList<string>[] together = Together(ordered, coarse[true].Select(i => parts[i]));
            taken.AddRange(Earliest(together, coarse[true].Sum(i => wanted[i]), 0, Count(together)));
        }

        return taken;
    }

    // The groups whose cases are nearest to the wanted number, within bounds.
    private static IReadOnlyList<string>[] Earliest(IReadOnlyList<string>[] ordered, int wanted, int least, int most)
    {
        bool[] taken = SubsetSum.Nearest([.. ordered.Select(static group => group.Count)], wanted, least, most);
        return [.. ordered.Where((_, i) => taken[i])];
    }

    private static IReadOnlyList<string>[] Together(
        IReadOnlyList<string>[] ordered, IEnumerable<IReadOnlyList<string>[]> parts) =>
        [.. ordered.Intersect(parts.SelectMany(static part => part))];

    private static int Round(double share) => (int)Math.Round(share, MidpointRounding.AwayFromZero);

    private static int Count(IReadOnlyList<string>[] groups) => groups.Sum(static group => group.Count);

    private static string Most(IReadOnlyList<string> group, IReadOnlyDictionary<string, string>? strata) =>
        group.CountBy(name => Stratum(name, strata)).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).First().Key;

    private static string Stratum(string name, IReadOnlyDictionary<string, string>? strata) => strata is null ? "" : strata[name];

    private static Split Of(IReadOnlyList<string>[] groups, Func<int, bool> validates)
    {
        List<string> train = [];
        List<string> validation = [];
        for (int i = 0; i < groups.Length; i++)
        {
            (validates(i) ? validation : train).AddRange(groups[i]);
        }

        train.Sort(StringComparer.Ordinal);
        validation.Sort(StringComparer.Ordinal);
        return new Split(train, validation);
    }

    private static IReadOnlyList<string>[] InSeededOrder(IReadOnlyList<IReadOnlyList<string>> groups, long seed)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return [.. groups.OrderBy(group => Place(seed, group.Min(StringComparer.Ordinal)!), StringComparer.Ordinal)];
    }

    private static string Place(long seed, string name) => Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\n{name}"))));

    private static void CheckCount(IReadOnlyList<string>[] groups, int needed)
    {
        if (groups.Length < needed)
        {
            throw new ArgumentException(
                $"{Count(groups)} cases in {groups.Length} groups that stay together cannot be divided into {needed} parts.",
                nameof(groups));
        }
    }
}
