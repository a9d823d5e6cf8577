using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>Measures cases one after the other, each with all its backends. A case that fails is told, and the others are done.</summary>
internal static class Comparison
{
    /// <summary>Measures.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="backends">The backends of each network, by its name.</param>
    /// <param name="run">Measures one case.</param>
    /// <param name="output">The folder for the report, which is written after every case; null for none.</param>
    /// <param name="stop">Stops between two cases.</param>
    /// <returns>What was measured, and how many cases failed.</returns>
    public static (BenchmarkReport Report, int Failures) Run(
        BenchmarkCase[] cases, Dictionary<string, string[]> backends, BenchmarkRun run, string? output, CancellationToken stop)
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
                catch (Exception e) when (e is BenchmarkFailedException or (IOException and not BadFileException))
                {
                    failures++;
                    work.WriteLine($"cmunext: {measured}: {e.Message}");
                    work.Report(end, total);
                }

                // Nothing is lost where a later case is interrupted.
                if (output is not null)
                {
                    new BenchmarkReport(Machine.Describe(run.Engines), rows).Write(output);
                }
            }

            return true;
        });
        return (new BenchmarkReport(Machine.Describe(run.Engines), rows), failures);
    }
}
