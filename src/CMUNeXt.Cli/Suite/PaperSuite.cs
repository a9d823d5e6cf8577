using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Suite;

/// <summary>
/// The paper's comparison: counts, times, and where asked for trains and judges networks, and writes the table after each. What an earlier
/// suite left in the folder is taken up.
/// </summary>
/// <param name="folder">The suite's folder.</param>
/// <param name="timing">Times networks.</param>
/// <param name="training">Trains them; null where they are only timed.</param>
internal sealed class PaperSuite(string folder, BenchmarkRun timing, SuiteTraining? training)
{
    private readonly Dictionary<string, SuiteRow> rows = [];
    private Machine? before;

    /// <summary>The table as it stands.</summary>
    public SuiteReport Report => new(
        Machine(),
        [.. NetworkCatalog.Names.Where(rows.ContainsKey).Select(model => rows[model])]);

    /// <summary>Does what is still to be done for networks.</summary>
    /// <param name="cases">The networks, each with how it is timed.</param>
    /// <param name="stop">Stops; all is kept.</param>
    /// <returns>Whether nothing failed.</returns>
    /// <exception cref="BadFileException">
    /// The times in the folder were measured in another way, or a run in it has other settings, or a file in it is damaged or somebody's.
    /// </exception>
    /// <exception cref="Training.Sessions.SettingsException">A network cannot be trained so.</exception>
    public bool Complete(IReadOnlyList<BenchmarkCase> cases, CancellationToken stop)
    {
        training?.Check([.. cases.Select(one => one.Model)]);
        using OutputFolder held = OutputFolder.Open(folder, overwrite: true);
        TakeUp(held);
        BenchmarkCase[] untimed = [.. cases.Where(one => !IsTimed(one))];
        if (untimed.Length > 0)
        {
            CheckMachine();
        }

        foreach (BenchmarkCase one in cases)
        {
            stop.ThrowIfCancellationRequested();
            rows[one.Model] = RowOf(one) with { Failure = null };
        }

        Report.Write(folder);
        if (untimed.Length > 0)
        {
            Time(untimed, stop);
        }

        for (int split = 1; split <= training?.Splits; split++)
        {
            foreach (BenchmarkCase one in cases)
            {
                string? failure = training.Complete(one.Model, split, Console.Error.WriteLine, stop);
                rows[one.Model] = rows[one.Model] with { Trained = TrainedFigures.Read(folder, one.Model) };
                Keep(one.Model, failure);
            }
        }

        return cases.All(one => rows[one.Model].Failure is null);
    }

    private void TakeUp(OutputFolder held)
    {
        if (SuiteReport.Read(folder) is not { } report)
        {
            // Here it begins: whatever it writes later is its own from now on.
            held.Claim(SuiteReport.Files);
            return;
        }

        before = report.Machine;
        foreach (SuiteRow row in report.Rows)
        {
            rows[row.Model] = row with { Trained = TrainedFigures.Read(folder, row.Model) };
        }
    }

    private bool IsTimed(BenchmarkCase one)
    {
        if (!rows.TryGetValue(one.Model, out SuiteRow? row) || row.Timings.Count == 0)
        {
            return false;
        }

        BenchmarkRow timed = row.Timings[0];
        if ((timed.Size, timed.Threads) != (one.Size, one.Threads))
        {
            throw Refuse(
                $"{one.Model} was timed at {timed.Size} x {timed.Size} with {Quantity.Of(timed.Threads, "thread")}, and not as {one}");
        }

        return true;
    }

    // The versions of the engines are known once they have run.
    private void CheckMachine()
    {
        if (before is not null && Benchmark.Machine.Describe(timing.Engines).FindDifference(before) is { } difference)
        {
            throw Refuse($"the times in it were measured on another machine (this one has {difference})");
        }
    }

    private BadFileException Refuse(string problem) => new(
        Path.Combine(folder, "suite.json"), $"{problem}; take another --output, or move this file away, and all networks are timed anew");

    private SuiteRow RowOf(BenchmarkCase one)
    {
        if (rows.TryGetValue(one.Model, out SuiteRow? row) && row.Size == one.Size)
        {
            return row;
        }

        NetworkFacts facts = NetworkFacts.Of(NetworkCatalog.Describe(one.Model), null, one.Size);
        return new SuiteRow
        {
            Model = one.Model,
            Size = one.Size,
            Parameters = facts.Parameters,
            ConvolutionMacs = facts.ConvolutionMacs,
            AllMacs = facts.AllMacs,
            Trained = TrainedFigures.Read(folder, one.Model),
        };
    }

    private void Time(BenchmarkCase[] cases, CancellationToken stop)
    {
        Dictionary<string, string[]> backends = cases.ToDictionary(
            static one => one.Model, static one => Contenders.DefaultsFor(NetworkCatalog.Describe(one.Model)));
        Comparison.Run("timing", cases, backends, timing, KeepTimings, stop);
    }

    private void KeepTimings(BenchmarkCase one, IReadOnlyList<BenchmarkRow> timings, string? failure)
    {
        if (failure is null)
        {
            CheckMachine();
            rows[one.Model] = rows[one.Model] with { Timings = timings };
        }

        Keep(one.Model, failure is null ? null : $"timing: {failure}");
    }

    private void Keep(string model, string? failure)
    {
        if (failure is not null)
        {
            rows[model] = rows[model] with { Failure = rows[model].Failure is { } other ? $"{other}; {failure}" : failure };
        }

        Report.Write(folder);
    }

    private Machine? Machine() => timing.Engines.Count == 0 ? before : Benchmark.Machine.Describe(
        (before?.Engines ?? new Dictionary<string, string>()).Concat(timing.Engines).GroupBy(engine => engine.Key)
            .ToDictionary(one => one.Key, one => one.Last().Value));
}
