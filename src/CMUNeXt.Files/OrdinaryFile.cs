using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CMUNeXt.Files;

/// <summary>
/// Tells files from pipes, terminals and the like, which have no length and no place to go back to. .NET finds that out only once it has
/// opened one, and opening a pipe that nobody writes into waits for ever.
/// </summary>
internal static partial class OrdinaryFile
{
    private const int NoWaitOnLinux = 0x800;
    private const int NoWaitOnMacOS = 0x4;
    private const int FromHere = 1;

    /// <summary>
    /// Whether a path leads to an ordinary file, or to nothing that can be opened; where the system has no such pipes, true.
    /// </summary>
    public static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return true;
        }

        int descriptor = open(path, OperatingSystem.IsLinux() ? NoWaitOnLinux : NoWaitOnMacOS);
        using SafeFileHandle handle = new(descriptor, ownsHandle: true);
        return handle.IsInvalid || lseek(descriptor, 0, FromHere) >= 0;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial nint lseek(int descriptor, nint offset, int origin);
}
