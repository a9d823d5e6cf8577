using System.CommandLine;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Engine;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>benchmark</c>: networks and backends side by side, or the managed engine step by step.</summary>
internal static class BenchmarkVerb
{
    private const int MaximumSize = 4096;
    private const int MaximumBatch = 256;

    // All pictures of a batch are one array.
    private const int MaximumPixels = 1 << 28;

    private static readonly Option<string[]> Models = CommonOptions.List<string>("--models", $"The networks. [default: {string.Join(",", FormulaWeights.Networks)}]", "NAME,...");
    private static readonly Option<string?> Weights = new("--weights") { Description = "A weight file, whose network is measured instead of --models with weights by formula.", HelpName = "FILE" };
    private static readonly Option<string[]> Backends = CommonOptions.List<string>(
        "--backends",
        $"What computes, the first being what the others are compared with: {string.Join(", ", Contenders.Names)}. [default: {string.Join(",", Contenders.Defaults)}]",
        "NAME,...");

    private static readonly Option<int[]> Threads = CommonOptions.List<int>("--threads", "Numbers of threads. [default: 1, and one for each core]", "N,...");
    private static readonly Option<int[]> Sizes = CommonOptions.List<int>("--sizes", "Heights and widths of the pictures, multiples of 16. [default: 256]", "N,...");
    private static readonly Option<int[]> Batches = CommonOptions.List<int>("--batch", "Pictures in a call. [default: 1]", "N,...");
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = $"How long each backend computes in each case, in {BenchmarkRun.Rounds} turns.",
        DefaultValueFactory = _ => 3,
        HelpName = "S",
    };

    private static readonly Option<bool> Steps = new("--steps") { Description = "Time the managed engine step by step, beside what the machine can do at most, instead of comparing backends." };
    private static readonly Option<string?> Output = new("--output") { Description = "The folder for benchmark.csv, benchmark.json and benchmark.png (with --steps: steps.csv, steps.json).", HelpName = "DIR" };
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        Command command = new("benchmark", "Measure networks and backends side by side: time, throughput, memory, and whether they compute the same.")
        {
            Models, Weights, Backends, Threads, Sizes, Batches, Seconds, Steps, Output, Overwrite, Json,
        };
        command.SetAction((parsed, stop) => Task.FromResult(Run(parsed, stop)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        double seconds = parsed.GetValue(Seconds);
        if (!(seconds > 0 && seconds <= 3600))
        {
            throw new UsageException($"--seconds is above 0, and at most 3600, not {seconds}");
        }

        if (parsed.GetValue(Steps) && parsed.GetResult(Backends) is { Implicit: false })
        {
            throw new UsageException("--steps is for the managed engine alone, without --backends");
        }

        IReadOnlyList<NetworkDescription> networks = ReadNetworks(parsed);
        string[] backends = ReadBackends(parsed, networks);
        IReadOnlyList<BenchmarkCase> cases = ReadCases(parsed, networks);
        string? output = parsed.GetValue(Output);
        if (output is not null)
        {
            OutputFolder.Open(output, parsed.GetValue(Overwrite));
        }

        return parsed.GetValue(Steps)
            ? TimeSteps(cases, seconds, output, parsed.GetValue(Json), stop)
            : Compare(cases, new BenchmarkRun(backends, seconds, (backend, measured) => WorkerProcess.Start(backend, measured, stop)), output, parsed.GetValue(Json), stop);
    }

    private static int Compare(IReadOnlyList<BenchmarkCase> cases, BenchmarkRun run, string? output, bool json, CancellationToken stop)
    {
        List<BenchmarkRow> rows = [];
        int failures = 0;
        WorkProgress.Run("measuring", "turns", work =>
        {
            int total = cases.Count * run.StepsPerCase;
            for (int i = 0; i < cases.Count; i++)
            {
                stop.ThrowIfCancellationRequested();
                work.Title = $"{cases[i]}";
                int done = i * run.StepsPerCase;
                try
                {
                    rows.AddRange(run.Measure(cases[i], () => work.Report(++done, total)));
                }
                catch (BenchmarkFailedException e)
                {
                    failures++;
                    work.WriteLine($"cmunext: {cases[i]}: {e.Message}");
                    work.Report((i + 1) * run.StepsPerCase, total);
                }

                // After every case, so that nothing is lost where a later one is interrupted.
                if (output is not null)
                {
                    new BenchmarkReport(Machine.Describe(run.Engines), rows).Write(output);
                }
            }

            return true;
        });
        BenchmarkReport report = new(Machine.Describe(run.Engines), rows);
        if (json)
        {
            Console.WriteLine(BenchmarkJson.ToDocument(report));
        }
        else
        {
            BenchmarkTables.Print(report);
        }

        return failures == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static int TimeSteps(IReadOnlyList<BenchmarkCase> cases, double seconds, string? output, bool json, CancellationToken stop)
    {
        List<StepsCase> timed = [];
        WorkProgress.Run("timing steps", "cases", work =>
        {
            foreach (BenchmarkCase measured in cases)
            {
                stop.ThrowIfCancellationRequested();
                work.Title = $"{measured}";
                (NetworkDescription description, StateDict weights) = measured.Load();
                using ManagedNetwork network = new(description, weights, measured.Threads);
                float[] picture = FormulaWeights.Pictures(description.Channels * measured.Size * measured.Size);
                timed.Add(StepsCase.Of(measured, network.Instructions, network.Profile(picture, measured.Size, measured.Size, TimeSpan.FromSeconds(seconds))));
                work.Report(timed.Count, cases.Count);
            }

            return true;
        });
        StepsReport report = new(Machine.Describe(new Dictionary<string, string>()), timed);
        if (output is not null)
        {
            report.Write(output);
        }

        if (json)
        {
            Console.WriteLine(BenchmarkJson.ToDocument(report));
        }
        else
        {
            BenchmarkTables.Print(report);
        }

        return ExitStatus.Done;
    }

    private static IReadOnlyList<NetworkDescription> ReadNetworks(ParseResult parsed)
    {
        string[]? models = CommonOptions.Given(parsed, Models);
        if (parsed.GetValue(Weights) is { } weights)
        {
            return models is null
                ? [NetworkWeights.Describe(NetworkWeights.Load(weights), null)]
                : throw new UsageException("--weights brings its own network: give it without --models");
        }

        models ??= [.. FormulaWeights.Networks];
        CheckNames("--models", models, FormulaWeights.Networks);
        return [.. models.Select(model => NetworkCatalog.Describe(model))];
    }

    private static string[] ReadBackends(ParseResult parsed, IReadOnlyList<NetworkDescription> networks)
    {
        string[] backends = CommonOptions.Given(parsed, Backends)
            ?? [.. Contenders.Defaults.Where(backend => networks.All(network => Contenders.Supports(backend, network)))];
        CheckNames("--backends", backends, Contenders.Names);
        string[] needed = parsed.GetValue(Steps) ? ["managed"] : backends;
        foreach (NetworkDescription network in networks)
        {
            if (needed.FirstOrDefault(backend => !Contenders.Supports(backend, network)) is { } other)
            {
                throw new UsageException($"{other} does not compute this {network.Name}");
            }
        }

        return backends;
    }

    private static IReadOnlyList<BenchmarkCase> ReadCases(ParseResult parsed, IReadOnlyList<NetworkDescription> networks)
    {
        int[] threads = CommonOptions.Given(parsed, Threads) ?? [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
        int[] sizes = CommonOptions.Given(parsed, Sizes) ?? [NetworkCatalog.SizeOf(networks[0].Name).Default];
        int[] batches = CommonOptions.Given(parsed, Batches) ?? [1];
        Check("--threads", threads, count => count is >= 1 and <= 1024, "from 1 to 1024");
        Check("--sizes", sizes, size => size <= MaximumSize, $"at most {MaximumSize}");
        foreach ((NetworkDescription network, int size) in networks.SelectMany(network => sizes.Select(size => (network, size))))
        {
            if (NetworkCatalog.SizeOf(network.Name).FindFault(size, size) is { } fault)
            {
                throw new UsageException($"--sizes: {size} is not possible for {network.Name}: {fault}");
            }
        }

        Check("--batch", batches, batch => batch is >= 1 and <= MaximumBatch, $"from 1 to {MaximumBatch}");
        if ((long)batches.Max() * sizes.Max() * sizes.Max() > MaximumPixels)
        {
            throw new UsageException($"a batch of {batches.Max()} pictures of {sizes.Max()} x {sizes.Max()} is too large");
        }

        if (parsed.GetValue(Steps) && !batches.SequenceEqual([1]))
        {
            throw new UsageException("--steps times one picture, without --batch");
        }

        return [.. from network in networks
                   from size in sizes
                   from batch in batches
                   from count in threads
                   select new BenchmarkCase(network.Name, parsed.GetValue(Weights), count, size, batch)];
    }

    private static void Check(string option, int[] values, Func<int, bool> isValid, string rule)
    {
        if (values.Where(value => !isValid(value)).Take(1).ToArray() is [int wrong])
        {
            throw new UsageException($"{option}: {wrong} is not {rule}");
        }
    }

    private static void CheckNames(string option, string[] names, IReadOnlyCollection<string> known)
    {
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new UsageException($"{option}: there is no '{unknown}'; there are {string.Join(", ", known)}");
        }
    }
}
