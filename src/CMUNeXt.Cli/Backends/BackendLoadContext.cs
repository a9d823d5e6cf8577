using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using CMUNeXt.Backends;
using CMUNeXt.Files;

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
    /// <exception cref="BadFileException">
    /// The folder is open to others, or not complete, or what lies there is damaged, of another version, or compiled for another program.
    /// </exception>
    public static IBackend Load(OptionalBackend backend, BackendFolder folder)
    {
        string again = backend.Remedy;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder.Path) & UnixFileMode.OtherWrite) != 0)
        {
            throw new BadFileException(folder.Path, $"others may write here, so nothing of it is loaded; remove it, and {again}");
        }

        // The dependencies stand in the one file of its kind: that of the backend's project, or of the project that published it.
        string component = Directory.GetFiles(folder.Path, "*.deps.json") is [var dependencies]
            ? dependencies[..^".deps.json".Length] + ".dll"
            : throw new BadFileException(folder.Path, $"is not complete; {again}");
        try
        {
            Assembly assembly = new BackendLoadContext(backend.Name, component).LoadFromAssemblyPath(folder.Assembly);
            string version = ThisProgram.VersionOf(assembly);
            if (version != ThisProgram.Version)
            {
                throw new BadFileException(folder.Assembly, $"is version {version}, and this program is {ThisProgram.Version}; {again}");
            }

            CheckMembers(assembly);
            return (IBackend)Activator.CreateInstance(assembly.GetTypes().Single(type => type.IsAssignableTo(typeof(IBackend))))!;
        }
        catch (Exception e) when (e is BadImageFormatException or IOException or TypeLoadException or ReflectionTypeLoadException
            or MissingMemberException or InvalidOperationException)
        {
            string reason = (e as ReflectionTypeLoadException)?.LoaderExceptions[0]?.Message ?? e.Message;
            throw new BadFileException(folder.Assembly, $"does not load ({reason.Split('\n')[0]}); {again}", e);
        }
    }

    // One that was compiled for another state of the program would fail in the middle of its work, at the first member that is missing.
    private static void CheckMembers(Assembly assembly)
    {
        using PEReader file = new(File.OpenRead(assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        foreach (MemberReferenceHandle member in metadata.MemberReferences)
        {
            if (metadata.GetMemberReference(member).Parent.Kind == HandleKind.TypeReference)
            {
                assembly.ManifestModule.ResolveMember(MetadataTokens.GetToken(member));
            }
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
