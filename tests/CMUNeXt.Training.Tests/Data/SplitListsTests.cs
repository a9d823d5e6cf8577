using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class SplitListsTests : IDisposable
{
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
    public void Too_few_groups_are_refused_in_one_line()
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 1);

        string message = Assert.Throws<BadFileException>(() => Write(new SplitOptions())).Message;

        Assert.Contains(
            "cases: 2, groups of them that stay together: 1; too few to divide into 2 parts", message, StringComparison.Ordinal);
    }

    private IReadOnlyList<WrittenList> Write(SplitOptions options) =>
        SplitLists.Write(DataSet.Open(folder.Path), options, cancellation: TestContext.Current.CancellationToken);
}
