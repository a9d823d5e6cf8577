using CMUNeXt.Files;
using CMUNeXt.Tests;
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
    public void What_was_refused_of_a_source_is_missing_in_the_merged_set_too()
    {
        WriteSet("one", "a", [1], [0]);
        WriteSet("two", "b", [2], [0]);
        Assert.Null(RefusedFiles.Describe(folder["one"]));
        folder.WriteText("two/prepare.json", """
            { "problems": [
              { "kind": "size_differs", "file": "masks/c.png", "text": "the mask is 3 x 1, its image 2 x 1" },
              { "kind": "unreadable", "file": "masks/d.png", "text": "it is empty" },
              { "kind": "unreadable", "file": "images/d.png", "text": "it is empty" } ] }
            """);
        Assert.StartsWith("3 files were refused", RefusedFiles.Describe(folder["two"]), StringComparison.Ordinal);
        Merge();
        Assert.StartsWith("3 files were refused", RefusedFiles.Describe(folder["out"]), StringComparison.Ordinal);
        Assert.Contains("\"two/masks/c.png\"", File.ReadAllText(folder["out/prepare.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_sources_of_one_name_the_report_says_which_one_a_file_is_missing_from()
    {
        foreach ((string set, string name) in (ReadOnlySpan<(string, string)>)[("first/data", "a"), ("second/data", "b")])
        {
            WriteSet(set, name, [1], [0]);
            folder.WriteText($"{set}/prepare.json", """
                { "problems": [{ "kind": "unreadable", "file": "images/x.png", "text": "it is empty" }] }
                """);
        }

        MergedDataSets.Write(
            [folder["first/data"], folder["second/data"]], folder["out"], cancellation: TestContext.Current.CancellationToken);
        string report = File.ReadAllText(folder["out/prepare.json"]);
        Assert.Contains("\"data (1)/images/x.png\"", report, StringComparison.Ordinal);
        Assert.Contains("\"data (2)/images/x.png\"", report, StringComparison.Ordinal);

        // What nobody counted.
        Assert.All((string[])["merged_cases", "masks_of_zero_and_one", "image_types", "mask_types"], field =>
            Assert.DoesNotContain(field, report, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "problems": 7 }""")]
    [InlineData("""{ "problems": [{ "kind": "none that is known" }] }""")]
    public void A_damaged_report_is_the_files_fault(string report)
    {
        folder.WriteText("one/prepare.json", report);
        Assert.Contains(
            "the report of the preparation cannot be read",
            Assert.Throws<BadFileException>(() => RefusedFiles.Describe(folder["one"])).Message, StringComparison.Ordinal);
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
    public void One_class_is_the_same_by_any_name()
    {
        WriteSet("one", "a", [1], [0]);
        WriteSet("two", "b", [2], [0]);
        folder.WriteText("one/prepare.json", """{ "class_names": ["nodule"] }""");
        folder.WriteText("two/prepare.json", """{ "class_names": ["lesion"] }""");
        Merge();
        Assert.Equal(["nodule"], DataSet.Open(folder["out"]).ClassNames);
    }

    [Fact]
    public void Names_that_differ_in_case_are_one_name_where_files_do_not()
    {
        WriteSet("one", "a", [1], [0]);
        WriteSet("two", "A", [2], [0]);
        Exception? failure = Record.Exception(() => Merge());
        Assert.Equal(RealPath.Comparison == StringComparison.OrdinalIgnoreCase, failure is BadFileException);
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
