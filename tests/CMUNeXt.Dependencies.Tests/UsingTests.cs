using System.Text.RegularExpressions;
using CMUNeXt.Tests;

namespace CMUNeXt.Dependencies.Tests;

public sealed partial class UsingTests
{
    [Fact]
    public void Namespaces_that_a_file_names_are_sorted_those_of_the_framework_first()
    {
        string[] files = [.. SourceFiles.All.Where(path => Path.GetExtension(path) == ".cs")];
        Assert.Contains(Repository.Path("src", "CMUNeXt", "Segmenter.cs"), files);
        Assert.Empty(files.Where(path => !AreSorted(File.ReadAllText(path))).Select(path => Path.GetRelativePath(Repository.Path(), path)));
    }

    [Theory]
    [InlineData("using System;\nusing System.Text;\nusing CMUNeXt;\nusing CMUNeXt.Images;\n", true)]
    [InlineData("using CMUNeXt;\nusing System;\n", false)]
    [InlineData("using CMUNeXt.Images;\nusing CMUNeXt;\n", false)]
    public void Names_of_a_namespace_come_before_those_within_it(string text, bool isSorted) => Assert.Equal(isSorted, AreSorted(text));

    private static bool AreSorted(string text)
    {
        string[] names = [.. Namespace().Matches(text).Select(match => match.Groups[1].Value)];
        return names.SequenceEqual(names
            .OrderBy(name => name != "System" && !name.StartsWith("System.", StringComparison.Ordinal))
            .ThenBy(name => name, StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^using ([\w.]+);\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Namespace();
}
