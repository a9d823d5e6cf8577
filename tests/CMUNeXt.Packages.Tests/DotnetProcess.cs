using System.Diagnostics;
using CMUNeXt.Tests;

namespace CMUNeXt.Packages.Tests;

/// <summary>Runs programs in a folder of their own; what was restored on this machine before is not fetched again.</summary>
internal sealed class DotnetProcess(string folder)
{
    private static readonly string Restored = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Runs a program that has to succeed.</summary>
    /// <returns>What it wrote on standard output and standard error.</returns>
    public string Succeed(string program, params string[] arguments)
    {
        (int status, string output) = Run(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}:\n{output}");
        return output;
    }

    private (int Status, string Output) Run(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder };

        // What the test's own build runs with is not meant for another one.
        start.Environment.Remove("MSBuildSDKsPath");
        start.Environment["NUGET_FALLBACK_PACKAGES"] = Restored;
        start.Environment["NUGET_PACKAGES"] = Path.Combine(folder, "restored");
        start.Environment["DOTNET_CLI_HOME"] = Path.Combine(folder, "home");
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        (int status, string output, string error) = ChildProcess.Run(start);
        return (status, output + error);
    }
}
