using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.Win32.SafeHandles;

namespace CMUNeXt.Torch.Native;

/// <summary>
/// Loads TorchSharp's native library where the system's libstdc++ is older than the library asks for
/// (see <see cref="SharedLibrary"/>). Nothing is written to the disk: the changed copy lives in memory.
/// </summary>
internal static partial class LibTorchLoader
{
    private const string Library = "LibTorchSharp";
    private const uint CloseInChildren = 1;
    private static readonly Lock Gate = new();
    private static nint handle;

    /// <summary>
    /// Asks to be called when the system's own loader has failed: where the file as shipped loads, it is used.
    /// </summary>
#pragma warning disable CA2255 // Whoever touches this assembly may be the first to touch TorchSharp; there is no earlier common point.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register()
    {
        if (OperatingSystem.IsLinux())
        {
            // TorchSharp is in the context of this assembly: the program's, or that of a backend loaded on demand.
            AssemblyLoadContext.GetLoadContext(typeof(LibTorchLoader).Assembly)!.ResolvingUnmanagedDll += Resolve;
        }
    }

    private static nint Resolve(Assembly assembly, string name)
    {
        if (name != Library)
        {
            return 0;
        }

        lock (Gate)
        {
            return handle != 0 ? handle : handle = Load();
        }
    }

    private static nint Load()
    {
        string? file = FindShipped();
        if (file is null)
        {
            return 0;
        }

        // The copy has no folder beside it where its neighbors could be found, so they are loaded first.
        string folder = Path.GetDirectoryName(file)!;
        foreach (string neighbor in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
        {
            NativeLibrary.Load(Path.Combine(folder, neighbor));
        }

        SharedLibrary library = new(File.ReadAllBytes(file));
        library.ReplaceImport("GLIBCXX_3.4.32", "_ZSt21ios_base_library_initv", "tzset");

        int descriptor = CreateMemoryFile(Library, CloseInChildren);
        using SafeFileHandle copy = new(descriptor, ownsHandle: true);
        if (descriptor < 0)
        {
            throw new IOException($"memfd_create: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        string path = $"/proc/self/fd/{descriptor}";
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write))
        {
            stream.Write(library.Content);
        }

        return NativeLibrary.Load(path);
    }

    /// <summary>The path of the library as shipped, in the folders of this assembly or those that the runtime searches.</summary>
    internal static string? FindShipped() => FindShipped(typeof(LibTorchLoader).Assembly.Location);

    /// <param name="location">The path of this assembly; empty in a program of a single file.</param>
    internal static string? FindShipped(string location)
    {
        string searched = (string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "";
        string own = location.Length > 0 ? Path.GetDirectoryName(location)! : AppContext.BaseDirectory;
        string system = $"linux-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant();
        return ((string[])[own, Path.Combine(own, "runtimes", system, "native")])
            .Concat(searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Select(folder => Path.Combine(folder, $"lib{Library}.so"))
            .FirstOrDefault(File.Exists);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
