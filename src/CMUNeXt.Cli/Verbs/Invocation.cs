using System.CommandLine;
using System.CommandLine.Parsing;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Files;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Verbs;

/// <summary>Runs a command line, and turns whatever happens into one line and an exit status.</summary>
internal static class Invocation
{
    public static async Task<int> Run(IReadOnlyList<string> args, CancellationToken stop)
    {
        ParseResult parsed = CommandLine.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string errors = string.Join(' ', parsed.Errors.Select(error => error.Message).Concat(OptionHints.Of(parsed)));
            Report($"{errors} See \"cmunext {HelpPath(parsed)}--help\".");
            return ExitStatus.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop);
        }
        catch (Exception e)
        {
            if (parsed.GetValue(CommonOptions.Verbose))
            {
                Console.Error.WriteLine(e);
            }

            return Report(e, stop);
        }
    }

    private static int Report(Exception exception, CancellationToken stop)
    {
        Exception e = exception is AggregateException { InnerExceptions: [{ } first, ..] } ? first : exception;
        switch (e)
        {
            case OperationCanceledException when stop.IsCancellationRequested:
                Report("interrupted");
                return ExitStatus.Interrupted;
            case UsageException or SettingsException or BackendException:
                Report(e.Message);
                return ExitStatus.Usage;
            case BadFileException or IOException or UnauthorizedAccessException or TrainingFailedException or BenchmarkFailedException
                or PlatformNotSupportedException:
                Report(e.Message);
                return ExitStatus.Failed;
            case OutOfMemoryException:
                Report("there is not enough memory for this; take a smaller size, a smaller batch, or a smaller image");
                return ExitStatus.Failed;
            default:
                Report($"this should not have happened: {e.GetType().Name}: {e.Message.Split('\n')[0]} (--verbose shows where)");
                return ExitStatus.Failed;
        }
    }

    private static void Report(string message) => Console.Error.WriteLine($"cmunext: {PrintableText.Of(message)}");

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
