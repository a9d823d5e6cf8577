namespace CMUNeXt.Ranks;

/// <summary>
/// The processes that train one network together (data parallelism), each a rank with images of its own. It moves bytes and computes
/// nothing, so that no result depends on how a library adds up. Every rank makes the same calls in the same order, from one thread.
/// </summary>
public interface ICommunicator
{
    /// <summary>The number of this process, from 0.</summary>
    int Rank { get; }

    /// <summary>The number of ranks, at least 1.</summary>
    int Size { get; }

    /// <summary>Gives every rank what each has, in the order of the ranks.</summary>
    /// <param name="own">What this rank has.</param>
    /// <param name="counts">The bytes that each rank has.</param>
    /// <param name="all">Room for all of them.</param>
    void AllGather(ReadOnlySpan<byte> own, ReadOnlySpan<int> counts, Span<byte> all);

    /// <summary>Gives every rank its part of what each has, in the order of the ranks.</summary>
    /// <param name="parts">The part for each rank, one after the other.</param>
    /// <param name="partCounts">The bytes of these parts.</param>
    /// <param name="received">Room for what the ranks have for this one.</param>
    /// <param name="receivedCounts">The bytes that come from each rank.</param>
    void AllToAll(ReadOnlySpan<byte> parts, ReadOnlySpan<int> partCounts, Span<byte> received, ReadOnlySpan<int> receivedCounts);
}
