using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class SplitTests
{
    [Theory]
    [InlineData(10, 0.3, 3)]
    [InlineData(647, 0.3, 194)]
    [InlineData(10, 0.25, 3)]
    [InlineData(2, 0.01, 1)]
    [InlineData(2, 0.99, 1)]
    public void The_fraction_is_met_to_the_case(int count, double fraction, int validation)
    {
        Split split = Split.HoldOut(Singles(count), fraction, seed: 1);

        Assert.Equal(validation, split.Validation.Count);
        Assert.Equal(Names(count).Order(StringComparer.Ordinal), split.Train.Concat(split.Validation).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_groups_those_first_by_the_hash_of_seed_and_name_validate()
    {
        IEnumerable<string> expected = Names(20)
            .OrderBy(n => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes("7\n" + n))), StringComparer.Ordinal)
            .Take(6)
            .Order(StringComparer.Ordinal);

        Assert.Equal(expected, Split.HoldOut(Singles(20), 0.3, seed: 7).Validation);
    }

    [Fact]
    public void The_culture_of_the_program_does_not_matter()
    {
        Split expected = Split.HoldOut(Singles(50), 0.3, seed: -1);
        CultureInfo usual = CultureInfo.CurrentCulture;
        CultureInfo swedish = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        swedish.NumberFormat.NegativeSign = "\u2212";
        CultureInfo.CurrentCulture = swedish;
        try
        {
            Same(expected, Split.HoldOut(Singles(50), 0.3, seed: -1));
        }
        finally
        {
            CultureInfo.CurrentCulture = usual;
        }
    }

    [Fact]
    public void The_order_of_the_groups_and_in_them_does_not_matter()
    {
        IReadOnlyList<string>[] groups = [["a", "b"], ["c"], ["d"], ["e", "f", "g"], ["h"]];
        IReadOnlyList<string>[] shuffled = [["h"], ["g", "e", "f"], ["c"], ["b", "a"], ["d"]];

        for (int seed = 0; seed < 10; seed++)
        {
            Same(Split.HoldOut(groups, 0.4, seed), Split.HoldOut(shuffled, 0.4, seed));
            Assert.All(Split.Folds(groups, 3, seed).Zip(Split.Folds(shuffled, 3, seed)), pair => Same(pair.First, pair.Second));
        }
    }

    [Fact]
    public void Every_part_gets_its_share_of_each_stratum()
    {
        // 40 of a, 20 of b, in groups of 1 and 2.
        Dictionary<string, string> strata = Names(60).Select((name, i) => (name, i % 3 == 0 ? "b" : "a")).ToDictionary();
        IReadOnlyList<string>[] groups = [.. Names(60).GroupBy(n => (strata[n], Array.IndexOf([.. Names(60)], n) / 6))
            .Select(g => g.Order(StringComparer.Ordinal).ToArray())];

        Split split = Split.HoldOut(groups, 0.3, 5, strata);
        IReadOnlyList<Split> folds = Split.Folds(groups, 5, 5, strata);

        Assert.Equal((12, 6), Count(split.Validation));
        Assert.All(folds, fold => Assert.Equal((8, 4), Count(fold.Validation)));
        Assert.All(folds, fold => Assert.All(groups, g => Assert.Single(g.Select(fold.Validation.Contains).Distinct())));

        (int, int) Count(IReadOnlyList<string> names) => (names.Count(n => strata[n] == "a"), names.Count(n => strata[n] == "b"));
    }

    [Fact]
    public void Without_groups_the_whole_is_exact_and_every_stratum_is_met_to_a_case()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            Dictionary<string, string> strata = Enumerable.Range(0, random.Next(1, 17))
                .SelectMany(s => Enumerable.Range(0, random.Next(2, 10)).Select(i => ($"{s}_{i}", $"{s}"))).ToDictionary();
            double fraction = 0.05 + (0.9 * random.NextDouble());
            int total = strata.Count;

            Split split = Split.HoldOut([.. strata.Keys.Select(name => (string[])[name])], fraction, round, strata);

            Assert.Equal(
                Math.Clamp((int)Math.Round(fraction * total, MidpointRounding.AwayFromZero), 1, total - 1), split.Validation.Count);
            Assert.All(strata.CountBy(one => one.Value), stratum => Assert.True(
                Math.Abs(split.Validation.Count(name => strata[name] == stratum.Key) - (fraction * stratum.Value)) < 1));
        }
    }

    // Four classes, each of their combinations in three images, or in two patients of ten images.
    [Theory]
    [InlineData(16, 3, 1, 0.1, 5)]
    [InlineData(16, 2, 10, 0.1, 30)]
    [InlineData(2, 2, 10, 0.1, 10)]
    [InlineData(2, 2, 10, 0.9, 30)]
    public void Small_strata_give_no_more_than_is_asked_of_all(int count, int groupsOfEach, int size, double fraction, int expected)
    {
        string[][] groups =
        [
            .. Enumerable.Range(0, count * groupsOfEach)
                .Select(g => (string[])[.. Enumerable.Range(0, size).Select(i => $"{g % count}_{g}_{i}")]),
        ];
        Dictionary<string, string> strata = groups.SelectMany(group => group).ToDictionary(name => name, name => name.Split('_')[0]);

        Split split = Split.HoldOut(groups, fraction, 3, strata);

        Assert.Equal(expected, split.Validation.Count);
        Assert.Equal((count * groupsOfEach * size) - expected, split.Train.Count);
    }

    [Fact]
    public void A_stratum_of_one_group_trains()
    {
        IReadOnlyList<string>[] groups = [["a1", "a2", "b1"], ["c"], ["d"]];
        Dictionary<string, string> strata = new() { ["a1"] = "1", ["a2"] = "1", ["b1"] = "0", ["c"] = "0", ["d"] = "0" };

        Split split = Split.HoldOut(groups, 0.5, 1, strata);

        Assert.Single(split.Validation);
        Assert.Contains("a1", split.Train);
    }

    // Combinations of classes are mostly of one case each.
    [Fact]
    public void Strata_of_one_case_are_divided_as_one()
    {
        Dictionary<string, string> strata = Enumerable.Range(0, 20).Select(i => ($"single_{i}", $"{i}"))
            .Concat([("twice_0", "20"), ("twice_1", "20")]).ToDictionary();
        string[][] groups = [.. strata.Keys.Select(name => (string[])[name])];
        Assert.Equal(7, Split.HoldOut(groups, 0.3, 1, strata).Validation.Count);

        // Ten alike, and two that are alone: 0.3 of twelve.
        strata = Enumerable.Range(0, 12).ToDictionary(i => $"{i}", i => i < 10 ? "alike" : $"{i}");
        Assert.Equal(4, Split.HoldOut([.. strata.Keys.Select(name => (string[])[name])], 0.3, 1, strata).Validation.Count);
    }

    [Fact]
    public void Seeds_give_different_splits()
    {
        HashSet<string> seen =
        [
            .. Enumerable.Range(0, 20).Select(seed => string.Join(' ', Split.HoldOut(Singles(50), 0.3, seed).Validation)),
        ];

        Assert.Equal(20, seen.Count);
    }

    [Fact]
    public void Groups_stay_whole_and_the_count_is_the_nearest_possible()
    {
        Random random = new(5);
        for (int round = 0; round < 200; round++)
        {
            IReadOnlyList<string>[] groups =
            [
                .. Enumerable.Range(0, random.Next(2, 9)).Select(g =>
                    (IReadOnlyList<string>)[.. Enumerable.Range(0, random.Next(1, 7)).Select(i => $"{g}_{i}")]),
            ];
            double fraction = 0.05 + (0.9 * random.NextDouble());
            int total = groups.Sum(g => g.Count);
            int wanted = Math.Clamp((int)Math.Round(fraction * total, MidpointRounding.AwayFromZero), 1, total - 1);

            Split split = Split.HoldOut(groups, fraction, round);

            int nearest = Enumerable.Range(1, (1 << groups.Length) - 2)
                .Min(choice => Math.Abs(groups.Where((_, g) => (choice >> g & 1) == 1).Sum(g => g.Count) - wanted));
            Assert.Equal(nearest, Math.Abs(split.Validation.Count - wanted));
            Assert.All(groups, g => Assert.True(g.All(split.Train.Contains) || g.All(split.Validation.Contains)));
            Assert.Equal(total, split.Train.Union(split.Validation).Count());
        }
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(647, 5)]
    [InlineData(4, 4)]
    public void Each_case_validates_in_one_fold_and_folds_are_even(int count, int folds)
    {
        IReadOnlyList<Split> splits = Split.Folds(Singles(count), folds, seed: 3);

        Assert.Equal(Names(count).Order(StringComparer.Ordinal), splits.SelectMany(s => s.Validation).Order(StringComparer.Ordinal));
        Assert.All(splits, s => Assert.InRange(s.Validation.Count, count / folds, (count + folds - 1) / folds));
        Assert.All(splits, s => Assert.Equal(Names(count).Except(s.Validation).Order(StringComparer.Ordinal), s.Train));
    }

    [Fact]
    public void Folds_keep_groups_whole_and_fill_up_with_single_cases()
    {
        IReadOnlyList<string>[] groups = [[.. Enumerable.Range(0, 5).Select(i => $"g{i}")], ["h0", "h1", "h2"], .. Singles(7)];

        IReadOnlyList<Split> splits = Split.Folds(groups, 3, seed: 9);

        Assert.All(splits, s => Assert.Equal(5, s.Validation.Count));
        Assert.Single(splits, s => s.Validation.Contains("g0") && s.Validation.Contains("g4"));
        Assert.Single(splits, s => s.Validation.Contains("h0") && s.Validation.Contains("h2"));
    }

    [Fact]
    public void What_cannot_be_divided_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Split.HoldOut([["a", "b"]], 0.5, 1));
        Assert.Throws<ArgumentException>(() => Split.Folds(Singles(3), 4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.Folds(Singles(3), 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.HoldOut(Singles(3), 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.HoldOut(Singles(3), 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Split.HoldOut(Singles(3), double.NaN, 1));
    }

    private static string[] Names(int count) => [.. Enumerable.Range(1, count).Select(i => $"case ({i})")];

    private static IReadOnlyList<string>[] Singles(int count) => [.. Names(count).Select(n => (IReadOnlyList<string>)[n])];

    private static void Same(Split one, Split other)
    {
        Assert.Equal(one.Train, other.Train);
        Assert.Equal(one.Validation, other.Validation);
    }
}
