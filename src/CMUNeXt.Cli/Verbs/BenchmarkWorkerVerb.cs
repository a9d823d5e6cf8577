using System.CommandLine;
using CMUNeXt.Cli.Benchmark;

namespace CMUNeXt.Cli.Verbs;

/// <summary>The hidden verb that makes this program the process of one backend of <c>benchmark</c>.</summary>
internal static class BenchmarkWorkerVerb
{
    public static Command Create()
    {
        Command command = new(WorkerProcess.Command, "Computes for benchmark: a line of JSON on standard input, a line on standard output.")
        {
            Hidden = true,
        };
        command.SetAction(_ => new Worker(Console.In, Console.Out).Run());
        return command;
    }
}
