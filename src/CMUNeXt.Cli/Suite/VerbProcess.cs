using System.Diagnostics;

namespace CMUNeXt.Cli.Suite;

/// <summary>
/// A verb in a process of its own, so that its memory is given back, and a verb that the system ends does not end the others. Its lines are
/// handed on. It does not outlive the process that started it.
/// </summary>
internal static class VerbProcess
{
    /// <summary>The hidden word before a verb that makes it stop when standard input says so, and end with it.</summary>
    public const string Word = "attached";

    private const string Failure = "cmunext: ";

    /// <summary>Runs a verb to its end.</summary>
    /// <param name="arguments">The verb and its options.</param>
    /// <param name="report">Told each line of its standard error.</param>
    /// <param name="stop">Stops it as Ctrl-C does.</param>
    /// <returns>What went wrong, in one line; null where nothing did.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static string? Run(IReadOnlyList<string> arguments, Action<string> report, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Process started;
        try
        {
            started = ThisProgram.Start([Word, .. arguments], static start =>
            {
                start.RedirectStandardInput = true;
                start.RedirectStandardOutput = true;
                start.RedirectStandardError = true;
            });
        }
        catch (IOException e)
        {
            return e.Message;
        }

        using Process process = started;
        string? failure = null;
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is { } line)
            {
                failure = line.StartsWith(Failure, StringComparison.Ordinal) ? line[Failure.Length..] : failure;
                report(line);
            }
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        using (stop.Register(() => AskToStop(process)))
        {
            process.WaitForExit();
        }

        stop.ThrowIfCancellationRequested();
        return process.ExitCode == ExitStatus.Done ? null
            : failure ?? $"its process ended with status {process.ExitCode}; the machine may have too little memory for it";
    }

    /// <summary>
    /// In the process of the verb: a line on standard input stops it, and where the input ends, so does the process, at once.
    /// </summary>
    public static void Attach(CancellationTokenSource stop)
    {
        new Thread(() =>
        {
            try
            {
                while (Console.In.ReadLine() is not null)
                {
                    stop.Cancel();
                }
            }
            catch (ObjectDisposedException)
            {
                // The verb has just come to its end.
                return;
            }

            // Whoever started it is gone, and may be started again at any moment: nobody else may write where it writes.
            using Process self = Process.GetCurrentProcess();
            self.Kill();
        })
        {
            IsBackground = true,
        }.Start();
    }

    private static void AskToStop(Process process)
    {
        try
        {
            process.StandardInput.WriteLine("stop");
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }
}
