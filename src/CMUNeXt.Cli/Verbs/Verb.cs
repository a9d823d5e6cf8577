using System.CommandLine;

namespace CMUNeXt.Cli.Verbs;

/// <summary>How a verb becomes a command of the command line.</summary>
internal static class Verb
{
    /// <summary>Makes the command of a verb.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="symbols">Its arguments and options, in the order of the help.</param>
    /// <param name="run">Does it, and gives the exit status.</param>
    public static Command Create(
        string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, int> run) =>
        Create(name, description, symbols, (parsed, stop) => Task.FromResult(run(parsed, stop)));

    /// <inheritdoc cref="Create(string, string, IEnumerable{Symbol}, Func{ParseResult, CancellationToken, int})"/>
    public static Command Create(
        string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        Command command = new(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.SetAction(run);
        return command;
    }
}
