using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class DataSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_gives_its_cases_in_order_and_its_classes()
    {
        Add("b", "a (10)", "a (2)");
        foreach (string name in new[] { "a (2)", "a (10)", "b" })
        {
            folder.WriteGray($"masks/1/{name}.png", 0, 255);
        }

        DataSet data = DataSet.Open(folder.Path);

        Assert.Equal(["a (10)", "a (2)", "b"], data.Cases.Select(c => c.Name));
        Assert.Equal(2, data.Classes);
        Case second = data.Resolve(["a (2)"], "list")[0];
        Assert.Equal(Path.Combine(folder.Path, "images", "a (2).png"), second.ImagePath);
        Assert.Equal(
            [Path.Combine(folder.Path, "masks", "0", "a (2).png"), Path.Combine(folder.Path, "masks", "1", "a (2).png")], second.MaskPaths);
    }

    [Fact]
    public void A_list_gives_its_cases_in_its_own_order()
    {
        Add("a", "b", "c");
        folder.WriteText("val.txt", "c\r\na\r\n");

        IReadOnlyList<Case> cases = DataSet.Open(folder.Path).Resolve(CaseList.Read("val.txt", folder.Path));

        Assert.Equal(["c", "a"], cases.Select(c => c.Name));
    }

    [Fact]
    public void Names_that_look_alike_are_one_and_two_files_of_one_look_are_refused()
    {
        folder.WriteGray("set/images/e\u0301.png", 1);
        folder.WriteGray("set/masks/0/\u00e9.png", 255);
        Case found = Assert.Single(DataSet.Open(folder["set"]).Resolve(["e\u0301"], "list.txt"));
        Assert.Equal(("\u00e9", folder["set/images/e\u0301.png"]), (found.Name, found.ImagePath));
        Assert.Equal(folder["set/masks/0/\u00e9.png"], Assert.Single(found.MaskPaths));

        folder.WriteGray("set/images/\u00e9.png", 1);
        Assert.Contains("rename one", Assert.Throws<BadFileException>(() => DataSet.Open(folder["set"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_the_cases_is_that_of_their_names_however_the_files_write_them()
    {
        Add("cafe\u0301", "caff");
        Assert.Equal(["caff", "caf\u00e9"], DataSet.Open(folder.Path).Cases.Select(c => c.Name));
    }

    [Theory]
    [InlineData("masks/0/e\u0301.png", "masks/0/\u00e9.png")]
    [InlineData("masks/ignore/e\u0301.png", "masks/ignore/\u00e9.png")]
    [InlineData("masks/0/b.png", "masks/0/b.PNG")]
    [InlineData("images/b.png", "images/b.PNG")]
    public void Two_files_of_one_case_are_refused_whichever_the_folder_lists_first(string one, string other)
    {
        Add("a");
        folder.WriteGray(one, 0, 255);
        Assert.SkipWhen(File.Exists(folder[other]), "the file system takes the two names for one");
        folder.WriteGray(other, 0, 0);
        BadFileException e = Assert.Throws<BadFileException>(() => DataSet.Open(folder.Path));
        Assert.Contains("letters, marks or ending are written otherwise; rename one", e.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images/b.jpg")]
    [InlineData("masks/0/b.bmp")]
    [InlineData("masks/ignore/a.tif")]
    public void An_image_or_mask_of_another_ending_is_refused_by_name_and_what_is_no_image_is_not(string file)
    {
        Add("a");
        folder.WriteText("images/notes.txt", "");
        folder.WriteText("masks/0/notes.txt", "");
        Assert.Single(DataSet.Open(folder.Path).Cases);

        folder.WriteText(file, "");
        Assert.Contains(
            $"not all of its images end in .png: {Path.GetFileName(file)}; ",
            Assert.Throws<BadFileException>(() => DataSet.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Capital_letters_are_the_same_ending()
    {
        folder.WriteGray("set/images/a.PNG", 1);
        folder.WriteGray("set/masks/0/a.Png", 255);
        Case found = Assert.Single(DataSet.Open(folder["set"]).Cases);
        Assert.Equal((folder["set/images/a.PNG"], folder["set/masks/0/a.Png"]), (found.ImagePath, Assert.Single(found.MaskPaths)));
    }

    [Fact]
    public void Unknown_cases_are_named_the_first_few()
    {
        Add("a");
        string[] names = ["u1", "a", "u2", "u3", "u4", "u5", "u6", "u7"];

        BadFileException e = Assert.Throws<BadFileException>(() => DataSet.Open(folder.Path).Resolve(names, "val.txt"));

        Assert.Equal(
            $"val.txt: 7 of its cases not found in {Path.Combine(folder.Path, "images")}: u1, u2, u3, u4, u5 and 2 more", e.Message);
    }

    [Fact]
    public void Names_with_their_ending_get_a_hint()
    {
        Add("a");

        BadFileException e = Assert.Throws<BadFileException>(() => DataSet.Open(folder.Path).Resolve(["a.png"], "val.txt"));

        Assert.EndsWith("a.png (a list holds names without .png)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_masks_are_named()
    {
        Add("a", "b");
        folder.WriteGray("masks/1/a.png", 0, 255);

        BadFileException e = Assert.Throws<BadFileException>(() => DataSet.Open(folder.Path).Resolve(["a", "b"], "val.txt"));

        Assert.Equal($"val.txt: 1 of its cases without a mask in {folder.Path}: masks/1/b.png", e.Message);
    }

    [Fact]
    public void A_folder_that_is_no_data_set_is_refused()
    {
        Refused("there is no folder images in it");
        Directory.CreateDirectory(folder["images/"]);
        Refused("there is no folder masks/0 in it");
        Directory.CreateDirectory(folder["masks/0/"]);
        Refused("there is no image (*.png) in it");
        folder.WriteGray("images/a.png", 1);
        Directory.CreateDirectory(folder["masks/2/"]);
        Refused("its 2 folders should be named 0 to 1, one a class, but there is no 1");

        void Refused(string problem) =>
            Assert.Contains(problem, Assert.Throws<BadFileException>(() => DataSet.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_refused() =>
        Assert.Contains(
            "no such folder", Assert.Throws<BadFileException>(() => DataSet.Open(folder["none"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Foreground_is_above_127()
    {
        folder.WriteGray("images/a.png", 10, 20, 30, 40);
        folder.WriteGray("masks/0/a.png", 0, 127, 128, 255);

        LoadedCase loaded = LoadedCase.Load(DataSet.Open(folder.Path).Cases[0]);

        Assert.Equal([10, 20, 30, 40, 10, 20, 30, 40], loaded.Image.Pixels);
        Assert.Equal([0, 0, 1, 1, 0, 0, 1, 1], loaded.Mask.Pixels);
    }

    [Fact]
    public void Where_masks_overlap_the_later_class_wins()
    {
        folder.WriteGray("images/a.png", 9, 9, 9, 9);
        folder.WriteGray("masks/0/a.png", 255, 255, 0, 0);
        folder.WriteGray("masks/1/a.png", 0, 255, 255, 0);

        Assert.Equal([1, 2, 2, 0, 1, 2, 2, 0], LoadedCase.Load(DataSet.Open(folder.Path).Cases[0]).Mask.Pixels);
    }

    [Fact]
    public void A_mask_in_three_equal_channels_is_read_and_a_colored_one_refused()
    {
        folder.WriteColor("images/a.png", 1, 2, 3);
        folder.WriteColor("masks/0/a.png", 200, 200, 200);
        Assert.Equal([1], Load("a").Mask.Pixels);

        folder.WriteColor("masks/0/a.png", 255, 0, 0);
        Assert.Contains("colored", Assert.Throws<BadFileException>(() => Load("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_with_both_sizes()
    {
        folder.WriteGray("images/a.png", 1, 2, 3);
        folder.WriteGray("masks/0/a.png", 0, 255);

        string message = Assert.Throws<BadFileException>(() => Load("a")).Message;

        Assert.Contains("the mask is 2 x 2, its image 3 x 2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_of_0_and_1_is_refused_since_it_would_be_read_as_empty()
    {
        folder.WriteGray("images/a.png", 1, 2);
        folder.WriteGray("masks/0/a.png", 0, 1);
        Assert.Contains("the largest value is 1", Assert.Throws<BadFileException>(() => Load("a")).Message, StringComparison.Ordinal);

        folder.WriteGray("masks/0/a.png", 0, 0);
        Assert.Equal(0, Load("a").Mask.Area());
    }

    private void Add(params string[] names)
    {
        foreach (string name in names)
        {
            folder.WriteGray($"images/{name}.png", 1, 2);
            folder.WriteGray($"masks/0/{name}.png", 0, 255);
        }
    }

    private LoadedCase Load(string name) => LoadedCase.Load(DataSet.Open(folder.Path).Resolve([name], "list")[0]);
}
