using System.CommandLine;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Options;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Verbs;

/// <summary>
/// <c>benchmark</c>: networks and backends side by side, the managed engine step by step, or the whole job of <c>predict</c>.
/// </summary>
internal static class BenchmarkVerb
{
    private static readonly CaseOptions Cases = new();
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

    public static Command Create() => Verb.Create(
        "benchmark",
        "Measure networks and backends side by side: time, throughput, memory, and whether they compute the same.",
        [.. Cases.All, Seconds, Steps, Job, Output, Overwrite, Json],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        double seconds = parsed.GetValue(Seconds);
        if (parsed.GetValue(Job) is { } job)
        {
            return RunJob(parsed, job, seconds, stop);
        }

        bool steps = parsed.GetValue(Steps);
        (BenchmarkCase[] cases, Dictionary<string, string[]> backends) = Cases.Read(parsed, steps);
        string? output = parsed.GetValue(Output);
        using OutputFolder? folder = output is null
            ? null
            : OutputFolder.Open(output, parsed.GetValue(Overwrite), parsed.GetValue(Cases.Weights));
        folder?.Claim(steps ? StepsReport.Files : BenchmarkReport.Files);

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
        List<BenchmarkRow> rows = [];
        int failures = 0;
        BenchmarkReport Report() => new(Machine.Describe(run.Engines), rows);
        Comparison.Run(
            "measuring",
            cases,
            backends,
            run,
            (_, measured, failure) =>
            {
                rows.AddRange(measured);
                failures += failure is null ? 0 : 1;
                if (output is not null)
                {
                    Report().Write(output);
                }
            },
            stop);
        Print(parsed, Report(), BenchmarkTables.Print);
        return failures == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static int RunJob(ParseResult parsed, string job, double seconds, CancellationToken stop)
    {
        Option[] others = [.. Cases.OfNoJob, Steps];
        if (Array.Find(others, option => CommonOptions.IsGiven(parsed, option)) is { } other)
        {
            throw new UsageException($"--job is of predict, without {other.Name}");
        }

        if (!Directory.Exists(job))
        {
            throw new UsageException($"--job takes a folder, and {PrintableText.Of(job)} is none");
        }

        int[] threads = CommonOptions.GivenOnce(parsed, Cases.Threads) ?? [Environment.ProcessorCount];
        if (threads is not [var atOnce])
        {
            throw new UsageException("--job takes one number of --threads");
        }

        string? output = parsed.GetValue(Output);
        string? weights = parsed.GetValue(Cases.Weights);
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
}
