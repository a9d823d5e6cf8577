using System.ComponentModel;
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

    /// <summary>Starts it in a process of its own.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="configure">Says what becomes of its streams, and what else is set before it starts.</param>
    /// <exception cref="IOException">It does not start.</exception>
    public static Process Start(IReadOnlyList<string> arguments, Action<ProcessStartInfo> configure)
    {
        ProcessStartInfo start = CommandOf(arguments);
        configure(start);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"this program does not start in a process of its own ({e.Message})", e);
        }
    }

    private static ProcessStartInfo CommandOf(IReadOnlyList<string> arguments)
    {
        // An executable of its own, or a library that the dotnet command runs.
        string process = Environment.ProcessPath!;
        bool isDotnet = Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        Assembly program = typeof(ThisProgram).Assembly;
        return Assembly.GetEntryAssembly() == program && !isDotnet
            ? new ProcessStartInfo(process, arguments)
            : new ProcessStartInfo(
                isDotnet ? process : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program.Location, .. arguments]);
    }
}
