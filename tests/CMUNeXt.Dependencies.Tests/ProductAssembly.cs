using System.Xml.Linq;
using CMUNeXt.Tests;
using Mono.Cecil;

namespace CMUNeXt.Dependencies.Tests;

/// <summary>What a project of <c>src</c> was compiled to.</summary>
/// <param name="Project">The project's name, that of its folder.</param>
/// <param name="RootNamespace">The namespace of the files in the project's own folder.</param>
/// <param name="Module">Its code.</param>
internal sealed record ProductAssembly(string Project, string RootNamespace, ModuleDefinition Module)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ProductAssembly> All { get; } =
        [.. Directory.GetFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>The projects that it refers to.</summary>
    public IEnumerable<string> References =>
        All.Where(other => Module.AssemblyReferences.Any(reference => reference.Name == other.Module.Assembly.Name.Name))
            .Select(other => other.Project);

    private static ProductAssembly Read(string path)
    {
        string project = Path.GetFileNameWithoutExtension(path);
        string Property(string name) => XDocument.Load(path).Descendants(name).SingleOrDefault()?.Value ?? project;

        // bin/Release/net10.0 of this project is there bin/Release/net10.0 too.
        string output = Path.GetRelativePath(Repository.Path("tests", "CMUNeXt.Dependencies.Tests"), AppContext.BaseDirectory);
        string file = Path.Combine(Path.GetDirectoryName(path)!, output, Property("AssemblyName") + ".dll");
        return new ProductAssembly(project, Property("RootNamespace"), ModuleDefinition.ReadModule(file));
    }
}
