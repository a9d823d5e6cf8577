using System.Text.Json;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>prepare pairs</c> and then <c>split</c>, as the first page on data has it.</summary>
public sealed class PrepareAndSplitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmunext-prepare-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

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
            "--output", In("data"), "--json");
        Assert.Equal(ExitStatus.Failed, status);
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
    }

    private string[] Names(string list) => File.ReadAllLines(In($"data/{list}"));

    private void Save(string name, params byte[] pixels)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        ImageFile.SavePng(In(name), new Image(pixels.Length, 1, 1, pixels));
    }

    private string In(string name) => Path.Combine(folder, name);
}
