using Spectre.Console;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Prints tables whose lines are broken for a terminal alone: in a file, or a text that is searched, each stays whole.</summary>
internal static class UnbrokenTable
{
    private const int FileWidth = 1000;

    public static void Write(Table table)
    {
        AnsiConsole.Profile.Width = StandardStreams.IsOutputTerminal ? AnsiConsole.Profile.Width : FileWidth;
        AnsiConsole.Write(table);
    }
}
