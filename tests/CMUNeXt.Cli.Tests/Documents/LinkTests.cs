using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Documents;

public sealed class LinkTests
{
    [Fact]
    public void Every_link_within_the_repository_leads_somewhere()
    {
        Dictionary<string, MarkdownPage> pages = MarkdownPage.All.ToDictionary(page => Repository.Path(page.Name));
        List<string> broken = [];
        int followed = 0;
        foreach (MarkdownPage page in MarkdownPage.All)
        {
            string folder = Path.GetDirectoryName(Repository.Path(page.Name))!;
            foreach (string link in page.Links.Where(link => !link.Contains("://", StringComparison.Ordinal)))
            {
                string[] parts = link.Split('#');
                string target = parts[0].Length == 0 ? Repository.Path(page.Name) : Path.GetFullPath(Path.Combine(folder, parts[0]));
                followed++;
                if (!Path.Exists(target) || (parts.Length == 2 && pages.TryGetValue(target, out MarkdownPage? linked)
                    && !linked.Anchors.Contains(parts[1])))
                {
                    broken.Add($"{page.Name}: {link}");
                }
            }
        }

        Assert.Empty(broken);
        Assert.InRange(followed, 100, int.MaxValue);
    }

    [Fact]
    public void Every_document_can_be_reached_from_the_README()
    {
        HashSet<string> reached = ["README.md"];
        Queue<string> open = new(reached);
        while (open.TryDequeue(out string? name))
        {
            MarkdownPage page = MarkdownPage.All.Single(one => one.Name == name);
            string folder = Path.GetDirectoryName(Repository.Path(name))!;
            foreach (string link in page.Links.Where(link => !link.Contains("://", StringComparison.Ordinal)))
            {
                string target = Path.GetRelativePath(Repository.Path(), Path.Combine(folder, link.Split('#')[0])).Replace('\\', '/');
                if (MarkdownPage.All.Any(one => one.Name == target) && reached.Add(target))
                {
                    open.Enqueue(target);
                }
            }
        }

        // READMEs of packages are read beside their packages.
        Assert.All(
            MarkdownPage.All.Select(page => page.Name).Except(reached),
            name => Assert.Matches(@"^(src/[^/]+|templates)/README\.md$", name));
    }
}
