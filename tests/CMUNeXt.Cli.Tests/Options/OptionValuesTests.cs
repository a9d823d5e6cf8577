using System.CommandLine;
using System.CommandLine.Parsing;
using CMUNeXt.Cli.Parsing;

namespace CMUNeXt.Cli.Tests.Options;

public sealed class OptionValuesTests
{
    [Theory]
    [InlineData("predict", "--mean", "0.5")]
    [InlineData("predict", "--seg-frames", "1,2")]
    [InlineData("compare", "--subgroups", "Label,Marks")]
    public void Behind_a_list_stand_the_arguments_of_a_verb_that_has_some(string verb, string option, string values)
    {
        ParseResult parsed = CommandLine.Parse([verb, option, values, "A", "B"]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(
            ["A", "B"],
            parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(static argument => argument.Tokens)
                .Select(static token => token.Value));
    }

    [Theory]
    [InlineData("cmunext,unet")]
    [InlineData("cmunext", "unet")]
    public void A_list_of_a_verb_without_arguments_takes_commas_and_blanks(params string[] values) => Assert.Equal(
        ["cmunext", "unet"],
        CommandLine.Parse(["suite", "--output", "x", "--models", .. values]).GetValue<string[]>("--models")!);
}
