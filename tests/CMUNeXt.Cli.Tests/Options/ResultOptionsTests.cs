using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Parsing;

namespace CMUNeXt.Cli.Tests.Options;

public sealed class ResultOptionsTests
{
    [Theory]
    [InlineData("predict")]
    [InlineData("dicom")]
    public void Verbs_that_write_results_have_all_options_of_results_and_of_the_backend_in_one_order(string verb)
    {
        string[] shared = [.. NamesOf(new ComputingOptions().All), .. NamesOf(new ResultOptions("").With())];
        Assert.Equal(shared, NamesOf(CommandLine.Root.Subcommands.Single(command => command.Name == verb).Options).Intersect(shared));
    }

    private static IEnumerable<string> NamesOf(IEnumerable<Option> options) => options.Select(static option => option.Name);
}
