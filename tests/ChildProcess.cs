using System.Diagnostics;

namespace CMUNeXt.Tests;

/// <summary>A program that a test runs to its end. One that hangs is killed with all that it started, and the test fails.</summary>
internal static class ChildProcess
{
    // Far above what any test needs: only a program that hangs takes it.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>The program that runs assemblies: the one that runs this one.</summary>
    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Runs a program, and gives what it wrote.</summary>
    public static (int Status, string Output, string Error) Run(string program, params string[] arguments) =>
        Run(new ProcessStartInfo(program, arguments));

    /// <summary>Runs a program in a folder and surroundings of its own, and gives what it wrote.</summary>
    public static (int Status, string Output, string Error) Run(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();

        // What it started may outlive it, and holds its ends of the pipes as long.
        if (!Task.WaitAll([output, error], Longest) || !process.WaitForExit(Longest))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{start.FileName} {string.Join(' ', start.ArgumentList)} has not ended after {Longest}.");
        }

        return (process.ExitCode, output.Result, error.Result);
    }
}
