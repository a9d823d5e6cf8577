using System.CommandLine;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Suite;
using CMUNeXt.Cli.Terminal;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>benchmark --suite paper</c>: the options that it has beside those of <c>benchmark</c>.</summary>
internal static class BenchmarkSuite
{
    private static readonly Option<string?> Suite = CommonOptions.OneOf(
        new Option<string?>("--suite")
        {
            Description = "paper: all networks (or --models) in one table with what is published of them, in --output; with --data trained too. Run again it goes on.",
            HelpName = "NAME",
        },
        "paper");

    private static readonly Option<string?> Data = new("--data") { Description = "The suite trains and evaluates on this prepared data set (images, masks/0).", HelpName = "DIR" };
    private static readonly Option<string[]> Train = CommonOptions.List<string>("--train", "The suite's training lists, one for each split.", "LIST,...");
    private static readonly Option<string[]> Validation = CommonOptions.List<string>("--val", "The suite's validation lists, in the same order.", "LIST,...");
    private static readonly Option<int?> Epochs = new("--epochs") { Description = "The suite's epochs, as train has them.", HelpName = "N" };
    private static readonly Option<string?> Size = new("--size") { Description = "The suite's size of training, as train has it; networks of one size alone keep theirs.", HelpName = "N" };
    private static readonly Option<ulong?> Seed = new("--seed") { Description = "The suite's seed, as train has it.", HelpName = "S" };

    private static readonly Option<string?> Device = new("--device") { Description = "What the suite trains and evaluates on: cpu, cuda or cuda:N. [default: cpu]", HelpName = "DEVICE" };

    /// <summary>The options, to be added to a command.</summary>
    public static IReadOnlyList<Option> Options { get; } = [Suite, Data, Train, Validation, Epochs, Size, Seed, Device];

    /// <summary>Whether a suite is asked for.</summary>
    /// <exception cref="UsageException">There are options of a suite without one.</exception>
    public static bool IsAskedFor(ParseResult parsed)
    {
        bool asked = parsed.GetValue(Suite) is not null;
        return asked || Given(parsed, Options) is not [var option, ..] ? asked : throw new UsageException($"{option} is for --suite paper");
    }

    /// <summary>Those of some options that the command line has.</summary>
    public static string[] Given(ParseResult parsed, IEnumerable<Option> options) =>
        [.. options.Where(option => CommonOptions.IsGiven(parsed, option)).Select(option => option.Name)];

    /// <summary>Runs the suite.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="cases">The networks, each with how it is timed.</param>
    /// <param name="seconds">How long each backend computes.</param>
    /// <param name="threads">The number of threads to train with; null for one for each core.</param>
    /// <param name="batch">The cases of a training step; null as the protocol has it.</param>
    /// <param name="output">The suite's folder.</param>
    /// <param name="json">Whether the JSON document is printed and not the table.</param>
    /// <param name="stop">Stops it; all is kept.</param>
    public static int Run(
        ParseResult parsed, IReadOnlyList<BenchmarkCase> cases, double seconds, int? threads, int? batch, string output, bool json, CancellationToken stop)
    {
        PaperSuite suite = new(
            output,
            new BenchmarkRun(seconds, (backend, measured) => WorkerProcess.Start(backend, measured, stop)),
            ReadTraining(parsed, threads, batch, output));
        bool done = suite.Complete(cases, stop);
        if (json)
        {
            Console.WriteLine(ResultJson.ToDocument(suite.Report));
        }
        else
        {
            SuiteTable.Print(suite.Report);
        }

        return done ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static SuiteTraining? ReadTraining(ParseResult parsed, int? threads, int? batch, string output)
    {
        string[] train = CommonOptions.Given(parsed, Train) ?? [];
        string[] validation = CommonOptions.Given(parsed, Validation) ?? [];
        if (parsed.GetValue(Data) is not { } data)
        {
            string[] others = [.. Given(parsed, [Train, Validation, Epochs, Size, Seed, Device]), .. batch is null ? (string[])[] : ["--batch"]];
            return others.Length == 0 ? null : throw new UsageException($"without --data DIR nothing is trained; leave out {string.Join(", ", others)}");
        }

        if (train.Length == 0 || train.Length != validation.Length)
        {
            throw new UsageException($"--data needs --train LIST,... and --val LIST,..., as many of each, one pair for each split; there are {train.Length} and {validation.Length}");
        }

        return new SuiteTraining(
            output,
            data,
            [.. train.Zip(validation, (first, second) => new ListPair(first, second))],
            parsed.GetValue(Size),
            Arguments(("--epochs", parsed.GetValue(Epochs)), ("--batch", batch), ("--seed", parsed.GetValue(Seed))),
            Arguments(("--threads", threads), ("--device", parsed.GetValue(Device))),
            VerbProcess.Run);
    }

    // The options of another verb, as far as they have a value.
    private static string[] Arguments(params (string Name, object? Value)[] options) =>
        [.. options.Where(option => option.Value is not null).SelectMany(option => (string[])[option.Name, $"{option.Value}"])];
}
