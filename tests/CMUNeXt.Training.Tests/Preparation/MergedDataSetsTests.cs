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

    [Fact]
    public void Classes_in_another_order_are_refused_and_those_without_names_are_not()
    {
        WriteSet("one", "a", [1], [0]);
        WriteSet("two", "b", [2], [0]);
        folder.WriteGray("one/masks/1/a.png", 0);
        folder.WriteGray("two/masks/1/b.png", 0);
        folder.WriteText("two/prepare.json", """{ "class_names": ["malignant", "benign"] }""");
        Merge();
        Assert.Equal(["malignant", "benign"], DataSet.Open(folder["out"]).ClassNames);

        folder.WriteText("one/prepare.json", """{ "class_names": ["benign", "malignant"] }""");
        Directory.Delete(folder["out"], recursive: true);
        string message = Assert.Throws<BadFileException>(Merge).Message;
        Assert.Contains("its classes are malignant, benign, those of", message, StringComparison.Ordinal);
        Assert.Contains("are benign, malignant", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void Names_that_only_look_alike_are_one_name()
    {
        WriteSet("one", "gro\u0308\u00dfe", [1], [0]);
        WriteSet("two", "gr\u00f6\u00dfe", [2], [0]);

        Assert.Contains("has the name of one in", Assert.Throws<BadFileException>(Merge).Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<int> Merge() => MergedDataSets.Write(
        [folder["one/"], folder["two/"]], folder["out"], cancellation: TestContext.Current.CancellationToken);

    private void WriteSet(string set, string name, byte[] row, byte[] mask)
    {
        folder.WriteGray($"{set}/images/{name}.png", row);
        folder.WriteGray($"{set}/masks/0/{name}.png", mask);
    }
}
