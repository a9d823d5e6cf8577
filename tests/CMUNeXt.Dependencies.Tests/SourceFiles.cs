using CMUNeXt.Tests;

namespace CMUNeXt.Dependencies.Tests;

/// <summary>The files of this repository alone: not what a tool makes of them, or brings.</summary>
internal static class SourceFiles
{
    private static readonly string[] Folders = ["benchmarks", "deploy", "docs", "samples", "src", "templates", "tests"];

    /// <summary>All of them.</summary>
    public static IEnumerable<string> All => [.. Directory.EnumerateFiles(Repository.Path(), "*.cs"), .. Folders.SelectMany(Below)];

    /// <summary>Those below a folder.</summary>
    /// <param name="folder">The folder's path in the repository.</param>
    public static IEnumerable<string> Below(string folder) =>
        Directory.EnumerateFiles(Repository.Path(folder), "*", SearchOption.AllDirectories).Where(path => !IsMade(path));

    private static bool IsMade(string path) => path.EndsWith(".g.cs", StringComparison.Ordinal)
        || Path.GetRelativePath(Repository.Path(), path).Split(Path.DirectorySeparatorChar)
            .Any(folder => folder is "bin" or "obj" or "node_modules" or "_api" or "_site");
}
