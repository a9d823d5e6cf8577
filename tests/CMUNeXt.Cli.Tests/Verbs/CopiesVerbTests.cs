using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>copies</c>: the list without the cases that have a copy.</summary>
public sealed class CopiesVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_case_with_a_copy_goes_however_the_list_writes_its_letters()
    {
        Write("a", 10);
        Write("gro\u0308\u00dfe", 10);
        Write("scho\u0308n", 20);
        File.WriteAllText(In("train.txt"), "a\n");
        File.WriteAllText(In("val.txt"), "gr\u00f6\u00dfe\nsch\u00f6n\n");
        (int status, string output, string error) = CommandProcess.Run(
            "copies", "--data", folder.Path, "--train", "train.txt", "--val", "val.txt", "--output", In("clean.txt"));
        Assert.True(status == 0, error);
        Assert.StartsWith("1 of 2 cases with a copy in", output, StringComparison.Ordinal);
        Assert.EndsWith($"{In("clean.txt")}: 1 case", output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(["sch\u00f6n"], File.ReadLines(In("clean.txt")));
    }

    [Fact]
    public void A_group_is_one_line_and_the_last_one_counts_them()
    {
        Write("a", 10);
        Write("b", 10);
        Write("c", 20);
        (int status, string output, string error) = CommandProcess.Run("copies", "--data", folder.Path);
        Assert.True(status == 0, error);
        Assert.Equal(["a, b", "1 group of copies with 2 of 3 images."], output.TrimEnd().Split('\n'));
    }

    private void Write(string name, byte value)
    {
        foreach (string kind in (string[])["images", "masks/0"])
        {
            Directory.CreateDirectory(In(kind));
            ImageFile.SavePng(In($"{kind}/{name}.png"), new Image(2, 1, 1, [value, 255]));
        }
    }

    private string In(string name) => folder.File(name);
}
