using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class SplitListsTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_lists_of_a_split_keep_identical_images_together()
    {
        for (byte i = 0; i < 10; i++)
        {
            folder.WriteCase($"case{i}", (byte)(i / 2));
        }

        IReadOnlyList<WrittenList> lists = Write(new SplitOptions { ValidationFraction = 0.4, Seed = 2 });

        Assert.Equal([folder["train.txt"], folder["val.txt"]], lists.Select(l => l.Path));
        IReadOnlyList<string> validation = CaseList.Read("val.txt", folder.Path).Names;
        Assert.Equal(4, validation.Count);
        Assert.Equal(6, CaseList.Read("train.txt", folder.Path).Names.Except(validation).Count());
        Assert.All(Enumerable.Range(0, 5),
            i => Assert.Equal(validation.Contains($"case{2 * i}"), validation.Contains($"case{(2 * i) + 1}")));
    }

    [Fact]
    public void Folds_are_written_and_lists_that_exist_are_refused()
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 2);
        folder.WriteCase("c", 3);
        folder.WriteText("fold3_val.txt", "mine");

        Assert.StartsWith(
            folder["fold3_val.txt"], Assert.Throws<BadFileException>(() => Write(new SplitOptions { Folds = 3 })).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(folder["fold1_train.txt"]));

        // Of a study that was published, say: no --overwrite replaces it.
        Assert.Contains(
            "not a file that this program wrote",
            Assert.Throws<BadFileException>(() => Write(new SplitOptions { Folds = 3, Overwrite = true })).Message,
            StringComparison.Ordinal);
        File.Delete(folder["fold3_val.txt"]);
        Write(new SplitOptions { Folds = 3 });
        Write(new SplitOptions { Folds = 3, Overwrite = true });

        string[] validated = [.. Enumerable.Range(1, 3).SelectMany(f => CaseList.Read($"fold{f}_val.txt", folder.Path).Names)];
        Assert.Equal(["a", "b", "c"], validated.Order());
        Assert.Equal(2, CaseList.Read("fold2_train.txt", folder.Path).Names.Count);
    }

    [Fact]
    public void Lists_of_an_earlier_partition_do_not_stay_beside_the_new_ones()
    {
        for (byte i = 0; i < 6; i++)
        {
            folder.WriteCase($"case{i}", i);
        }

        Write(new SplitOptions());
        Write(new SplitOptions { Folds = 5 });
        Assert.Throws<BadFileException>(() => Write(new SplitOptions { Folds = 2 }));
        Write(new SplitOptions { Folds = 2, Overwrite = true });

        Assert.Equal(
            ["fold1_train.txt", "fold1_val.txt", "fold2_train.txt", "fold2_val.txt", "train.txt", "val.txt"],
            Directory.EnumerateFiles(folder.Path, "*.txt").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Three_lists_share_no_patient_and_hold_their_parts_of_every_stratum()
    {
        string table = "Image,Patient\n";
        for (byte i = 0; i < 40; i++)
        {
            folder.WriteCase($"case{i:00}", i);
            if (i % 4 >= 2)
            {
                folder.WriteGray($"masks/0/case{i:00}.png", 0);
            }

            table += $"case{i:00},P{i / 2}\n";
        }

        folder.WriteText("info.csv", table);
        IReadOnlyList<WrittenList> lists = Write(new SplitOptions
        {
            ValidationFraction = 0.2, TestFraction = 0.3, GroupBy = CaseKey.ByColumn(folder["info.csv"], "Patient"), NearCopies = false,
        });
        Assert.Equal(["train.txt", "val.txt", "test.txt"], lists.Select(list => Path.GetFileName(list.Path)));
        Assert.Equal([20, 8, 12], lists.Select(list => list.Names.Count));
        Assert.Equal(40, lists.SelectMany(list => list.Names).Distinct().Count());
        static int Number(string name) => int.Parse(name[4..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Empty(lists[0].Names.Concat(lists[1].Names).Select(name => Number(name) / 2)
            .Intersect(lists[2].Names.Select(name => Number(name) / 2)));
        Assert.Empty(lists[0].Names.Select(name => Number(name) / 2).Intersect(lists[1].Names.Select(name => Number(name) / 2)));
        Assert.Equal([10, 4, 6], lists.Select(list => list.Names.Count(name => Number(name) % 4 >= 2)));
    }

    [Fact]
    public void The_part_that_validates_is_rounded_once_beside_one_that_tests()
    {
        for (byte i = 0; i < 7; i++)
        {
            folder.WriteCase($"case{i}", i);
        }

        // 7 x 0.2 = 1.4 of each; of the 6 that the test list leaves, a quarter would be 1.5.
        IReadOnlyList<WrittenList> lists =
            Write(new SplitOptions { ValidationFraction = 0.2, TestFraction = 0.2, NearCopies = false });
        Assert.Equal([5, 1, 1], lists.Select(list => list.Names.Count));

        // 3.5 of each: what is rounded up for the one is not left for the other.
        lists = Write(new SplitOptions { ValidationFraction = 0.49, TestFraction = 0.5, NearCopies = false, Overwrite = true });
        Assert.Equal([1, 2, 4], lists.Select(list => list.Names.Count));
    }

    [Fact]
    public void A_test_list_is_kept_out_of_all_folds_and_one_of_an_earlier_partition_goes()
    {
        for (byte i = 0; i < 20; i++)
        {
            folder.WriteCase($"case{i:00}", i);
        }

        IReadOnlyList<WrittenList> lists = Write(new SplitOptions { Folds = 2, TestFraction = 0.2, NearCopies = false });
        Assert.Equal("test.txt", Path.GetFileName(lists[^1].Path));
        Assert.Equal(4, lists[^1].Names.Count);
        Assert.Empty(lists.SkipLast(1).SelectMany(list => list.Names).Intersect(lists[^1].Names));
        Write(new SplitOptions { Overwrite = true, NearCopies = false });
        Assert.False(File.Exists(folder["test.txt"]));
    }

    [Theory]
    [InlineData(2, 0.2, null, 0.2)]
    [InlineData(2, 0.2, 2, 0.0)]
    [InlineData(null, 0.2, 2, 0.2)]
    [InlineData(null, 0.2, 2, 0.0)]
    [InlineData(null, 0.0, 2, 0.2)]
    [InlineData(2, 0.0, null, 0.2)]
    [InlineData(2, 0.2, null, 0.0)]
    public void No_list_that_stands_there_shares_a_case_with_the_test_list(int? folds, double tests, int? nextFolds, double nextTests)
    {
        for (byte i = 0; i < 20; i++)
        {
            folder.WriteCase($"case{i:00}", i);
        }

        Write(new SplitOptions { Folds = folds, TestFraction = tests, NearCopies = false });
        SplitOptions next = new() { Folds = nextFolds, TestFraction = nextTests, Seed = 7, NearCopies = false };
        string message = Assert.Throws<BadFileException>(() => Write(next)).Message;
        Assert.Contains("it exists; give --overwrite to replace it, and with it ", message, StringComparison.Ordinal);
        IReadOnlyList<WrittenList> lists = Write(next with { Overwrite = true });

        // Whatever stands there is of one partition.
        Assert.Equal(
            lists.Select(list => list.Path).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(folder.Path, "*.txt").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_test_list_that_leaves_too_few_groups_is_refused_in_one_line()
    {
        // Two groups of one case and one of eight, of which the test list takes one of each at the least.
        string table = "Image,Patient\n";
        for (byte i = 0; i < 10; i++)
        {
            folder.WriteCase($"case{i}", i);
            table += $"case{i},{Math.Max(i, (byte)7)}\n";
        }

        folder.WriteText("info.csv", table);
        SplitOptions options = new()
        {
            TestFraction = 0.2, ValidationFraction = 0.2, GroupBy = CaseKey.ByColumn(folder["info.csv"], "Patient"), NearCopies = false,
        };
        string message = Assert.Throws<BadFileException>(() => Write(options)).Message;
        Assert.StartsWith($"{folder.Path}: groups of cases that stay together: 3; the test list takes 2 of them", message,
            StringComparison.Ordinal);
        Assert.EndsWith("give a smaller --test-fraction", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_groups_are_refused_in_one_line()
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 1);

        string message = Assert.Throws<BadFileException>(() => Write(new SplitOptions())).Message;

        Assert.Contains(
            "cases: 2, groups of them that stay together: 1; too few to divide into 2 parts", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1.0, 0.3, null)]
    [InlineData(1.0, 0.3, 2)]
    [InlineData(double.NaN, 0.3, null)]
    [InlineData(0.5, 0.5, null)]
    [InlineData(0.0, 0.0, null)]
    [InlineData(0.0, double.NaN, null)]
    [InlineData(0.0, 0.3, 1)]
    public void Parts_that_are_not_possible_are_refused_before_an_image_is_read(double tests, double validates, int? folds)
    {
        folder.WriteText("images/a.png", "");
        folder.WriteText("masks/0/a.png", "");
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Write(new SplitOptions { TestFraction = tests, ValidationFraction = validates, Folds = folds }));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public async Task Folds_beyond_all_cases_are_refused_before_their_lists_are_named(double tests)
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 2);
        folder.WriteCase("c", 3);
        Task<IReadOnlyList<WrittenList>> running = Task.Run(
            () => Write(new SplitOptions { Folds = int.MaxValue, TestFraction = tests }), TestContext.Current.CancellationToken);
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(
            () => running.WaitAsync(Longest, TestContext.Current.CancellationToken));
        Assert.Contains("cases: 3, groups of them that stay together: 3; too few", e.Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<WrittenList> Write(SplitOptions options) =>
        SplitLists.Write(DataSet.Open(folder.Path), options, cancellation: TestContext.Current.CancellationToken);
}
