using System.Runtime.InteropServices;

namespace CMUNeXt.Mpi.Native;

/// <summary>What .NET itself does not offer of the C library.</summary>
internal static partial class Libc
{
    private const int Now = 2;
    private const int Global = 0x100;

    /// <summary>Loads a library whose symbols all libraries find that are loaded later; 0 where it cannot be loaded.</summary>
    public static nint OpenGlobally(string library) => dlopen(library, Now | Global);

    /// <summary>
    /// Sets an environment variable that is not set, as native code sees it:
    /// <see cref="Environment.SetEnvironmentVariable(string, string)"/> changes a copy of .NET's own.
    /// </summary>
    public static void SetVariable(string name, string value) => _ = setenv(name, value, 0);

    /// <summary>Ends the process without anything in between.</summary>
    public static void Exit(int status) => _exit(status);

    /// <summary>Whether there is a process of that number on this host.</summary>
    public static bool Exists(int process) => kill(process, 0) == 0;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint dlopen(string library, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc")]
    private static partial void _exit(int status);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
