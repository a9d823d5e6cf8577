using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>A verb in a process of its own, which tells in the end what it has taken.</summary>
internal static class MeasuredProcess
{
    /// <summary>The hidden word before a verb that makes its last line what it has taken.</summary>
    public const string Word = "measured";

    /// <summary>Runs a verb to its end.</summary>
    /// <param name="arguments">The verb and its options.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="BenchmarkFailedException">It did not start, or failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ProcessFigures Run(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        ProcessStartInfo start = ThisProgram.Start();
        foreach (string argument in (string[])[Word, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        stop.ThrowIfCancellationRequested();
        try
        {
            using Process process = Process.Start(start)!;
            using CancellationTokenRegistration ending = stop.Register(() => process.Kill());
            Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            process.WaitForExit();
            stop.ThrowIfCancellationRequested();
            return process.ExitCode == ExitStatus.Done
                ? ResultJson.Read<ProcessFigures>(LastLine(output.Result))
                : throw new BenchmarkFailedException($"{arguments[0]} failed: {LastLine(error.Result)}");
        }
        catch (Win32Exception e)
        {
            throw new BenchmarkFailedException($"{arguments[0]} does not start ({e.Message})");
        }
        catch (JsonException e)
        {
            throw new BenchmarkFailedException($"{arguments[0]} did not tell what it took ({e.Message})");
        }
    }

    /// <summary>In the process of the verb, when it is done.</summary>
    public static void Tell() => Console.WriteLine(ResultJson.ToLine(ProcessFigures.OfThisProcess()));

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
