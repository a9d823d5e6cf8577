using CMUNeXt.Backends;

namespace CMUNeXt.Cli.Backends;

/// <summary>
/// Where an optional backend lies: in a checkout where its project is built to, otherwise in a folder of the user's for this version of the
/// program.
/// </summary>
internal sealed class BackendFolder(OptionalBackend backend)
{
    /// <summary>The checkout that this program was built in; null where it is an installed tool.</summary>
    public static string? Checkout { get; } = FindCheckout();

    /// <summary>The folder.</summary>
    public string Path { get; } = Checkout is { } root
        ? System.IO.Path.Combine([root, "src", backend.Package, .. OutputParts])
        : System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "cmunext", "backends", ThisProgram.Version, backend.Name);

    /// <summary>Its assembly.</summary>
    public string Assembly => System.IO.Path.Combine(Path, backend.Package + ".dll");

    /// <summary>Tells the registry of every optional backend: those that are installed are loaded when they are first needed.</summary>
    public static void RegisterAll()
    {
        foreach (OptionalBackend backend in OptionalBackend.All)
        {
            BackendFolder folder = new(backend);
            if (File.Exists(folder.Assembly))
            {
                BackendRegistry.Add(backend.Name, () => BackendLoadContext.Load(backend, folder));
            }
            else
            {
                BackendRegistry.AddMissing(backend.Name, backend.Remedy);
            }
        }
    }

    // A project is built to bin/CONFIGURATION/FRAMEWORK.
    private static string[] OutputParts
    {
        get
        {
            string output = System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            return ["bin", System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(output)!), System.IO.Path.GetFileName(output)];
        }
    }

    private static string? FindCheckout()
    {
        string root = System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", ".."));
        return File.Exists(System.IO.Path.Combine(root, "CMUNeXt.slnx")) ? root : null;
    }
}
