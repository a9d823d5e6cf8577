using System.CommandLine;
using CMUNeXt.Cli.Parsing;

namespace CMUNeXt.Cli.Tests.Parsing;

public sealed class EarlierOptionsTests
{
    [Fact]
    public void Earlier_spellings_are_taken()
    {
        ParseResult parsed = CommandLine.Parse(
            ["train", "--output", "x", "--optimiser", "adamw", "--rate=0.02", "--order", "normalisation-first"]);
        Assert.Empty(parsed.Errors);
        Assert.Equal("adamw", parsed.GetValue<string>("--optimizer"));
        Assert.Equal(0.02, parsed.GetValue<double>("--learning-rate"));
        Assert.Equal("normalization-first", parsed.GetValue<string>("--order"));
        Assert.Equal("cross-entropy-batch-dice", LossOf("--loss", "ce-batch-dice"));
        Assert.Equal("cross-entropy", LossOf("--loss=ce"));
        Assert.Equal("gray", OrderOf("--order", "grey"));
        Assert.Equal("gray", OrderOf("--order=grey"));
        Assert.True(CommandLine.Parse(["export", "--output", "x.onnx", "--fold-normalisation"]).GetValue<bool>("--fold-normalization"));
    }

    [Fact]
    public void What_stands_behind_two_dashes_is_no_option() =>
        Assert.Equal(["predict", "--", "--rate", "x=1"], EarlierOptions.Renamed(["predict", "--", "--rate", "x=1"]));

    private static string? LossOf(params string[] given) =>
        CommandLine.Parse(["train", "--output", "x", .. given]).GetValue<string>("--loss");

    private static string? OrderOf(params string[] given) =>
        CommandLine.Parse(["evaluate", "--data", "x", "--list", "y", "--output", "z", .. given]).GetValue<string>("--order");
}
