using System.Text.Json;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>Weights by their names.</summary>
public sealed class NamedWeightsTests
{
    [Fact]
    public void The_list_names_what_weights_takes()
    {
        (int status, string output, _) = CommandProcess.Run("weights", "--json");
        Assert.Equal(0, status);
        using JsonDocument listed = JsonDocument.Parse(output);
        Assert.Equal("breast-ultrasound", listed.RootElement[0].GetProperty("name").GetString());
        foreach (JsonElement one in listed.RootElement.EnumerateArray())
        {
            (int described, string info, _) = CommandProcess.Run("info", "--weights", one.GetProperty("name").GetString()!);
            Assert.Equal(0, described);
            Assert.Contains(one.GetProperty("sha256").GetString()!, info, StringComparison.Ordinal);
        }

        (_, string text, _) = CommandProcess.Run("weights");
        Assert.Contains("breast-ultrasound (default): cmunext-s, 192 x 192", text, StringComparison.Ordinal);
        Assert.Contains("not a medical device", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_name_that_is_unknown_is_told_those_that_are()
    {
        (int status, _, string error) = CommandProcess.Run("info", "--weights", "brest-ultrasound");
        Assert.Equal(1, status);
        Assert.Contains(
            "brest-ultrasound: there is no such file, and the weights that come with this program are breast-ultrasound, "
                + "thyroid-ultrasound",
            error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_is_not_named_and_how_its_file_is_written_is_said()
    {
        (int status, _, string error) = CommandProcess.Run(
            "train", "--data", "data", "--train", "train.txt", "--val", "val.txt", "--model", "cmunext-s", "--output", "run",
            "--teacher", "breast-ultrasound");
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains(
            "cmunext export --weights breast-ultrasound --output breast-ultrasound.safetensors", Assert.Single(error.Trim().Split('\n')),
            StringComparison.Ordinal);
    }
}
