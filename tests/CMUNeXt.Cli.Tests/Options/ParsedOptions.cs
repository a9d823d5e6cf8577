using System.CommandLine;
using CMUNeXt.Cli.Options;

namespace CMUNeXt.Cli.Tests.Options;

/// <summary>Reads options as a verb that has them does.</summary>
internal static class ParsedOptions
{
    /// <summary>What the arguments say, all of which are of these options.</summary>
    /// <param name="options">The verb's options.</param>
    /// <param name="arguments">The command line behind the verb.</param>
    public static ParseResult Of(IEnumerable<Option> options, params string[] arguments)
    {
        Command command = new("train");
        foreach (Option option in options)
        {
            command.Add(option);
        }

        OptionValues.Bind(command);
        ParseResult parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return parsed;
    }
}
