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
    /// <exception cref="BenchmarkFailedException">It failed.</exception>
    /// <exception cref="IOException">It does not start.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ProcessFigures Run(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        using Process process = ThisProgram.Start([Word, .. arguments], static start =>
        {
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
        });
        try
        {
            using CancellationTokenRegistration ending = stop.Register(() => process.Kill());
            Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            process.WaitForExit();
            stop.ThrowIfCancellationRequested();
            return process.ExitCode == ExitStatus.Done
                ? ResultJson.Read<ProcessFigures>(LastLine(output.Result))
                : throw new BenchmarkFailedException($"{arguments[0]} failed: {LastLine(error.Result)}");
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
