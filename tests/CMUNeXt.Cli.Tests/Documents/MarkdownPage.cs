using System.Text.RegularExpressions;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Documents;

/// <summary>A page that readers see: its text, its headings, the lines of its code blocks.</summary>
internal sealed partial class MarkdownPage(string path)
{
    private const string Fence = "```";

    /// <summary>The pages of the repository: those beside the README, all documents, and the READMEs of the packages.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Path(), "*.md")
            .Concat(Directory.EnumerateFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateDirectories(Repository.Path("src")).Append(Repository.Path("templates"))
                .SelectMany(static folder => Directory.EnumerateFiles(folder, "README.md")))
            .Where(static file => !file.EndsWith(".actual.md", StringComparison.Ordinal))
            .Select(static file => Path.GetRelativePath(Repository.Path(), file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)
            .Select(static file => new MarkdownPage(file)),
    ];

    /// <summary>The path within the repository.</summary>
    public string Name { get; } = path;

    private string[] Lines { get; } = File.ReadAllLines(Repository.Path(path));

    /// <summary>Where its links lead to, images included.</summary>
    public IEnumerable<string> Links => Prose.SelectMany(static line => Link().Matches(line)).Select(static match => match.Groups[1].Value);

    /// <summary>The names by which its headings are linked to.</summary>
    public IReadOnlySet<string> Anchors => Prose
        .Where(static line => line.StartsWith('#'))
        .Select(static line => NoAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'))
        .ToHashSet();

    /// <summary>The lines of code blocks, joined where a line ends with a backslash, without what follows a #.</summary>
    public IEnumerable<string> CodeLines => Blocks().SelectMany(static block => Joined(block.Lines));

    /// <summary>The blocks below a line <c>&lt;!-- run --&gt;</c>, which need nothing but phantoms.</summary>
    public IReadOnlyList<IReadOnlyList<string>> RunnableBlocks =>
        [.. Blocks().Where(static block => block.IsRun).Select(static block => (IReadOnlyList<string>)[.. Joined(block.Lines)])];

    private IEnumerable<string> Prose => Lines.Where((_, i) => Lines.Take(i + 1).Count(IsFence) % 2 == 0 && !IsFence(Lines[i]));

    private static bool IsFence(string line) => line.StartsWith(Fence, StringComparison.Ordinal);

    private static IEnumerable<string> Joined(IEnumerable<string> lines)
    {
        string before = "";
        foreach (string line in lines)
        {
            string text = Comment().Replace(before + line.Trim(), "");
            before = text.EndsWith('\\') ? text[..^1] : "";
            if (before.Length == 0)
            {
                yield return text;
            }
        }
    }

    private List<(bool IsRun, List<string> Lines)> Blocks()
    {
        List<(bool IsRun, List<string> Lines)> blocks = [];
        bool inside = false;
        for (int i = 0; i < Lines.Length; i++)
        {
            if (IsFence(Lines[i]))
            {
                inside = !inside;
                if (inside)
                {
                    blocks.Add((i > 0 && Lines[i - 1] == "<!-- run -->", []));
                }
            }
            else if (inside)
            {
                blocks[^1].Lines.Add(Lines[i]);
            }
        }

        return blocks;
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"(^|\s+)#.*$")]
    private static partial Regex Comment();
}
