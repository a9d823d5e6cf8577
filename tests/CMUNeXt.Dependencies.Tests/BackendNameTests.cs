using System.Text.RegularExpressions;
using CMUNeXt.Tests;

namespace CMUNeXt.Dependencies.Tests;

/// <summary>
/// What a backend is called stands in its own project alone, and, of one that does not come with the program, in <c>optional.txt</c>.
/// </summary>
public sealed class BackendNameTests
{
    /// <summary>The project of each backend, and what no other one's source has: "managed" is a word too, but no text of its own.</summary>
    public static TheoryData<string, string> Backends =>
    [
        .. File.ReadLines(Repository.Path("src", "CMUNeXt.Cli", "Backends", "optional.txt"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => (words[1], $@"\b{words[0]}\b(?!\.)|\b{Regex.Escape(words[1])}\b"))
            .Prepend(("CMUNeXt", "\"managed[\"-]")),
    ];

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_backend_is_named_by_its_own_project_alone(string project, string pattern)
    {
        Regex name = new(pattern, RegexOptions.CultureInvariant);
        string own = Repository.Path("src", project) + Path.DirectorySeparatorChar;

        // PyTorch's files name its module, which is called as the backend is.
        string files = Repository.Path("src", "CMUNeXt", "Weights", "Pth") + Path.DirectorySeparatorChar;
        ILookup<bool, string> sources = SourceFiles.Below("src")
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && !path.StartsWith(files, StringComparison.Ordinal))
            .ToLookup(path => path.StartsWith(own, StringComparison.Ordinal));
        Assert.Contains(sources[true], path => name.IsMatch(File.ReadAllText(path)));
        Assert.Empty(sources[false].SelectMany(path => File.ReadLines(path).Where(line => name.IsMatch(line))
            .Select(line => $"{Path.GetRelativePath(Repository.Path(), path)}: {line.Trim()}")));
    }
}
