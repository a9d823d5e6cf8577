using System.CommandLine;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>benchmark</c>: networks and backends side by side, or the managed engine step by step.</summary>
internal static class BenchmarkVerb
{
    private const int MaximumSize = 4096;
    private const int MaximumBatch = 256;

    // All images of a batch are one array.
    private const int MaximumPixels = 1 << 28;

    private static readonly string[] CMUNeXts = [.. NetworkCatalog.Names.Where(name => NetworkCatalog.Describe(name).Configuration is not null)];

    private static readonly Option<string[]> Models = CommonOptions.List<string>(
        "--models", $"The networks: {string.Join(", ", NetworkCatalog.Names)}. [default: {string.Join(",", CMUNeXts)}; with --suite all]", "NAME,...");
    private static readonly Option<string?> Weights = new("--weights") { Description = "A weight file, whose network is measured instead of --models with weights by formula.", HelpName = "FILE" };
    private static readonly Option<string[]> Backends = CommonOptions.List<string>(
        "--backends",
        $"What computes, the first being what the others are compared with: {string.Join(", ", Contenders.Names)}. [default: those of {string.Join(",", Contenders.Defaults)} that compute the network]",
        "NAME,...");

    private static readonly Option<int[]> Threads = CommonOptions.List<int>("--threads", "Numbers of threads; with --suite, one for timing and training. [default: 1, and one for each core; with --suite one for each core]", "N,...");
    private static readonly Option<int[]> Sizes = CommonOptions.List<int>("--sizes", "Heights and widths of the images, multiples of 16. [default: the network's own, 256 for most]", "N,...");
    private static readonly Option<int[]> Batches = CommonOptions.List<int>("--batch", "Images in a call; with --suite, cases in a step of training. [default: 1; 8 to train]", "N,...");
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = $"How long each backend computes in each case, in {BenchmarkRun.Rounds} turns.",
        DefaultValueFactory = _ => 3,
        HelpName = "S",
    };

    private static readonly Option<bool> Steps = new("--steps") { Description = "Time the managed engine step by step, beside what the machine can do at most, instead of comparing backends." };
    private static readonly Option<string?> Output = new("--output") { Description = "The folder for benchmark.csv, benchmark.json and benchmark.png (with --steps: steps.csv, steps.json; with --suite: the suite's folder, which it goes on from).", HelpName = "DIR" };
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create()
    {
        Command command = new("benchmark", "Measure networks and backends side by side: time, throughput, memory, and whether they compute the same.")
        {
            Models, Weights, Backends, Threads, Sizes, Batches, Seconds, Steps, Output, Overwrite, Json,
        };
        foreach (Option option in BenchmarkSuite.Options)
        {
            command.Add(option);
        }

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

        if (parsed.GetValue(Steps) && CommonOptions.IsGiven(parsed, Backends))
        {
            throw new UsageException("--steps is for the managed engine alone, without --backends");
        }

        if (BenchmarkSuite.IsAskedFor(parsed))
        {
            return RunSuite(parsed, seconds, stop);
        }

        IReadOnlyList<NetworkDescription> networks = ReadNetworks(parsed, CMUNeXts);
        Dictionary<string, string[]> backends = ReadBackends(parsed, networks);
        int[] batches = CommonOptions.GivenOnce(parsed, Batches) ?? [1];
        BenchmarkCase[] cases = ReadCases(
            parsed, networks, CommonOptions.GivenOnce(parsed, Threads) ?? [.. new[] { 1, Environment.ProcessorCount }.Distinct()], batches);
        if (parsed.GetValue(Steps) && !batches.SequenceEqual([1]))
        {
            throw new UsageException("--steps times one image, without --batch");
        }

        string? output = parsed.GetValue(Output);
        if (output is not null)
        {
            OutputFolder.Open(output, parsed.GetValue(Overwrite));
        }

        return parsed.GetValue(Steps)
            ? TimeSteps(cases, seconds, output, parsed.GetValue(Json), stop)
            : Compare(cases, backends, new BenchmarkRun(seconds, (backend, measured) => WorkerProcess.Start(backend, measured, stop)), output, parsed.GetValue(Json), stop);
    }

    private static int RunSuite(ParseResult parsed, double seconds, CancellationToken stop)
    {
        if (BenchmarkSuite.Given(parsed, [Weights, Backends, Steps, Overwrite]) is { Length: > 0 } others)
        {
            throw new UsageException($"--suite takes each network with all its backends, and goes on with what is in --output; leave out {string.Join(", ", others)}");
        }

        string output = parsed.GetValue(Output) ?? throw new UsageException("--suite needs --output DIR, where it goes on if it is interrupted");
        if (((Option<int[]>[])[Threads, Sizes, Batches]).FirstOrDefault(option => CommonOptions.GivenOnce(parsed, option)?.Length > 1) is { } several)
        {
            throw new UsageException($"--suite takes one value of {several.Name}");
        }

        int? threads = CommonOptions.GivenOnce(parsed, Threads)?[0];
        BenchmarkCase[] cases = ReadCases(parsed, ReadNetworks(parsed, NetworkCatalog.Names), [threads ?? Environment.ProcessorCount], [1]);
        return BenchmarkSuite.Run(parsed, cases, seconds, threads, CommonOptions.GivenOnce(parsed, Batches)?[0], output, parsed.GetValue(Json), stop);
    }

    private static int Compare(
        BenchmarkCase[] cases, Dictionary<string, string[]> backends, BenchmarkRun run, string? output, bool json, CancellationToken stop)
    {
        List<BenchmarkRow> rows = [];
        int failures = 0;
        WorkProgress.Run("measuring", "turns", work =>
        {
            int total = cases.Sum(measured => BenchmarkRun.Steps(backends[measured.Model].Length));
            int end = 0;
            foreach (BenchmarkCase measured in cases)
            {
                stop.ThrowIfCancellationRequested();
                work.Title = $"{measured}";
                int done = end;
                end += BenchmarkRun.Steps(backends[measured.Model].Length);
                try
                {
                    using FormulaFile weights = FormulaFile.For(measured);
                    rows.AddRange(run.Measure(weights.Case, backends[measured.Model], () => work.Report(++done, total)));
                }
                catch (Exception e) when (e is BenchmarkFailedException or IOException)
                {
                    failures++;
                    work.WriteLine($"cmunext: {measured}: {e.Message}");
                    work.Report(end, total);
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
            Console.WriteLine(ResultJson.ToDocument(report));
        }
        else
        {
            BenchmarkTables.Print(report);
        }

        return failures == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static int TimeSteps(BenchmarkCase[] cases, double seconds, string? output, bool json, CancellationToken stop)
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
                float[] image = FormulaWeights.Images(description.Channels * measured.Size * measured.Size);
                timed.Add(StepsCase.Of(measured, network.Instructions, network.Profile(image, measured.Size, measured.Size, TimeSpan.FromSeconds(seconds))));
                work.Report(timed.Count, cases.Length);
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
            Console.WriteLine(ResultJson.ToDocument(report));
        }
        else
        {
            BenchmarkTables.Print(report);
        }

        return ExitStatus.Done;
    }

    private static IReadOnlyList<NetworkDescription> ReadNetworks(ParseResult parsed, IReadOnlyCollection<string> defaults)
    {
        string[]? models = CommonOptions.GivenOnce(parsed, Models);
        if (parsed.GetValue(Weights) is { } weights)
        {
            return models is null
                ? [NetworkWeights.Describe(NetworkWeights.Load(weights), null)]
                : throw new UsageException("--weights brings its own network: give it without --models");
        }

        models ??= [.. defaults];
        CheckNames("--models", models, NetworkCatalog.Names);
        return [.. models.Select(model => NetworkCatalog.Describe(model))];
    }

    // The backends of each network, by its name.
    private static Dictionary<string, string[]> ReadBackends(ParseResult parsed, IReadOnlyList<NetworkDescription> networks)
    {
        string[]? given = parsed.GetValue(Steps) ? [Contenders.Names[0]] : CommonOptions.GivenOnce(parsed, Backends);
        CheckNames("--backends", given ?? [], Contenders.Names);
        foreach (NetworkDescription network in networks)
        {
            if (given?.FirstOrDefault(backend => !Contenders.Supports(backend, network)) is { } other)
            {
                throw new UsageException($"{other} does not compute this {network.Name}");
            }
        }

        return networks.ToDictionary(network => network.Name, network => given ?? Contenders.DefaultsFor(network));
    }

    private static BenchmarkCase[] ReadCases(ParseResult parsed, IReadOnlyList<NetworkDescription> networks, int[] threads, int[] batches)
    {
        int[]? sizes = CommonOptions.GivenOnce(parsed, Sizes);
        Check("--threads", threads, count => count is >= 1 and <= CommonOptions.MaximumThreads, $"from 1 to {CommonOptions.MaximumThreads}");
        Check("--sizes", sizes ?? [], size => size <= MaximumSize, $"at most {MaximumSize}");
        Check("--batch", batches, batch => batch is >= 1 and <= MaximumBatch, $"from 1 to {MaximumBatch}");
        BenchmarkCase[] cases = [.. from network in networks
                                    from size in sizes ?? [NetworkCatalog.SizeOf(network.Name).Default]
                                    from batch in batches
                                    from count in threads
                                    select new BenchmarkCase(network.Name, parsed.GetValue(Weights), count, size, batch)];
        foreach (BenchmarkCase one in cases)
        {
            if (NetworkCatalog.SizeOf(one.Model).FindFault(one.Size, one.Size) is { } fault)
            {
                throw new UsageException($"--sizes: {one.Size} is not possible for {one.Model}: {fault}");
            }

            if ((long)one.Batch * one.Size * one.Size > MaximumPixels)
            {
                throw new UsageException($"a batch of {one.Batch} images of {one.Size} x {one.Size} is too large");
            }
        }

        return cases;
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
