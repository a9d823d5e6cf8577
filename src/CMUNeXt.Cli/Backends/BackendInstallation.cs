using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security;
using CMUNeXt.Backends;

namespace CMUNeXt.Cli.Backends;

/// <summary>
/// Installs an optional backend by the .NET SDK: in a checkout it builds the backend's project; an installed tool restores the backend's
/// package by a project made for it, and publishes that.
/// </summary>
internal static class BackendInstallation
{
    /// <summary>Installs a backend; one that is there is replaced.</summary>
    /// <param name="backend">Which.</param>
    /// <param name="source">A folder of packages; null takes the registered sources alone.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>The exit status.</returns>
    /// <exception cref="BackendException">There is no native library for this system.</exception>
    public static async Task<int> Run(OptionalBackend backend, string? source, CancellationToken stop)
    {
        CheckSystem(backend, SystemName);
        BackendFolder folder = new(backend);
        if (BackendFolder.Checkout is { } root)
        {
            if (source is not null)
            {
                throw new UsageException("--source is for an installed tool; this is a checkout, where the backend is built");
            }

            // What is damaged there would be taken for current.
            if (Directory.Exists(folder.Path))
            {
                Directory.Delete(folder.Path, recursive: true);
            }

            string configuration = Path.GetFileName(Path.GetDirectoryName(folder.Path)!);
            await Dotnet(["build", Path.Combine(root, "src", backend.Package), "-c", configuration], stop);
        }
        else
        {
            await Publish(backend, source, folder.Path, stop);
        }

        Console.WriteLine($"The {backend.Name} backend is in {folder.Path}.");
        return ExitStatus.Done;
    }

    /// <summary>Refuses a system that there is no native library for: the backend would be installed without one.</summary>
    /// <exception cref="BackendException">It is refused.</exception>
    internal static void CheckSystem(OptionalBackend backend, string system)
    {
        if (!backend.Systems.Contains(system))
        {
            throw new BackendException(
                $"there is no native library of {backend.Name} for {system}, only for {string.Join(", ", backend.Systems)}; "
                    + "the managed backend needs none");
        }
    }

    // Made beside the final place and moved there when it is whole.
    private static async Task Publish(OptionalBackend backend, string? source, string target, CancellationToken stop)
    {
        string parent = Path.GetDirectoryName(target)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(parent);
        }
        else
        {
            Directory.CreateDirectory(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        string work = Path.Combine(parent, $".{backend.Name}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(work);
        try
        {
            string project = Path.Combine(work, "backend.csproj");
            await File.WriteAllTextAsync(project, Project(backend, source), stop);
            string output = Path.Combine(work, "output");
            await Dotnet(["publish", project, "-c", "Release", "-o", output], stop);
            if (Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }

            Directory.Move(output, target);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    // Named for this system, so that no other system's native libraries are restored or published.
    private static string Project(OptionalBackend backend, string? source) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net{Environment.Version.ToString(2)}</TargetFramework>
            <RuntimeIdentifier>{SystemName}</RuntimeIdentifier>
            <SelfContained>false</SelfContained>
            <NuGetAudit>false</NuGetAudit>
            <CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>true</CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>
            <CreateHardLinksForPublishFilesIfPossible>true</CreateHardLinksForPublishFilesIfPossible>
            <RestoreAdditionalProjectSources>{Source(source)}</RestoreAdditionalProjectSources>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="{backend.Package}" Version="[{ThisProgram.Version}]" />
          </ItemGroup>
        </Project>
        """;

    private static string? Source(string? source) => SecurityElement.Escape(source is null ? "" : Path.GetFullPath(source));

    // The names that native packages have, whatever the runtime calls a distribution.
    private static string SystemName
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            string libc = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "-musl" : "";
            return $"{system}{libc}-{RuntimeInformation.OSArchitecture}".ToLowerInvariant();
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new IOException($"{start.FileName} does not start");
        }
        catch (Win32Exception e)
        {
            throw new IOException(
                $"{start.FileName} does not start ({e.Message}): a backend takes the .NET SDK, from "
                    + "https://dotnet.microsoft.com/download/dotnet/10.0",
                e);
        }
    }

    private static async Task Dotnet(IEnumerable<string> arguments, CancellationToken stop)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        ProcessStartInfo start = new(host, [.. arguments, "-nologo", "-v", "quiet"]) { RedirectStandardOutput = true };
        using Process process = Start(start);
        Task<string> output = process.StandardOutput.ReadToEndAsync(stop);
        try
        {
            await process.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            string[] lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            string? error = Array.Find(lines, line => line.Contains("error", StringComparison.OrdinalIgnoreCase));
            string advice = error?.Contains("NU1101", StringComparison.Ordinal) == true
                ? "; give --source DIR with the packages of this program" : "";
            throw new IOException($"the backend was not installed: {error ?? $"dotnet ended with status {process.ExitCode}"}{advice}");
        }
    }
}
