using CMUNeXt.Numerics;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Protocol;

/// <summary>
/// Which cases each batch holds: functions of seed, epoch and case alone. Where a share of healthy images is stated, an epoch is once
/// through the cases with a lesion, and the healthy ones take their places in turn, epoch after epoch.
/// </summary>
internal sealed class EpochOrder
{
    private readonly TrainingProtocol protocol;
    private readonly IReadOnlyList<Case> cases;
    private readonly IReadOnlyList<Case> healthy;
    private readonly List<(int Cases, int Healthy)> sizes = [];

    /// <summary>Divides cases into batches.</summary>
    /// <param name="protocol">Batch size, seed and share of healthy images.</param>
    /// <param name="all">The cases of the training list.</param>
    /// <param name="isHealthy">Whether a case's mask is empty; asked only where a share is stated.</param>
    /// <exception cref="InvalidDataException">A share of healthy images is stated, and there are none, or nothing else.</exception>
    public EpochOrder(TrainingProtocol protocol, IReadOnlyList<Case> all, Func<Case, bool> isHealthy)
    {
        this.protocol = protocol;
        bool divided = protocol.HealthyShare > 0;
        ILookup<bool, Case> kinds = all.ToLookup(single => divided && isHealthy(single));
        cases = [.. kinds[false]];
        healthy = [.. kinds[true]];
        if (divided && (healthy.Count == 0 || cases.Count == 0))
        {
            throw new InvalidDataException(healthy.Count == 0
                ? "a share of healthy images is asked for, and the training list has none (a healthy image's mask is empty)"
                : "a share of healthy images is asked for, and the training list has no others");
        }

        for (int left = cases.Count; left > 0; left -= sizes[^1].Cases)
        {
            int places = divided ? PlacesBefore(sizes.Count + 1) - PlacesBefore(sizes.Count) : 0;
            sizes.Add((Math.Min(protocol.Batch - places, left), places));
        }
    }

    /// <summary>The number of batches of an epoch.</summary>
    public int Steps => sizes.Count;

    /// <summary>The images of each batch.</summary>
    public IEnumerable<int> BatchSizes => sizes.Select(size => size.Cases + size.Healthy);

    /// <summary>The number of images of an epoch.</summary>
    public int Images => sizes.Sum(size => size.Cases + size.Healthy);

    /// <summary>The batches of an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    public IEnumerable<Case[]> Batches(int epoch)
    {
        Case[] order = [.. Shuffled(cases, "place of", epoch)];
        long turn = (long)epoch * sizes.Sum(size => size.Healthy);
        int next = 0;
        foreach ((int count, int places) in sizes)
        {
            yield return [.. order.AsSpan(next, count), .. Enumerable.Range(0, places).Select(i => HealthyAt(turn + i))];
            next += count;
            turn += places;
        }
    }

    // After so many steps the healthy images have had so many places.
    private int PlacesBefore(int step) => (int)Math.Floor((step * protocol.Batch * protocol.HealthyShare) + 1e-9);

    private Case HealthyAt(long turn)
    {
        (long round, long place) = Math.DivRem(turn, healthy.Count);
        return Shuffled(healthy, "healthy place of", round).ElementAt((int)place);
    }

    private IEnumerable<Case> Shuffled(IReadOnlyList<Case> all, string what, long number) =>
        all.OrderBy(single => new RandomSequence(protocol.Seed, $"{what} {single.Name}", (ulong)number).Next())
            .ThenBy(single => single.Name, StringComparer.Ordinal);
}
