using System.CommandLine;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Files;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Verbs;

/// <summary>
/// <c>benchmark</c>: networks and backends side by side, the managed engine step by step, or the whole job of <c>predict</c>.
/// </summary>
internal static class BenchmarkVerb
{
    private static readonly string[] CMUNeXts =
    [
        .. NetworkCatalog.Names.Where(name => NetworkCatalog.Describe(name).Configuration is not null),
    ];

    private static readonly Option<string[]> Models = CommonOptions.List<string>(
        "--models", $"The networks: {string.Join(", ", NetworkCatalog.Names)}. [default: {string.Join(",", CMUNeXts)}]", "NAME,...");

    private static readonly Option<string?> Weights = new("--weights")
    {
        Description = "Measure the network of a weight file, or of a name of \"cmunext weights\", instead of --models with weights made by "
            + "a formula.",
        HelpName = "FILE|NAME",
    };

    private static readonly Option<string[]> Backends = CommonOptions.List<string>(
        "--backends",
        $"The backends; the others are compared with the first: {string.Join(", ", Contenders.Names)}. "
        + $"[default: those of {string.Join(",", Contenders.Defaults)} that compute the network]",
        "NAME,...");

    private static readonly Option<int[]> Threads = CommonOptions.List<int>(
        "--threads", "Numbers of threads. [default: 1, and one for each core]", "N,...");

    private static readonly Option<int[]> Sizes = CommonOptions.List<int>(
        "--sizes", "Heights and widths of the images, multiples of 16. [default: the network's own, 256 for most]", "N,...");

    private static readonly Option<int[]> Batches = CommonOptions.List<int>("--batch", "Images in a call. [default: 1]", "N,...");
    private static readonly Option<double> Seconds = CommonOptions.BenchmarkSeconds();

    private static readonly Option<bool> Steps = new("--steps")
    {
        Description = "Time each step of the managed engine (a block, a convolution), beside what the machine can do at most.",
    };

    private static readonly Option<string?> Job = new("--job")
    {
        Description = "Time predict on this folder of images instead, its start and files included, beside the engine alone.",
        HelpName = "FOLDER",
    };

    private static readonly Option<string?> Output = new("--output")
    {
        Description = "The folder for benchmark.csv, benchmark.json and benchmark.png (with --steps: steps.csv, steps.json; with --job: "
            + "job.csv, job.json).",
        HelpName = "DIR",
    };

    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        Command command = new("benchmark",
            "Measure networks and backends side by side: time, throughput, memory, and whether they compute the same.")
        {
            Models, Weights, Backends, Threads, Sizes, Batches, Seconds, Steps, Job, Output, Overwrite, Json,
        };
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        double seconds = BenchmarkRun.CheckSeconds(parsed.GetValue(Seconds));
        if (parsed.GetValue(Job) is { } job)
        {
            return RunJob(parsed, job, seconds, stop);
        }

        bool steps = parsed.GetValue(Steps);
        int[] batches = CommonOptions.GivenOnce(parsed, Batches) ?? [1];
        if (steps && CommonOptions.IsGiven(parsed, Backends))
        {
            throw new UsageException("--steps is for the managed engine alone, without --backends");
        }

        if (steps && !batches.SequenceEqual([1]))
        {
            throw new UsageException("--steps times one image, without --batch");
        }

        IReadOnlyList<NetworkDescription> networks = ReadNetworks(parsed);
        Dictionary<string, string[]> backends = ReadBackends(parsed, networks);
        int[] threads = CommonOptions.GivenOnce(parsed, Threads) ?? [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
        BenchmarkCase[] cases = BenchmarkCases.Of(
            networks, parsed.GetValue(Weights), CommonOptions.GivenOnce(parsed, Sizes), batches, threads);
        string? output = parsed.GetValue(Output);
        using OutputFolder? folder = output is null
            ? null
            : OutputFolder.Open(output, parsed.GetValue(Overwrite), parsed.GetValue(Weights));
        folder?.Claim(parsed.GetValue(Steps) ? StepsReport.Files : BenchmarkReport.Files);

        if (steps)
        {
            StepsReport timed = StepsTiming.Run(cases, seconds, stop);
            if (output is not null)
            {
                timed.Write(output);
            }

            Print(parsed, timed, BenchmarkTables.Print);
            return ExitStatus.Done;
        }

        BenchmarkRun run = new(seconds, (backend, measured) => WorkerProcess.Start(backend, measured, stop));
        (BenchmarkReport report, int failures) = Comparison.Run(cases, backends, run, output, stop);
        Print(parsed, report, BenchmarkTables.Print);
        return failures == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static int RunJob(ParseResult parsed, string job, double seconds, CancellationToken stop)
    {
        Option[] others = [Models, Backends, Sizes, Batches, Steps];
        if (Array.Find(others, option => CommonOptions.IsGiven(parsed, option)) is { } other)
        {
            throw new UsageException($"--job is of predict, without {other.Name}");
        }

        if (!Directory.Exists(job))
        {
            throw new UsageException($"--job takes a folder, and {PrintableText.Of(job)} is none");
        }

        int[] threads = CommonOptions.GivenOnce(parsed, Threads) ?? [Environment.ProcessorCount];
        if (threads is not [var atOnce])
        {
            throw new UsageException("--job takes one number of --threads");
        }

        string? output = parsed.GetValue(Output);
        string? weights = parsed.GetValue(Weights);
        using OutputFolder? folder = output is null ? null : OutputFolder.Open(output, parsed.GetValue(Overwrite), weights);
        folder?.Claim(JobReport.Files);
        JobReport timed = new JobTiming(job, weights, Math.Min(atOnce, Environment.ProcessorCount), seconds, stop).Run();
        if (output is not null)
        {
            timed.Write(output);
        }

        Print(parsed, timed, BenchmarkTables.Print);
        return ExitStatus.Done;
    }

    private static void Print<T>(ParseResult parsed, T report, Action<T> print)
    {
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(ResultJson.ToDocument(report));
        }
        else
        {
            print(report);
        }
    }

    private static IReadOnlyList<NetworkDescription> ReadNetworks(ParseResult parsed)
    {
        string[]? models = CommonOptions.GivenOnce(parsed, Models);
        return parsed.GetValue(Weights) is not { } weights ? BenchmarkCases.Networks(models ?? CMUNeXts)
            : models is null ? [NetworkWeights.Describe(NetworkWeights.Load(weights), null)]
            : throw new UsageException("--weights brings its own network: give it without --models");
    }

    // The backends of each network, by its name.
    private static Dictionary<string, string[]> ReadBackends(ParseResult parsed, IReadOnlyList<NetworkDescription> networks)
    {
        string[]? given = parsed.GetValue(Steps) ? [Contenders.Names[0]] : CommonOptions.GivenOnce(parsed, Backends);
        BenchmarkCases.CheckNames("--backends", given ?? [], Contenders.Names);
        foreach (NetworkDescription network in networks)
        {
            if (given?.FirstOrDefault(backend => !Contenders.Supports(backend, network)) is { } other)
            {
                throw new UsageException($"{other} does not compute this {network.Name}");
            }
        }

        return networks.ToDictionary(network => network.Name, network => given ?? Contenders.DefaultsFor(network));
    }
}
