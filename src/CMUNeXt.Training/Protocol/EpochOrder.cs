using System.Globalization;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Protocol;

/// <summary>
/// Which cases each batch holds: functions of seed, epoch and case alone. Where a share of healthy images is stated, an epoch is once
/// through all others, and the healthy ones take their places in turn, epoch after epoch. A case that an epoch draws again has another name
/// there, so that it is augmented otherwise.
/// </summary>
internal sealed class EpochOrder
{
    // Rates are whole numbers of so many parts, whose sums are the same in any order.
    private const long Once = 1 << 16;

    private readonly TrainingProtocol protocol;
    private readonly IReadOnlyList<Case> cases;
    private readonly IReadOnlyList<Case> healthy;
    private readonly long[] rates;
    private readonly List<(int Cases, int Healthy)> sizes = [];

    /// <summary>Divides cases into batches.</summary>
    /// <param name="protocol">Batch size, seed and share of healthy images.</param>
    /// <param name="all">The cases of the training list.</param>
    /// <param name="isHealthy">Whether a case's image is healthy; asked only where a share is stated.</param>
    /// <param name="rates">How many times an epoch draws each case, at least 1; null draws each once.</param>
    /// <exception cref="InvalidDataException">A share of healthy images is stated, and there are none, or nothing else.</exception>
    public EpochOrder(
        TrainingProtocol protocol, IReadOnlyList<Case> all, Func<Case, bool> isHealthy, IReadOnlyList<double>? rates = null)
    {
        this.protocol = protocol;
        Cases = all;
        bool divided = protocol.HealthyShare > 0;
        ILookup<bool, int> kinds = Enumerable.Range(0, all.Count).ToLookup(i => divided && isHealthy(all[i]));
        cases = [.. kinds[false].Select(i => all[i])];
        healthy = [.. kinds[true].Select(i => all[i])];
        this.rates = [.. kinds[false].Select(i => (long)Math.Round((rates?[i] ?? 1) * Once))];
        if (divided && (healthy.Count == 0 || cases.Count == 0))
        {
            throw new InvalidDataException(healthy.Count == 0
                ? "a share of healthy images is asked for, and the training list has none (a healthy image's mask is empty)"
                : "a share of healthy images is asked for, and the training list has no others");
        }

        for (int left = Drawn(this.rates.Sum()); left > 0; left -= sizes[^1].Cases)
        {
            int places = divided ? PlacesBefore(sizes.Count + 1) - PlacesBefore(sizes.Count) : 0;
            int others = Math.Min(protocol.Batch - places, left);

            // The last batch may have few others: with the places of a whole one, most of it would be healthy.
            sizes.Add((others, others < protocol.Batch - places ? Math.Min(places, others / 2) : places));
        }
    }

    /// <summary>Says why a list cannot be divided into batches with healthy images, before its masks are decoded.</summary>
    /// <param name="protocol">Batch size and share of healthy images; lists have no shares of their own then.</param>
    /// <param name="all">The cases of the training list.</param>
    /// <param name="contents">What their masks hold, in their order.</param>
    /// <returns>One sentence, or null where all is well.</returns>
    public static string? FindFault(TrainingProtocol protocol, IReadOnlyList<Case> all, CaseContents[] contents)
    {
        if (protocol.HealthyShare == 0)
        {
            return null;
        }

        Dictionary<Case, CaseContents> contentsOf = all.Zip(contents).ToDictionary();
        try
        {
            return new EpochOrder(
                protocol, all, one => contentsOf[one].IsHealthy,
                CaseRates.Of(all, null, protocol.Oversample, one => contentsOf[one].Labels)).FindMissingPlace();
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// Says that a share is stated and no epoch has a place for a healthy image: the others alone would be trained on. A run that has begun
    /// so goes on.
    /// </summary>
    /// <returns>One sentence, or null where all is well.</returns>
    public string? FindMissingPlace() => protocol.HealthyShare == 0 || sizes.Any(static size => size.Healthy > 0)
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"with a share of healthy images of {protocol.HealthyShare} ")
            + $"an epoch has no place for one (batches of {protocol.Batch}: {sizes.Count}); "
            + "take a larger share, a longer training list, or no share";

    /// <summary>The cases that are divided.</summary>
    public IReadOnlyList<Case> Cases { get; }

    /// <summary>The number of batches of an epoch.</summary>
    public int Iterations => sizes.Count;

    /// <summary>The images of each batch.</summary>
    public IEnumerable<int> BatchSizes => sizes.Select(size => size.Cases + size.Healthy);

    /// <summary>The number of images of an epoch.</summary>
    public int Images => sizes.Sum(size => size.Cases + size.Healthy);

    /// <summary>The batches of an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    public IEnumerable<Case[]> Batches(int epoch)
    {
        Case[] order = [.. Shuffled(Drawn(epoch), "place of", epoch)];
        long first = (long)epoch * sizes.Sum(size => size.Healthy);
        long turn = first;
        int next = 0;
        foreach ((int count, int places) in sizes)
        {
            yield return [.. order.AsSpan(next, count), .. Enumerable.Range(0, places).Select(i => HealthyAt(turn + i, first))];
            next += count;
            turn += places;
        }
    }

    // Of a rate of 1.5 every second case comes twice; which ones depends on the order, and so on the epoch.
    private IReadOnlyList<Case> Drawn(int epoch)
    {
        if (rates.All(static rate => rate == Once))
        {
            return cases;
        }

        Dictionary<Case, long> rateOf = cases.Zip(rates).ToDictionary(static one => one.First, static one => one.Second);
        List<Case> drawn = [];
        long sum = 0;
        foreach (Case single in Shuffled(cases, "turn of", epoch))
        {
            int before = Drawn(sum);
            sum += rateOf[single];
            drawn.AddRange(Enumerable.Range(0, Drawn(sum) - before)
                .Select(again => again == 0 ? single : single with { Name = $"{single.Name} again {again}" }));
        }

        return drawn;
    }

    private static int Drawn(long rates) => (int)(rates / Once);

    // After so many iterations the healthy images have had so many places.
    private int PlacesBefore(int iteration) => (int)Math.Floor((iteration * protocol.Batch * protocol.HealthyShare) + 1e-9);

    // The rounds through the healthy images go on from epoch to epoch: one has its turn again where an earlier round of this epoch had it.
    private Case HealthyAt(long turn, long firstOfEpoch)
    {
        (long round, long place) = Math.DivRem(turn, healthy.Count);
        Case drawn = Shuffled(healthy, "healthy place of", round).ElementAt((int)place);
        (long firstRound, long firstPlace) = Math.DivRem(firstOfEpoch, healthy.Count);
        if (round == firstRound)
        {
            return drawn;
        }

        bool wasInFirst = Shuffled(healthy, "healthy place of", firstRound).Skip((int)firstPlace).Contains(drawn);
        long again = round - firstRound - (wasInFirst ? 0 : 1);
        return again == 0 ? drawn : drawn with { Name = $"{drawn.Name} again {again}" };
    }

    private IEnumerable<Case> Shuffled(IReadOnlyList<Case> all, string what, long number) =>
        all.OrderBy(single => new RandomSequence(protocol.Seed, $"{what} {single.Name}", (ulong)number).Next())
            .ThenBy(single => single.Name, StringComparer.Ordinal);
}
