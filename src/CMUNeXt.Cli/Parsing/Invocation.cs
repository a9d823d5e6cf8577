using System.CommandLine;
using System.CommandLine.Parsing;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Mpi;

namespace CMUNeXt.Cli.Parsing;

/// <summary>Runs a command line, and turns whatever happens into one line and an exit status.</summary>
internal static class Invocation
{
    public static async Task<int> Run(IReadOnlyList<string> args, CancellationToken stop)
    {
        ParseResult? parsed = null;
        try
        {
            parsed = CommandLine.Parse(args);
            IReadOnlyList<string> unknown = OptionHints.TakenForFiles(parsed);
            if (parsed.Errors.Count + unknown.Count > 0)
            {
                string errors = OptionHints.UnknownVerb(parsed) ?? string.Join(
                    ' ',
                    [
                        .. parsed.Errors.Select(error => error.Message),
                        .. unknown.Select(option => $"There is no option {option}."),
                        .. OptionHints.Of(parsed),
                    ]);

                // Under mpirun every rank has the same command line.
                if (MpiLauncher.Rank == 0)
                {
                    FailureReport.Print($"{errors} See \"cmunext {HelpPath(parsed)}--help\".");
                }

                return ExitStatus.Usage;
            }

            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop);
        }
        catch (Exception e)
        {
            if (parsed?.GetValue(CommonOptions.Verbose) == true)
            {
                Console.Error.WriteLine(e);
            }

            return FailureReport.Print(e, stop);
        }
    }

    private static string HelpPath(ParseResult parsed)
    {
        string path = "";
        for (SymbolResult? result = parsed.CommandResult;
            result is CommandResult { Command: not RootCommand } command; result = result.Parent)
        {
            path = $"{command.Command.Name} {path}";
        }

        return path;
    }
}
