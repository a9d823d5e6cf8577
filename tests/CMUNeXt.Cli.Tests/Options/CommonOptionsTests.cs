using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Parsing;

namespace CMUNeXt.Cli.Tests.Options;

public sealed class CommonOptionsTests
{
    [Theory]
    [InlineData("--threshold is above 0 and below 1, not 0.", "predict", "a.png", "--threshold", "0")]
    [InlineData("--threshold is above 0 and below 1, not 1.", "dicom", "--orthanc", "http://localhost:8042", "--threshold", "1")]
    [InlineData("--min-area is at least 0, not -1.", "predict", "a.png", "--min-area", "-1")]
    [InlineData("--mm-per-pixel is from 0.0001 to 100, not 101.", "predict", "a.png", "--mm-per-pixel", "101")]
    [InlineData("--port is from 0 to 65535, not 65536.", "serve", "--port", "65536")]
    [InlineData("--val-fraction is above 0 and below 1, not 1.", "split", "--data", "x", "--val-fraction", "1")]
    [InlineData("--folds is at least 2, not 1.", "split", "--data", "x", "--folds", "1")]
    [InlineData("--seconds is above 0, and at most 3600, not 3601.", "benchmark", "--seconds", "3601")]
    public void A_number_out_of_its_range_is_named_with_the_range(string said, params string[] arguments) =>
        Assert.Equal([said], CommandLine.Parse(arguments).Errors.Select(static error => error.Message));

    [Theory]
    [InlineData("predict", "a.png", "--threshold", "0.5", "--min-area", "0", "--mm-per-pixel", "100")]
    [InlineData("serve", "--port", "65535")]
    [InlineData("split", "--data", "x", "--folds", "2")]
    [InlineData("benchmark", "--seconds", "3600")]
    public void A_number_at_the_end_of_its_range_is_taken(params string[] arguments) => Assert.Empty(CommandLine.Parse(arguments).Errors);

    [Fact]
    public void Options_are_given_again_as_they_were_each_value_with_its_name()
    {
        ParseResult parsed = CommandLine.Parse(
            ["predict", "--weights=a,b.pth", "in", "--letterbox", "false", "--tta", "--weights", "c.pth", "--mean", "1,2,3"]);
        string[] again = [.. parsed.CommandResult.Command.Options.SelectMany(option => CommonOptions.AsGiven(parsed, option))];
        Assert.Equal(
            ["--weights", "a,b.pth", "--weights", "c.pth", "--tta", "--mean", "1,2,3", "--letterbox", "false"], again);
    }
}
