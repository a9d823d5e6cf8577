using CMUNeXt.Tests;

namespace CMUNeXt.Dependencies.Tests;

public sealed class LineTests
{
    private const int LongestLine = 140;

    // Those of this repository alone, not what a build makes.
    private static readonly string[] Folders = ["benchmarks", "docs", "samples", "src", "tests"];

    [Fact]
    public void No_line_is_longer_than_the_editor_shows()
    {
        string[] files =
        [
            .. Directory.EnumerateFiles(Repository.Path(), "*.cs"),
            .. Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*.cs", SearchOption.AllDirectories))
                .Where(path => !path.EndsWith(".g.cs", StringComparison.Ordinal) && !IsBuilt(path)),
        ];
        Assert.Contains(Repository.Path("src", "CMUNeXt", "Segmenter.cs"), files);
        Assert.Empty(files.SelectMany(path => File.ReadLines(path)
            .Select((line, index) => (line.Length, Place: $"{Path.GetRelativePath(Repository.Path(), path)}({index + 1})"))
            .Where(line => line.Length > LongestLine).Select(line => line.Place)));
    }

    private static bool IsBuilt(string path) =>
        path.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj" or "node_modules");
}
