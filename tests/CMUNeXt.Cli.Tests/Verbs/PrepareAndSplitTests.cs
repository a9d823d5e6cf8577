using System.Text.Json;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>prepare pairs</c> and then <c>split</c>, as the first page on data has it.</summary>
public sealed class PrepareAndSplitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Pairs_become_a_data_set_without_the_bad_one_which_has_a_line_and_folds_divide_it()
    {
        string[] good = ["a", "c", "d", "e"];
        for (int i = 0; i < good.Length; i++)
        {
            Save($"images/{good[i]}.png", (byte)(10 * i), 200);
            Save($"masks/{good[i]}_seg.png", 1, 2);
        }

        File.WriteAllText(In("images/b.png"), "no image");
        Save("masks/b_seg.png", 1, 2);
        (int status, string output, string error) = CommandProcess.Run(
            "prepare", "pairs", "--images", In("images"), "--masks", In("masks"), "--mask-suffix", "_seg", "--labels", "1=cyst,2=mass",
            "--output", In("data"), "--json", "--skip-refused");
        Assert.True(status == ExitStatus.Done, error);
        string line = Assert.Single(error.Split('\n'), part => part.StartsWith("cmunext: ", StringComparison.Ordinal));
        Assert.StartsWith("cmunext: images/b.png: ", line, StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(output).RootElement;
        Assert.Equal((5, 4), (report.GetProperty("images").GetInt32(), report.GetProperty("cases").GetInt32()));
        Assert.Equal(["cyst", "mass"], report.GetProperty("class_names").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("images/b.png", Assert.Single(report.GetProperty("problems").EnumerateArray()).GetProperty("file").GetString());
        Assert.Equal([255, 0], ImageFile.LoadGray(In("data/masks/0/a.png")).Pixels);
        Assert.Equal([0, 255], ImageFile.LoadGray(In("data/masks/1/a.png")).Pixels);
        Assert.False(File.Exists(In("data/images/b.png")));

        (status, output, error) = CommandProcess.Run("split", "--data", In("data"), "--folds", "2");
        Assert.True(status == ExitStatus.Done, error);
        string[] lists = ["fold1_train.txt", "fold1_val.txt", "fold2_train.txt", "fold2_val.txt"];
        Assert.Equal(lists.Select(list => $"{Path.Combine(In("data"), list)}: 2 cases"), output.TrimEnd().Split('\n'));
        Assert.Equal(good, Names("fold1_train.txt").Concat(Names("fold1_val.txt")).Order(StringComparer.Ordinal));
        Assert.Equal(Names("fold1_train.txt"), Names("fold2_val.txt"));
        Assert.Equal(Names("fold1_val.txt"), Names("fold2_train.txt"));

        (status, output, error) = CommandProcess.Run("split", "--data", In("data"), "--test-fraction", "0.25", "--overwrite");
        Assert.True(status == ExitStatus.Done, error);
        Assert.Equal(["test.txt", "train.txt", "val.txt"], Directory.GetFiles(In("data"), "*.txt").Select(Path.GetFileName).Order());
        Assert.EndsWith($"removed: {string.Join(", ", lists)}", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_one_image_of_seven_is_refused_the_others_are_written_when_that_is_asked_for_and_split_and_train_say_so()
    {
        for (int i = 0; i < 7; i++)
        {
            byte[] mask = i == 3 ? [0, 255, 0] : [0, 255];
            Save($"images/{i}.png", (byte)(30 * i), 200);
            Save($"masks/{i}.png", mask);
        }

        string[] prepare = ["prepare", "pairs", "--images", In("images"), "--masks", In("masks"), "--output", In("data")];
        (int status, string output, string error) = CommandProcess.Run(prepare);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.DoesNotContain(In("data"), output, StringComparison.Ordinal);
        Assert.Equal(
            ["cmunext: masks/3.png: the mask is 3 x 1, its image 2 x 1",
                $"cmunext: {In("data")}: files were refused, so nothing was written, and what stood there is untouched; correct them, or "
                    + "give --skip-refused to go on with the 6 other cases"],
            error.Split('\n').Where(static line => line.StartsWith("cmunext: ", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(In("data")));

        (status, output, error) = CommandProcess.Run([.. prepare, "--skip-refused"]);
        Assert.True(status == ExitStatus.Done, error);
        Assert.Contains($"{In("data")}: 6 cases, 0 with several masks", output, StringComparison.Ordinal);
        AssertTellsOfRefused("split", "--data", In("data"), "--copies", "identical");
        AssertTellsOfRefused(
            "train", "--data", In("data"), "--train", "train.txt", "--val", "val.txt", "--model", "cmunext-s", "--dims", "8,8,8,8,8",
            "--size", "32", "--epochs", "1", "--batch", "2", "--backend", "managed", "--threads", "1", "--output", In("run"));
    }

    [Fact]
    public void Where_no_image_becomes_a_case_the_data_set_that_stood_there_stays()
    {
        Save("images/a.png", 10, 200);
        Save("masks/a.png", 0, 255);
        string[] prepare = ["prepare", "pairs", "--images", In("images"), "--masks", In("masks"), "--output", In("data"), "--overwrite"];
        (int status, _, string error) = CommandProcess.Run(prepare);
        Assert.True(status == ExitStatus.Done, error);
        (status, string output, error) = CommandProcess.Run([.. prepare, "--mask-suffix", "_mistyped"]);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.DoesNotContain(In("data"), output, StringComparison.Ordinal);
        Assert.Equal(
            ["cmunext: images/a.png: the image has no mask; where it shows no lesion, give it one that is all black",
                $"cmunext: {In("data")}: no image became a case, so nothing was written; what stood there is untouched"],
            error.Split('\n').Where(static line => line.StartsWith("cmunext: ", StringComparison.Ordinal)));
        Assert.Equal([0, 255], ImageFile.LoadGray(In("data/masks/0/a.png")).Pixels);
    }

    [Fact]
    public void One_file_is_not_told_in_the_plural_and_of_what_cannot_be_read_no_type()
    {
        Save("images/a.png", 10, 200);
        Save("masks/a.png", 0, 255);
        string[] prepare = ["prepare", "pairs", "--images", In("images"), "--masks", In("masks"), "--output", In("data"), "--overwrite"];
        (int status, string output, string error) = CommandProcess.Run(prepare);
        Assert.True(status == ExitStatus.Done, error);
        Assert.Equal(
            ["1 image (1 png gray 8-bit), 1 mask (1 png gray 8-bit).",
                $"{In("data")}: 1 case, 0 with several masks, merged by maximum."],
            output.TrimEnd().Split('\n'));

        File.WriteAllText(In("images/a.png"), "no image");
        File.WriteAllText(In("masks/a.png"), "no image");
        (status, output, _) = CommandProcess.Run(prepare);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Equal("1 image, 1 mask.", output.TrimEnd());
    }

    [Fact]
    public void Of_many_files_that_are_refused_alike_some_have_a_line_and_json_has_all()
    {
        for (int i = 10; i < 23; i++)
        {
            Save($"images/{i}.png", (byte)i, 200);
        }

        Directory.CreateDirectory(In("masks"));
        string[] prepare = ["prepare", "pairs", "--images", In("images"), "--masks", In("masks"), "--output", In("data")];
        string[] lines =
        [
            .. CommandProcess.Run(prepare).Error.Split('\n').Where(line => line.StartsWith("cmunext: ", StringComparison.Ordinal)),
        ];
        Assert.Equal(
            Enumerable.Range(10, 10).Select(i => $"images/{i}.png"), lines[..10].Select(line => line.Split(": ")[1]));
        Assert.Equal("cmunext: and 3 more like these; --json prints all", lines[10]);
        using JsonDocument all = JsonDocument.Parse(CommandProcess.Run([.. prepare, "--json"]).Output);
        Assert.Equal(13, all.RootElement.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public void One_folder_of_images_and_masks_needs_a_suffix_however_it_is_named()
    {
        Save("images/a.png", 10, 200);
        (int status, _, string error) = CommandProcess.Run(
            "prepare", "pairs", "--images", In("images"), "--masks", In("images/"), "--output", In("data"));
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Equal("cmunext: images and masks in one folder need --mask-suffix, which tells the masks", error.TrimEnd());
    }

    private void AssertTellsOfRefused(params string[] arguments)
    {
        (int status, _, string error) = CommandProcess.Run(arguments);
        Assert.True(status == ExitStatus.Done, error);
        Assert.Single(error.Split('\n'), line => line
            == $"warning: 1 file was refused when {In("data")} was prepared; see {Path.Combine(In("data"), "prepare.json")}");
    }

    private string[] Names(string list) => File.ReadAllLines(In($"data/{list}"));

    private void Save(string name, params byte[] pixels)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        ImageFile.SavePng(In(name), new Image(pixels.Length, 1, 1, pixels));
    }

    private string In(string name) => folder.File(name);
}
