using System.Diagnostics;
using System.Reflection;

namespace CMUNeXt.Cli;

/// <summary>Which program this is, and how it starts itself again in a process of its own.</summary>
internal static class ThisProgram
{
    /// <summary>The version, such as 0.1.0.</summary>
    public static string Version { get; } = VersionOf(typeof(ThisProgram).Assembly);

    /// <summary>An assembly's version, without the commit that it was built from.</summary>
    public static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The command that starts it, to be given its arguments.</summary>
    public static ProcessStartInfo Start()
    {
        // An executable of its own, or a library that the dotnet command runs.
        string process = Environment.ProcessPath!;
        bool isDotnet = Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        Assembly program = typeof(ThisProgram).Assembly;
        return Assembly.GetEntryAssembly() == program && !isDotnet
            ? new ProcessStartInfo(process)
            : new ProcessStartInfo(
                isDotnet ? process : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program.Location]);
    }
}
