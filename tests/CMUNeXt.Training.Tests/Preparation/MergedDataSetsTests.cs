using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

public sealed class MergedDataSetsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Cases_of_all_sources_stand_in_one_folder_under_their_names()
    {
        WriteSet("one", "a", [10, 20], [0, 255]);
        WriteSet("two", "b", [30], [0]);

        Assert.Equal([1, 1], Merge());

        DataSet merged = DataSet.Open(folder["out"]);
        Assert.Equal(["a", "b"], merged.Cases.Select(c => c.Name));
        Assert.Equal([0, 1, 0, 1], LoadedCase.Load(merged.Cases[0]).Mask.Pixels);
        Assert.Equal([30, 30], LoadedCase.Load(merged.Cases[1]).Image.Pixels);
        Assert.Equal(["b"], CaseList.Read("normal.txt", merged.Folder).Names);
    }

    [Fact]
    public void One_name_in_two_sources_is_refused()
    {
        WriteSet("one", "a", [1], [0]);
        WriteSet("two", "a", [2], [0]);

        Assert.Contains("its case a has the name of one in", Assert.Throws<BadFileException>(Merge).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void Different_numbers_of_classes_are_refused()
    {
        WriteSet("one", "a", [1], [0]);
        WriteSet("two", "b", [2], [0]);
        folder.WriteGray("two/masks/1/b.png", 0);

        Assert.Contains("it has 2 classes", Assert.Throws<BadFileException>(Merge).Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<int> Merge() => MergedDataSets.Write(
        [folder["one/"], folder["two/"]], folder["out"], cancellation: TestContext.Current.CancellationToken);

    private void WriteSet(string set, string name, byte[] row, byte[] mask)
    {
        folder.WriteGray($"{set}/images/{name}.png", row);
        folder.WriteGray($"{set}/masks/0/{name}.png", mask);
    }
}
