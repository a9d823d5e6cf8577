using CMUNeXt.Tests;

namespace CMUNeXt.Dependencies.Tests;

/// <summary>Arrows only go down: between projects, and between the namespaces of each.</summary>
public sealed class DependencyTests
{
    /// <summary>From the lowest to the highest: each may refer to those before it.</summary>
    private static readonly string[] Levels =
    [
        "CMUNeXt.Files", "CMUNeXt", "CMUNeXt.Imaging", "CMUNeXt.Pretrained", "CMUNeXt.Pretrained.Thyroid", "CMUNeXt.Drawing",
        "CMUNeXt.Training", "CMUNeXt.Extensions", "CMUNeXt.Dicom",
        "CMUNeXt.Onnx", "CMUNeXt.OnnxRuntime", "CMUNeXt.Torch", "CMUNeXt.Mpi", "CMUNeXt.Server", "CMUNeXt.Edge", "CMUNeXt.Cli",
    ];

    [Fact]
    public void Every_project_refers_to_lower_ones_alone()
    {
        Assert.All(ProductAssembly.All, assembly =>
        {
            Assert.Contains(assembly.Project, Levels);
            Assert.All(assembly.References, reference => Assert.True(
                Array.IndexOf(Levels, reference) < Array.IndexOf(Levels, assembly.Project),
                $"{assembly.Project} refers to {reference}, which is above it."));
        });
    }

    [Fact]
    public void Internals_are_open_to_tests_and_benchmarks_alone()
    {
        string[] tests =
        [
            .. ((string[])["tests", "benchmarks"])
                .SelectMany(folder => Directory.EnumerateDirectories(Repository.Path(folder)).Select(path => Path.GetFileName(path))),
        ];
        string[] friends =
        [
            .. from assembly in ProductAssembly.All
               from attribute in assembly.Module.Assembly.CustomAttributes
               where attribute.AttributeType.Name == "InternalsVisibleToAttribute"
               select (string)attribute.ConstructorArguments[0].Value,
        ];
        Assert.Contains("CMUNeXt.Tests", friends);
        Assert.All(friends, friend => Assert.Contains(friend, tests));
    }

    [Fact]
    public void Namespaces_of_a_project_form_no_circle()
    {
        string[] found =
        [
            .. from assembly in ProductAssembly.All
               from circle in DependencyGraph.OfNamespaces(assembly).Circles()
               select $"A circle: {string.Join(", ", circle)}\n{string.Join('\n', DependencyGraph.Reasons(assembly, circle))}",
        ];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Fact]
    public void A_circle_is_found()
    {
        ILookup<string, string> edges = new[] { ("a", "b"), ("b", "c"), ("c", "b"), ("c", "d") }.ToLookup(
            edge => edge.Item1, edge => edge.Item2);
        DependencyGraph graph = new(["a", "b", "c", "d"], edges);
        Assert.Equal([["b", "c"]], graph.Circles());
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        Assert.All(ProductAssembly.All, assembly =>
        {
            string folder = Repository.Path("src", assembly.Project);
            Assert.All(
                Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path))
                    .Where(path => !path.StartsWith("obj", StringComparison.Ordinal) && !path.StartsWith("bin", StringComparison.Ordinal))
                    .Where(path => !path.EndsWith(".g.cs", StringComparison.Ordinal)),
                path =>
                {
                    string place = Path.Combine(assembly.RootNamespace, Path.GetDirectoryName(path)!);
                    string expected = $"namespace {place.Replace(Path.DirectorySeparatorChar, '.').TrimEnd('.')};";
                    Assert.All(File.ReadLines(Path.Combine(folder, path))
                        .Where(line => line.StartsWith("namespace ", StringComparison.Ordinal)), line => Assert.Equal(expected, line));
                });
        });
    }
}
