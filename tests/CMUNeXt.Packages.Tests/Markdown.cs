using System.Text.RegularExpressions;

namespace CMUNeXt.Packages.Tests;

/// <summary>What a page shows.</summary>
internal static partial class Markdown
{
    /// <summary>The C# that it shows, block by block.</summary>
    public static IEnumerable<string> CSharpBlocks(string page) =>
        CSharpBlock().Matches(File.ReadAllText(page).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
