using CMUNeXt.Tests;

namespace CMUNeXt.Dependencies.Tests;

public sealed class DrawingTests
{
    /// <summary>
    /// The drawings in docs/how-it-works/architecture.md follow the code: the test writes the page with those that it found beside it.
    /// Where the change is meant, move architecture.actual.md over architecture.md.
    /// </summary>
    [Fact]
    public void The_drawings_are_those_of_the_compiled_code()
    {
        string page = Repository.Path("docs", "how-it-works", "architecture.md");
        string found = Repository.Path("docs", "how-it-works", "architecture.actual.md");
        string recorded = File.ReadAllText(page).ReplaceLineEndings("\n");
        string actual = Replace(recorded, "projects", Mermaid(DependencyGraph.OfProjects()));
        actual = Replace(
            actual, "core", Mermaid(DependencyGraph.OfNamespaces(ProductAssembly.All.Single(assembly => assembly.Project == "CMUNeXt"))));
        File.Delete(found);
        if (recorded != actual)
        {
            File.WriteAllText(found, actual);
            Assert.Fail($"The code's dependencies are others than {page} draws. Compare it with {found}; "
                + "where the change is meant, move that over it.");
        }
    }

    private static string Mermaid(DependencyGraph graph)
    {
        string Id(string name) => name.Replace('.', '_');
        IEnumerable<string> lines =
        [
            "```mermaid",
            "graph TD",
            .. graph.Nodes.Select(node => $"    {Id(node)}[\"{node}\"]"),
            .. graph.Drawn().Select(edge => $"    {Id(edge.From)} --> {Id(edge.To)}"),
            "```",
        ];
        return string.Join('\n', lines) + "\n";
    }

    private static string Replace(string page, string name, string drawing)
    {
        string begin = $"<!-- {name} -->\n";
        int start = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int end = page.IndexOf("<!-- end -->", start, StringComparison.Ordinal);
        Assert.True(start >= begin.Length && end >= 0, $"The page has no place for the drawing of {name}.");
        return page[..start] + drawing + page[end..];
    }
}
