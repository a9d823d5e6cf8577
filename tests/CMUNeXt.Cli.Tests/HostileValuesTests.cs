using System.CommandLine;
using CMUNeXt.Cli.Tests.Benchmark;
using CMUNeXt.Cli.Verbs;

namespace CMUNeXt.Cli.Tests;

/// <summary>
/// Every option of every verb, found by looking at the command line itself, given what nobody means: it is refused in one line, or it is
/// taken and the work begins, which these tests stop at once. Nothing that can be typed is a surprise to the program.
/// </summary>
[Collection(nameof(Alone))]
public sealed class HostileValuesTests : IDisposable
{
    private static readonly string[] NoNumbers =
        ["0,5", "1,000.5", "auto", "1e999", "-1e999", "NaN", "-Infinity", "+5", "0x10", "\u00bd", "", " ", "1 2", "4;5", "a\nb",
            "\u001b[31m", "folder", "link"];

    private static readonly string[] Others = ["-1", "0", "2147483648", "-2147483649", "99999999999999999999", "4.0", "1e-400", "--",
        "dangling", "missing", "closed", "text.txt", "/dev/null", "folder/", "..", "@text.txt"];

    // Far above what it takes to stop: only a verb that does not hear signals takes it.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly string before = Environment.CurrentDirectory;
    private readonly DirectoryInfo place = Directory.CreateTempSubdirectory("cmunext-hostile-");

    public HostileValuesTests()
    {
        Environment.CurrentDirectory = place.FullName;
        Directory.CreateDirectory("folder/inside");
        File.WriteAllText("text.txt", "a\nb\n");
        File.CreateSymbolicLink("link", "folder");
        File.CreateSymbolicLink("dangling", "nowhere");
        File.WriteAllText("closed", "a\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode("closed", UnixFileMode.None);
        }
    }

    public static TheoryData<string> Verbs => [.. Leaves(CommandLine.Root).Select(Path)];

    public void Dispose()
    {
        Environment.CurrentDirectory = before;
        place.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_value_that_nobody_means_is_refused_in_one_line_or_taken(string verb)
    {
        Command command = Leaves(CommandLine.Root).Single(leaf => Path(leaf) == verb);
        foreach (Option option in command.Options)
        {
            Assert.NotEqual("--help", option.Name);
            foreach (string value in (string[])[.. NoNumbers, .. Others])
            {
                await Check(command, option, [value], mustBeRefused: IsNumeric(option) && NoNumbers.Contains(value));
            }

            await Check(command, option, ["4", "5"], mustBeRefused: false);
            await Check(command, option, ["4", option.Name, "5"], mustBeRefused: false);
            await Check(command, option, [], mustBeRefused: option.ValueType != typeof(bool));
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task An_argument_that_nobody_means_is_refused_in_one_line(string verb)
    {
        Command command = Leaves(CommandLine.Root).Single(leaf => Path(leaf) == verb);
        foreach (string value in (string[])[.. NoNumbers, .. Others, "--bogus", "-x", "***", "[", "**/*", "\0"])
        {
            await Check(command, null, [value], mustBeRefused: false);
        }
    }

    private static async Task Check(Command command, Option? option, string[] values, bool mustBeRefused)
    {
        List<string> arguments = [.. Path(command).Split(' ')];
        if (command.Arguments.Count > 0 && option is not null)
        {
            arguments.Add("missing.png");
        }

        foreach (Option other in command.Options.Where(other => other.Required && other != option))
        {
            arguments.AddRange([other.Name, $"nothing-for{other.Name}"]);
        }

        if (option is not null)
        {
            arguments.Add(option.Name);
        }

        arguments.AddRange(values);
        string asked = string.Join(' ', arguments.Select(argument => $"'{argument}'"));
        (int status, string error) = await Run(arguments);
        string context = $"{asked}: status {status}: {error}";
        Assert.False(context.Contains("should not have happened", StringComparison.Ordinal), context);
        Assert.DoesNotContain("   at ", context);
        Assert.True(status is ExitStatus.Done or ExitStatus.Failed or ExitStatus.Usage or ExitStatus.Interrupted, context);
        Assert.True(!mustBeRefused || status == ExitStatus.Usage, context);
        if (status is ExitStatus.Failed or ExitStatus.Usage)
        {
            Assert.True(error.StartsWith("cmunext: ", StringComparison.Ordinal) && error.TrimEnd('\n').Count('\n') == 0, context);
        }
    }

    // The token is cancelled from the start: work that would begin ends at once.
    private static async Task<(int Status, string Error)> Run(List<string> arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter written = new();
        try
        {
            Console.SetOut(TextWriter.Null);
            Console.SetError(written);
            int status = await Task.Run(() => Invocation.Run(arguments, new CancellationToken(canceled: true)))
                .WaitAsync(Longest, TestContext.Current.CancellationToken);
            return (status, written.ToString().ReplaceLineEndings("\n"));
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    private static bool IsNumeric(Option option)
    {
        Type type = option.ValueType.GetElementType() ?? Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return type == typeof(int) || type == typeof(long) || type == typeof(ulong) || type == typeof(double);
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.Where(subcommand => !subcommand.Hidden).SelectMany(Leaves);

    private static string Path(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand
        ? $"{Path(parent)} {command.Name}"
        : command.Name;
}
