using System.Diagnostics;
using CMUNeXt.Backends;
using CMUNeXt.Mpi;
using CMUNeXt.Networks;
using CMUNeXt.Ranks;

namespace CMUNeXt.TrainingIterations;

/// <summary>
/// Iterations of the managed engine at the ranks of mpirun, which share each batch; without mpirun, at this process alone.
/// </summary>
internal static class RankIterations
{
    public static void Run(string model, int batch, int size, int threads, int iterations)
    {
        using MpiCommunicator? job = MpiLauncher.StartedThis ? MpiCommunicator.Start(TimeSpan.FromMinutes(5), "Start again.") : null;
        TimedCommunicator? ranks = job is null ? null : new TimedCommunicator(job);
        NetworkDescription description = NetworkCatalog.Describe(model);
        TrainableSettings settings = new();
        using ManagedTrainable network = new(description, settings, threads);
        network.Restore(description.Configuration!.StartingWeights(description.Channels, description.Outputs, settings.Seed), null);
        if (ranks is not null)
        {
            network.Join(ranks);
        }

        Batch share = ShareOf(Worker.MakeBatch(batch, size), ranks?.Rank ?? 0, ranks?.Size ?? 1);
        List<double> times = [];
        List<double> exchanges = [];
        for (int i = 0; i < iterations + 2; i++)
        {
            ranks?.Reset();
            long started = Stopwatch.GetTimestamp();
            network.Iterate(share, 0.01);
            if (i >= 2)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                exchanges.Add(ranks?.Spent.TotalMilliseconds ?? 0);
            }
        }

        if (ranks is null or { Rank: 0 })
        {
            Console.WriteLine(
                $"{model}, {ranks?.Size ?? 1} ranks of {threads} threads, batch {batch}: median {Median(times):0.0} ms, "
                + $"least {times.Min():0.0} ms; in exchanges {Median(exchanges):0.0} ms, {ranks?.Calls ?? 0} of them");
        }
    }

    private static Batch ShareOf(Batch all, int rank, int ranks)
    {
        (int from, int to) = (all.Count * rank / ranks, all.Count * (rank + 1) / ranks);
        int pixels = all.Height * all.Width;
        int values = all.Input.Length / all.Count;
        return new Batch(
            to - from, all.Height, all.Width, all.Input[(from * values)..(to * values)], all.Target[(from * pixels)..(to * pixels)]);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Counts what is spent in exchanges, waiting for other ranks included.</summary>
    private sealed class TimedCommunicator(ICommunicator ranks) : ICommunicator
    {
        public int Rank => ranks.Rank;

        public int Size => ranks.Size;

        public TimeSpan Spent { get; private set; }

        public int Calls { get; private set; }

        public void Reset() => (Spent, Calls) = (TimeSpan.Zero, 0);

        public void AllGather(ReadOnlySpan<byte> own, ReadOnlySpan<int> counts, Span<byte> all)
        {
            long started = Stopwatch.GetTimestamp();
            ranks.AllGather(own, counts, all);
            Count(started);
        }

        public void AllToAll(
            ReadOnlySpan<byte> parts, ReadOnlySpan<int> partCounts, Span<byte> received, ReadOnlySpan<int> receivedCounts)
        {
            long started = Stopwatch.GetTimestamp();
            ranks.AllToAll(parts, partCounts, received, receivedCounts);
            Count(started);
        }

        private void Count(long started)
        {
            Spent += Stopwatch.GetElapsedTime(started);
            Calls++;
        }
    }
}
