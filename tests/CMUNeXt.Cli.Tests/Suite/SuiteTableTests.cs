using CMUNeXt.Cli.Suite;
using Spectre.Console;

namespace CMUNeXt.Cli.Tests.Suite;

[Collection(nameof(Console))]
public sealed class SuiteTableTests
{
    [Fact]
    public void Of_one_network_without_a_training_it_is_one_table_in_Markdown()
    {
        string[] lines = Print(new SuiteReport(null, [new SuiteRow
        {
            Model = "cmunext-s",
            Size = 256,
            Parameters = 1,
            ConvolutionMacs = 1,
            AllMacs = 1,
        }]));
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == '|'), line.Count(c => c == '|')));
        Assert.All(lines[1].Trim('|').Split('|'), cell => Assert.Matches("^ *:?-+:? *$", cell));
    }

    private static string[] Print(SuiteReport report)
    {
        IAnsiConsole before = AnsiConsole.Console;
        using StringWriter text = new();
        AnsiConsole.Console = AnsiConsole.Create(
            new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        AnsiConsole.Profile.Width = 1000;
        try
        {
            SuiteTable.Print(report);
        }
        finally
        {
            AnsiConsole.Console = before;
        }

        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
