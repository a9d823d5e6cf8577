using System.CommandLine.Parsing;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Documents;

/// <summary>The blocks of the documents that need nothing but phantoms do what the documents say.</summary>
public sealed class RunnableBlockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Pages => [.. MarkdownPage.All.Where(page => page.RunnableBlocks.Count > 0).Select(page => page.Name)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_blocks_of_a_page_run(string name)
    {
        foreach (string example in Directory.EnumerateFiles(Repository.Path("examples")))
        {
            File.Copy(example, folder[$"examples/{Path.GetFileName(example)}"]);
        }

        foreach (string line in MarkdownPage.All.Single(page => page.Name == name).RunnableBlocks.SelectMany(block => block))
        {
            string[] words = [.. CommandLineParser.SplitCommandLine(line)];
            Assert.EndsWith("cmunext", words[0], StringComparison.Ordinal);
            (int status, string output, string error) = CommandProcess.RunIn(folder.Path, words[1..]);
            Assert.True(status == 0, $"{line}\n{output}{error}");
        }
    }
}
