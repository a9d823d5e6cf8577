using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CMUNeXt.Tests;

/// <summary>
/// Compiles a project ahead of time for this machine, or for arm64, which qemu runs. Tests that need it are skipped where a linker or qemu
/// is missing; tests/aot/install.sh installs them on Debian.
/// </summary>
internal static class AheadOfTime
{
    // A package that is not to be found, by its name, its version, or for want of the source of packages: no other error of a restore.
    private static readonly string[] Missing = ["NU1100", "NU1101", "NU1102", "NU1301"];

    // Two compilers at once would want more memory than a small machine has.
    private static readonly Lock OneAtATime = new();

    /// <summary>Publishes a project with warnings as errors, and gives the path of the program.</summary>
    /// <param name="project">The project's folder below the root.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="folder">Where to put everything.</param>
    /// <param name="arm">Compile for arm64.</param>
    public static string Publish(string project, string program, string folder, bool arm = false)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "Only on Linux for x64.");
        Assert.SkipUnless(arm || System.Runtime.Intrinsics.X86.Avx2.IsSupported, "This machine does not have AVX2.");
        string[] needed = arm ? ["aarch64-linux-gnu-gcc", "qemu-aarch64-static"] : ["gcc"];
        foreach (string tool in needed)
        {
            Assert.SkipUnless(IsOnPath(tool), $"{tool} is not installed: run tests/aot/install.sh.");
        }

        string[] cross = arm ? ["-p:CppCompilerAndLinker=aarch64-linux-gnu-gcc", "-p:ObjCopyName=aarch64-linux-gnu-objcopy"] : [];
        lock (OneAtATime)
        {
            // Folders of its own: a build that goes on beside the tests is left alone.
            (int status, string output) = Run(
                ChildProcess.Dotnet,
                [
                    "publish", Repository.Path(project), "-c", "Release", "-r", arm ? "linux-arm64" : "linux-x64", "-warnaserror",
                    "-nologo",
                    "--artifacts-path", Path.Combine(folder, "artifacts"), "-o", Path.Combine(folder, "published"), .. cross,
                ]);
            Assert.SkipWhen(
                status != 0 && Missing.Any(code => output.Contains($"error {code}", StringComparison.Ordinal)),
                $"The ahead-of-time compiler is not to be had: {output}");
            Assert.True(status == 0, output);
            return Path.Combine(folder, "published", program);
        }
    }

    /// <summary>Runs a published program to the end.</summary>
    public static (int Status, string Output) Run(string program, bool arm, params string[] arguments) =>
        arm ? Run("qemu-aarch64-static", ["-L", "/usr/aarch64-linux-gnu", program, .. arguments]) : Run(program, arguments);

    private static bool IsOnPath(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    private static (int Status, string Output) Run(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments);

        // What the test's own build runs with is not meant for another one.
        start.Environment.Remove("MSBuildSDKsPath");
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        (int status, string output, string error) = ChildProcess.Run(start);
        return (status, output + error);
    }
}
