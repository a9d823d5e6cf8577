using System.CommandLine;
using System.CommandLine.Parsing;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Backends;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Files;
using CMUNeXt.Mpi;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Verbs;

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
                    Report($"{errors} See \"cmunext {HelpPath(parsed)}--help\".");
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

            return Report(e, stop);
        }
    }

    /// <summary>Prints what went wrong, in one line.</summary>
    /// <returns>The exit status.</returns>
    public static int Report(Exception exception, CancellationToken stop)
    {
        Exception e = First(exception);
        int status = StatusOf(e, stop);
        Report(e switch
        {
            OperationCanceledException when status == ExitStatus.Interrupted => "interrupted",
            OutOfMemoryException => "there is not enough memory for this; take a smaller size, a smaller batch, or a smaller image",
            // The assembly that throws is the backend's own.
            PlatformNotSupportedException when OptionalBackend.All.FirstOrDefault(one => one.Package == e.Source) is { } backend =>
                $"{e.Message.TrimEnd('.')}; `cmunext backend add {backend.Name}` installs it anew",
            UsageException or SettingsException or BackendException or BadFileException or IOException or UnauthorizedAccessException
                or TrainingFailedException or BenchmarkFailedException or PlatformNotSupportedException => e.Message,
            _ => $"this should not have happened: {e.GetType().Name}: {e.Message.Split('\n')[0]} (--verbose shows where)",
        });
        return status;
    }

    /// <summary>The exit status of what went wrong.</summary>
    public static int StatusOf(Exception exception, CancellationToken stop) => First(exception) switch
    {
        OperationCanceledException when stop.IsCancellationRequested => ExitStatus.Interrupted,
        UsageException or SettingsException or BackendException => ExitStatus.Usage,
        _ => ExitStatus.Failed,
    };

    private static Exception First(Exception e) => e switch
    {
        AggregateException { InnerExceptions: [{ } first, ..] } => first,
        TypeInitializationException { InnerException: { } inner } => First(inner),
        _ => e,
    };

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
