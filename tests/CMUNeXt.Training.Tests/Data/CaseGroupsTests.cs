using System.Text.RegularExpressions;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class CaseGroupsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Identical_images_are_one_group_gray_or_not()
    {
        folder.WriteCase("a", 1, 2);
        folder.WriteCase("b", 1, 3);
        folder.WriteCase("c", 1, 2);
        folder.WriteCase("d", 0, 0);
        ImageFile.SavePng(folder["images/d.png"], new Image(2, 2, 3, [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]));
        folder.WriteCase("e", 0, 0);
        ImageFile.SavePng(folder["images/e.png"], new Image(1, 4, 1, [1, 2, 1, 2]));

        Assert.Equal([["a", "c", "d"], ["b"], ["e"]], Find());
    }

    [Theory]
    [InlineData("^p[0-9]+")]
    [InlineData("^p([0-9]+)_")]
    public void Names_with_the_same_match_are_one_group(string pattern)
    {
        folder.WriteCase("p1_a", 1);
        folder.WriteCase("p2_a", 2);
        folder.WriteCase("p1_b", 3);
        folder.WriteCase("p10_a", 4);

        Assert.Equal([["p10_a"], ["p1_a", "p1_b"], ["p2_a"]], Find(pattern));
    }

    [Fact]
    public void Groups_join_over_images_and_names_in_turn()
    {
        string[] names = ["a", "b", "c", "d", "e"];
        string[] images = ["1", "2", "2", "3", "4"];
        string[] patients = ["x", "x", "y", "y", "z"];

        Assert.Equal([["a", "b", "c", "d"], ["e"]], CaseGroups.Join(names, [images, patients]));
    }

    [Fact]
    public void A_name_without_a_match_is_refused()
    {
        folder.WriteCase("p1_a", 1);
        folder.WriteCase("other", 2);

        string message = Assert.Throws<BadFileException>(() => Find("^p[0-9]")).Message;

        Assert.Equal(
            "the pattern ^p[0-9]: names that it does not match, so that their group is unknown: other; give one that matches all", message);
    }

    [Fact]
    public void A_broken_image_is_named()
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 2);
        folder.WriteText("images/b.png", "no image");

        Assert.StartsWith(folder["images/b.png"], Assert.Throws<BadFileException>(() => Find()).Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<IReadOnlyList<string>> Find(string? pattern = null) => CaseGroups.Find(
        DataSet.Open(folder.Path).Cases, pattern is null ? null : CaseKey.ByName(new Regex(pattern)),
            cancellation: TestContext.Current.CancellationToken);
}
