using System.CommandLine;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Suite;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>suite</c>: all networks in one table with what is published of them.</summary>
internal static class SuiteVerb
{
    private static readonly Option<string> Output = CommonOptions.Output("The suite's folder; run again, it goes on from what is there.");
    private static readonly Option<string[]> Models = CommonOptions.List<string>(
        "--models", $"The networks: {string.Join(", ", NetworkCatalog.Names)}. [default: all]", "NAME,...");

    private static readonly Option<double> Seconds = CommonOptions.BenchmarkSeconds();
    private static readonly Option<int?> TimingSize = new("--timing-size")
    {
        Description = "The height and width that is timed, a multiple of 16. [default: the network's own, 256 for most]",
        HelpName = "N",
    };

    private static readonly Option<string?> Data = CommonOptions.Text(
        "--data", "Train and evaluate too, on this prepared data set (images, masks/0).", "DIR");

    private static readonly Option<string[]> Train = CommonOptions.List<string>(
        "--train", "The training lists, one for each split.", "LIST,...");

    private static readonly Option<string[]> Validation = CommonOptions.List<string>(
        "--val", "The validation lists, in the same order.", "LIST,...");

    private static readonly Option<int?> Epochs = new("--epochs") { Description = "The epochs, as train has them.", HelpName = "N" };
    private static readonly Option<int?> Batch = new("--batch") { Description = "The cases of an iteration.", HelpName = "N" };
    private static readonly Option<string?> Size = CommonOptions.Text(
        "--size", "The size of training, as train has it; networks that take one size only keep it.", "N");

    private static readonly Option<ulong?> Seed = new("--seed") { Description = "The seed, as train has it.", HelpName = "S" };
    private static readonly Option<string?> Device = CommonOptions.Text(
        "--device", "The device: cpu, cuda or cuda:N. [default: cpu]", "DEVICE");

    private static readonly Option<int?> Threads = CommonOptions.Threads();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create() => Verb.Create(
        "suite",
        "Compare networks in one table: cost, speed, accuracy (with --data), and the published figures.",
        [
            Output, Models, Seconds, TimingSize, Data, Train, Validation, Epochs, Batch, Size, Seed, Device, Threads, Json,
        ],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        string output = parsed.GetValue(Output)!;
        BenchmarkCase[] cases = BenchmarkCases.Of(
            BenchmarkCases.Networks(CommonOptions.GivenOnce(parsed, Models) ?? [.. NetworkCatalog.Names]),
            weights: null,
            parsed.GetValue(TimingSize) is { } size ? [size] : null,
            [1],
            [parsed.GetValue(Threads) ?? Environment.ProcessorCount],
            TimingSize.Name);
        PaperSuite suite = new(
            output,
            new BenchmarkRun(parsed.GetValue(Seconds), (backend, measured) => WorkerProcess.Start(backend, measured, stop)),
            ReadTraining(parsed, output));
        bool done = suite.Complete(cases, stop);
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(ResultJson.ToDocument(suite.Report));
        }
        else
        {
            SuiteTable.Print(suite.Report);
        }

        return done ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static SuiteTraining? ReadTraining(ParseResult parsed, string output)
    {
        if (parsed.GetValue(Data) is not { } data)
        {
            string[] others = [.. ((Option[])[Train, Validation, Epochs, Batch, Size, Seed, Device])
                .Where(option => CommonOptions.IsGiven(parsed, option)).Select(option => option.Name)];
            return others.Length == 0
                ? null
                : throw new UsageException($"without --data DIR nothing is trained; leave out {string.Join(", ", others)}");
        }

        string[] train = CommonOptions.Given(parsed, Train) ?? [];
        string[] validation = CommonOptions.Given(parsed, Validation) ?? [];
        return train.Length > 0 && train.Length == validation.Length
            ? new SuiteTraining(
                output,
                data,
                [.. train.Zip(validation, (first, second) => new ListPair(first, second))],
                new SuiteProtocol(parsed.GetValue(Epochs), parsed.GetValue(Batch), parsed.GetValue(Size), parsed.GetValue(Seed)),
                new SuiteComputing(parsed.GetValue(Threads), parsed.GetValue(Device)),
                VerbProcess.Run)
            : throw new UsageException(
                "--data needs --train LIST,... and --val LIST,..., as many of each, one pair for each split; "
                + $"there are {train.Length} and {validation.Length}");
    }
}
