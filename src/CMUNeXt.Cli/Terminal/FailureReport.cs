using CMUNeXt.Backends;
using CMUNeXt.Cli.Backends;
using CMUNeXt.Files;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Turns what went wrong into one line and an exit status.</summary>
internal static class FailureReport
{
    /// <summary>Prints what went wrong, in one line.</summary>
    /// <returns>The exit status.</returns>
    public static int Print(Exception exception, CancellationToken stop)
    {
        Exception e = First(exception);
        int status = StatusOf(e, stop);
        Print(e switch
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

    /// <summary>Prints a line of what went wrong.</summary>
    public static void Print(string message) => Console.Error.WriteLine($"cmunext: {PrintableText.Of(message)}");

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
}
