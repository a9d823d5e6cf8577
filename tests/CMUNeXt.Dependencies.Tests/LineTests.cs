using CMUNeXt.Tests;

namespace CMUNeXt.Dependencies.Tests;

public sealed class LineTests
{
    private const int LongestLine = 140;

    [Fact]
    public void No_line_is_longer_than_the_editor_shows()
    {
        string[] files =
            [.. SourceFiles.All.Where(path => Path.GetExtension(path) is ".cs" or ".js" or ".mjs" or ".css" or ".html" or ".py" or ".sh")];
        Assert.Contains(Repository.Path("src", "CMUNeXt", "Segmenter.cs"), files);
        Assert.Contains(Repository.Path("src", "CMUNeXt.Server", "Page", "app.js"), files);
        Assert.Empty(files.SelectMany(path => File.ReadLines(path)
            .Select((line, index) => (line.Length, Place: $"{Path.GetRelativePath(Repository.Path(), path)}({index + 1})"))
            .Where(line => line.Length > LongestLine).Select(line => line.Place)));
    }
}
