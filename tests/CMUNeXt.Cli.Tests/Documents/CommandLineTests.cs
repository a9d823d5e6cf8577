using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using CMUNeXt.Cli.Parsing;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Documents;

/// <summary>What the documents say of the command line is what the program takes.</summary>
public sealed partial class CommandLineTests
{
    private static readonly string[] Programs = ["cmunext", "./cmunext", "tools/cmunext"];

    [Fact]
    public void Every_command_in_a_code_block_is_one_that_the_program_takes()
    {
        List<string> wrong = [];
        int parsed = 0;
        foreach (MarkdownPage page in MarkdownPage.All)
        {
            foreach (string[] arguments in page.CodeLines.Select(ArgumentsOf).OfType<string[]>())
            {
                parsed++;
                ParseResult result = CommandLine.Parse(WithoutPlaceholders(arguments));
                if (result.Errors.Count > 0)
                {
                    wrong.Add($"{page.Name}: cmunext {string.Join(' ', arguments)}: {result.Errors[0].Message}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.InRange(parsed, 50, int.MaxValue);
    }

    [Fact]
    public void The_reference_is_what_the_program_says()
    {
        string page = Repository.Path("docs", "reference", "command-line.md");
        string found = Repository.Path("docs", "reference", "command-line.actual.md");
        string actual = CommandLineReference.Page();
        File.Delete(found);
        if (!File.Exists(page) || File.ReadAllText(page).ReplaceLineEndings("\n") != actual)
        {
            File.WriteAllText(found, actual);
            Assert.Fail($"The program has other options than {page} says. Compare it with {found}; move that over it.");
        }
    }

    // The words behind the program's name; null where the line starts another program.
    private static string[]? ArgumentsOf(string line)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(line.Replace('\'', '"'))];
        int program = Array.FindIndex(words, word => Programs.Contains(word));
        return program == 0 || (program > 0 && words[0] is "mpirun" or "srun") ? words[(program + 1)..] : null;
    }

    // [--option VALUE] is a synopsis: brackets fall, a word of capitals is a value, the first of several words is taken.
    private static string[] WithoutPlaceholders(string[] arguments)
    {
        string[] plain = [.. arguments.Select(word => Bracket().Replace(word, "")).Where(word => word is not ("" or "|" or "..."))];
        Command command = CommandLine.Parse(plain).CommandResult.Command;
        return
        [
            .. plain.Select((word, i) =>
            {
                Option? option = i == 0 ? null : command.Options.FirstOrDefault(one => one.Name == plain[i - 1]);
                return option is null ? word
                    : Placeholder().IsMatch(word) ? Example(option)
                    : word.Contains('|', StringComparison.Ordinal) ? word.Split('|')[0]
                    : word;
            }),
        ];
    }

    private static string Example(Option option) =>
        option.Name switch
        {
            "--model" or "--models" => "cmunext-s",
            "--backend" or "--backends" => "managed",
            _ => option.ValueType == typeof(string) || option.ValueType == typeof(string[]) ? "x" : "1",
        };

    [GeneratedRegex(@"^[\[]|[\]]$")]
    private static partial Regex Bracket();

    [GeneratedRegex(@"^[A-Z]+$")]
    private static partial Regex Placeholder();
}
