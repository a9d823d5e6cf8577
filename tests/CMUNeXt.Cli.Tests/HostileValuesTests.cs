using System.CommandLine;
using CMUNeXt.Cli.Parsing;
using CMUNeXt.Cli.Tests.Benchmark;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

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

    private static readonly string[] Numbers = ["-1", "0", "0.5", "1", "65536", "2147483647", "1e308", "1e-320"];

    // What lets the work of a verb begin, so that a number comes to where it is used.
    private static readonly Dictionary<string, string[]> Working = new()
    {
        ["split"] = ["--data", "phantoms"],
        ["train"] =
        [
            "--data", "phantoms", "--train", "train.txt", "--val", "val.txt", "--model", "cmunext-s", "--dims", "8,8,8,8,8", "--size", "16",
            "--batch", "4", "--backend", "managed", "--threads", "1", "--output", "run",
        ],
        ["evaluate"] =
        [
            "--data", "phantoms", "--list", "val.txt", "--weights", "w.safetensors", "--threads", "1", "--output", "out", "--overwrite",
        ],
        ["calibrate"] =
        [
            "--data", "phantoms", "--list", "val.txt", "--weights", "w.safetensors", "--threads", "1", "--output", "out", "--overwrite",
        ],
        ["predict"] =
        [
            "phantoms/images/phantom_0001.png", "--weights", "w.safetensors", "--no-overlay", "--threads", "1", "--output", "out",
            "--overwrite",
        ],
    };

    // Work that would begin ends at once.
    private static readonly CancellationToken Stopped = new(canceled: true);

    // Far above what it takes to stop: only a verb that does not hear signals takes it.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly string before = Environment.CurrentDirectory;
    private readonly TemporaryFolder place = new();

    public HostileValuesTests()
    {
        Environment.CurrentDirectory = place.Path;
        Directory.CreateDirectory("folder/inside");
        File.WriteAllText("text.txt", "a\nb\n");
        File.WriteAllText("closed", "a\n");

        // On Windows the links are missing, since it may take a privilege to make one, and nothing is closed.
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink("link", "folder");
            File.CreateSymbolicLink("dangling", "nowhere");
            File.SetUnixFileMode("closed", UnixFileMode.None);
        }
    }

    public static TheoryData<string> Verbs => [.. Leaves(CommandLine.Root).Select(Path)];

    public static TheoryData<string> WorkingVerbs => [.. Working.Keys];

    public void Dispose()
    {
        Environment.CurrentDirectory = before;
        place.Dispose();
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

    [Theory]
    [MemberData(nameof(WorkingVerbs))]
    public async Task A_number_that_nobody_means_is_refused_in_one_line_or_taken_where_all_else_is_right(string verb)
    {
        MakePhantoms();
        Command command = Leaves(CommandLine.Root).Single(leaf => Path(leaf) == verb);
        string[] given = Working[verb];

        // A small image is predicted in no time; what else begins ends at once.
        CancellationToken stop = verb == "predict" ? TestContext.Current.CancellationToken : Stopped;
        foreach (Option option in command.Options.Where(static option => option.ValueType != typeof(bool)))
        {
            int place = Array.IndexOf(given, option.Name);
            string[] others = place < 0 ? given : [.. given[..place], .. given[(place + 2)..]];
            foreach (string number in Numbers)
            {
                await Judge([verb, .. others, option.Name, number], mustBeRefused: false, stop);
            }
        }
    }

    [Fact]
    public Task More_phantoms_than_can_be_named_are_refused() =>
        Judge(["phantom", "--count", "2147483647", "--output", "out"], mustBeRefused: true, Stopped);

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
        await Judge(arguments, mustBeRefused, Stopped);
    }

    private static async Task Judge(List<string> arguments, bool mustBeRefused, CancellationToken stop)
    {
        string asked = string.Join(' ', arguments.Select(argument => $"'{argument}'"));
        (int status, string error) = await Run(arguments, stop);
        string context = $"{asked}: status {status}: {error}";
        Assert.False(context.Contains("should not have happened", StringComparison.Ordinal), context);
        Assert.False(context.Contains("cannot be worked with (", StringComparison.Ordinal), context);
        Assert.DoesNotContain("   at ", context);
        Assert.True(status is ExitStatus.Done or ExitStatus.Failed or ExitStatus.Usage or ExitStatus.Interrupted, context);
        Assert.True(!mustBeRefused || status == ExitStatus.Usage, context);
        if (status is ExitStatus.Failed or ExitStatus.Usage)
        {
            string[] lines =
            [
                .. error.TrimEnd('\n').Split('\n').Where(static text => !text.StartsWith("predicting: ", StringComparison.Ordinal)),
            ];
            Assert.True(lines is [var line] && line.StartsWith("cmunext: ", StringComparison.Ordinal), context);
        }
    }

    // 10 phantoms of 40 x 36 pixels, their lists, and weights of a small network.
    private static void MakePhantoms()
    {
        string source = Repository.Path("tests", "CMUNeXt.Training.Tests", "Sessions", "EarlierRun", "data");
        foreach (string file in Directory.EnumerateFiles(source, "*.png", SearchOption.AllDirectories))
        {
            string copy = $"phantoms/{System.IO.Path.GetRelativePath(source, file)}";
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.WriteAllLines("train.txt", Enumerable.Range(1, 6).Select(static number => $"phantom_{number:0000}"));
        File.WriteAllLines("val.txt", Enumerable.Range(7, 4).Select(static number => $"phantom_{number:0000}"));
        NetworkDescription network = new()
        {
            Name = "cmunext-s",
            Channels = 1,
            Configuration = new([8, 8, 8, 8, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
        };
        WeightsFile.Save(
            "w.safetensors",
            network.Configuration.StartingWeights(1, 1, 1),
            new WeightsMetadata { Network = network, Preprocessing = Preprocessing.For(1) with { Width = 16, Height = 16 } });
    }

    private static async Task<(int Status, string Error)> Run(List<string> arguments, CancellationToken stop)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter written = new();
        try
        {
            Console.SetOut(TextWriter.Null);
            Console.SetError(written);
            int status = await Task.Run(() => Invocation.Run(arguments, stop), TestContext.Current.CancellationToken)
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
