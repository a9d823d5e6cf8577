using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using CMUNeXt.Backends;

namespace CMUNeXt.Cli.Backends;

/// <summary>
/// Loads an optional backend from its folder. What the program has too, such as the core, is shared; everything else, native libraries
/// included, is the folder's own.
/// </summary>
internal sealed class BackendLoadContext : AssemblyLoadContext
{
    private static readonly HashSet<string> Shared =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => Path.GetFileNameWithoutExtension(path)),
    ];

    private readonly AssemblyDependencyResolver resolver;

    private BackendLoadContext(string name, string component)
        : base(name) => resolver = new AssemblyDependencyResolver(component);

    /// <summary>Loads a backend.</summary>
    /// <exception cref="BackendException">
    /// The folder is open to others, or of another version, or what lies there is not loaded.
    /// </exception>
    public static IBackend Load(OptionalBackend backend, BackendFolder folder)
    {
        string again = $"run `cmunext backend add {backend.Name}` again";
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder.Path) & UnixFileMode.OtherWrite) != 0)
        {
            throw new BackendException($"{folder.Path}: others may write here, so nothing of it is loaded; remove it, and {again}");
        }

        // The dependencies stand in the one file of its kind: that of the backend's project, or of the project that published it.
        string component = Directory.GetFiles(folder.Path, "*.deps.json") is [var dependencies]
            ? dependencies[..^".deps.json".Length] + ".dll"
            : throw new BackendException($"{folder.Path}: is not complete; remove it, and {again}");
        try
        {
            Assembly assembly = new BackendLoadContext(backend.Name, component).LoadFromAssemblyPath(folder.Assembly);
            string version = ThisProgram.VersionOf(assembly);
            return version != ThisProgram.Version
                ? throw new BackendException($"{folder.Path}: holds version {version}, and this program is {ThisProgram.Version}; {again}")
                : (IBackend)Activator.CreateInstance(assembly.GetExportedTypes().Single(type => type.IsAssignableTo(typeof(IBackend))))!;
        }
        catch (Exception e) when (e is BadImageFormatException or FileNotFoundException or FileLoadException or TypeLoadException
            or InvalidOperationException)
        {
            throw new BackendException($"{folder.Path}: is not loaded ({e.Message}); remove it, and {again}");
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) =>
        Shared.Contains(assemblyName.Name!) ? null
        : resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path)
        : null;

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path && NativeLibrary.TryLoad(path, out nint handle) ? handle : 0;
}
