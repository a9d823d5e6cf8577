using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>Measures cases one after the other, each with all its backends. A case that fails is told, and the others are done.</summary>
internal static class Comparison
{
    /// <summary>Measures.</summary>
    /// <param name="title">What is done, a word.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="backends">The backends of each network, by its name.</param>
    /// <param name="run">Measures one case.</param>
    /// <param name="keep">
    /// Takes what became of each case, so that nothing is lost where a later one is interrupted: its rows, or none and why it failed.
    /// </param>
    /// <param name="stop">Stops between two cases.</param>
    public static void Run(
        string title, BenchmarkCase[] cases, Dictionary<string, string[]> backends, BenchmarkRun run,
        Action<BenchmarkCase, IReadOnlyList<BenchmarkRow>, string?> keep, CancellationToken stop) =>
        WorkProgress.Run(title, "turns", work =>
        {
            int total = cases.Sum(measured => BenchmarkRun.Steps(backends[measured.Model].Length));
            int end = 0;
            foreach (BenchmarkCase measured in cases)
            {
                stop.ThrowIfCancellationRequested();
                work.Title = $"{measured}";
                int done = end;
                end += BenchmarkRun.Steps(backends[measured.Model].Length);
                IReadOnlyList<BenchmarkRow> rows = [];
                string? failure = null;
                try
                {
                    using FormulaFile weights = FormulaFile.For(measured);
                    rows = run.Measure(weights.Case, backends[measured.Model], () => work.Report(++done, total));
                }
                catch (Exception e) when (e is BenchmarkFailedException or (IOException and not BadFileException))
                {
                    failure = e.Message;
                    work.WriteLine($"cmunext: {measured}: {failure}");
                    work.Report(end, total);
                }

                keep(measured, rows, failure);
            }
        });
}
