using System.Runtime.InteropServices;
using CMUNeXt.Ranks;

namespace CMUNeXt.Training.Runs;

/// <summary>The part that this process has in a training: all of it, or that of a rank.</summary>
/// <param name="communicator">The ranks; null where this process trains alone.</param>
internal sealed class RankShare(ICommunicator? communicator)
{
    /// <summary>The number of ranks.</summary>
    public int Size => communicator?.Size ?? 1;

    /// <summary>Whether this is the rank that writes.</summary>
    public bool IsFirst => communicator is null or { Rank: 0 };

    /// <summary>The cases of this rank; those of the ranks before come before them.</summary>
    public T[] Of<T>(T[] cases) => communicator is null
        ? cases
        : cases[(int)((long)cases.Length * communicator.Rank / Size)..(int)((long)cases.Length * (communicator.Rank + 1) / Size)];

    /// <summary>The values of all ranks, in their order.</summary>
    /// <param name="own">Those of this rank; there may be none.</param>
    public double[] Gather(double[] own)
    {
        if (communicator is null)
        {
            return own;
        }

        int[] sizes = new int[Size];
        int[] counts = [.. Enumerable.Repeat(sizeof(int), Size)];
        int bytes = own.Length * sizeof(double);
        communicator.AllGather(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)), counts, MemoryMarshal.AsBytes(sizes.AsSpan()));
        double[] all = new double[sizes.Sum() / sizeof(double)];
        communicator.AllGather(MemoryMarshal.AsBytes(own.AsSpan()), sizes, MemoryMarshal.AsBytes(all.AsSpan()));
        return all;
    }

    /// <summary>Adds up the values of all ranks, place by place: counts, whose sums are exact.</summary>
    /// <param name="own">Those of this rank, as many as at every other.</param>
    public double[] AddUp(double[] own)
    {
        double[] all = Gather(own);
        return Size == 1 ? all : [.. Enumerable.Range(0, own.Length).Select(i => all.Where((_, place) => place % own.Length == i).Sum())];
    }

    /// <summary>Whether the content of every rank is that of this one.</summary>
    public bool IsSame(byte[] content)
    {
        if (communicator is null)
        {
            return true;
        }

        byte[] all = new byte[content.Length * Size];
        communicator.AllGather(content, [.. Enumerable.Repeat(content.Length, Size)], all);
        return all.Chunk(content.Length).All(one => one.AsSpan().SequenceEqual(content));
    }
}
