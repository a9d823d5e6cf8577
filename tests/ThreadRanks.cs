using System.Runtime.ExceptionServices;
using CMUNeXt.Ranks;

namespace CMUNeXt.Tests;

/// <summary>Ranks that are threads of one process: each call waits until all have made it.</summary>
internal sealed class ThreadRanks(int size) : IDisposable
{
    private readonly Barrier barrier = new(size);
    private readonly byte[][] given = new byte[size][];
    private readonly int[][] counts = new int[size][];

    private readonly CancellationTokenSource failed = new();
    private Exception? failure;

    /// <summary>Runs the same work at each rank, and gives its results in the order of the ranks. Where one fails, all end.</summary>
    public static T[] Run<T>(int size, Func<ICommunicator, T> work)
    {
        using ThreadRanks ranks = new(size);
        Task<T>[] tasks = [.. Enumerable.Range(0, size).Select(rank =>
            Task.Factory.StartNew(() => ranks.Do(() => work(new One(ranks, rank))), TaskCreationOptions.LongRunning))];
        try
        {
            return Task.WhenAll(tasks).GetAwaiter().GetResult();
        }
        catch when (ranks.failure is not null)
        {
            // What the others say is that they were ended.
            ExceptionDispatchInfo.Throw(ranks.failure);
            throw;
        }
    }

    public void Dispose()
    {
        barrier.Dispose();
        failed.Dispose();
    }

    private T Do<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
            failed.Cancel();
            throw;
        }
    }

    private void Exchange(int rank, ReadOnlySpan<byte> own, ReadOnlySpan<int> parts, Action take)
    {
        given[rank] = own.ToArray();
        counts[rank] = parts.ToArray();
        barrier.SignalAndWait(failed.Token);
        take();
        barrier.SignalAndWait(failed.Token);
    }

    private sealed class One(ThreadRanks ranks, int rank) : ICommunicator
    {
        public int Rank => rank;

        public int Size => ranks.given.Length;

        public void AllGather(ReadOnlySpan<byte> own, ReadOnlySpan<int> counts, Span<byte> all)
        {
            Assert.Equal(counts[rank], own.Length);
            byte[] received = [];
            ranks.Exchange(rank, own, [own.Length], () => received = [.. ranks.given.SelectMany(one => one)]);
            Assert.Equal(all.Length, received.Length);
            received.CopyTo(all);
        }

        public void AllToAll(ReadOnlySpan<byte> parts, ReadOnlySpan<int> partCounts, Span<byte> received, ReadOnlySpan<int> receivedCounts)
        {
            byte[][] come = [];
            ranks.Exchange(rank, parts, partCounts, () => come =
                [.. ranks.given.Zip(ranks.counts, (all, counts) => all.AsSpan(counts[..rank].Sum(), counts[rank]).ToArray())]);
            Assert.Equal(receivedCounts.ToArray(), come.Select(one => one.Length));
            come.SelectMany(one => one).ToArray().CopyTo(received);
        }
    }
}
