using System.Collections.Concurrent;
using CMUNeXt.Files;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>
/// Finds images that show the same view: copies with and without calipers or texts, of other brightness, size or crop, and
/// neighboring frames of one examination. A thumbnail of every image is compared with that of every other one in all shifts, and what
/// agrees coarsely is compared again on a finer one.
/// </summary>
/// <remarks>
/// Not found: copies that are mirrored or turned, that share less than half of the smaller image, or that are both cropped and scaled
/// by more than a few percent. The thresholds were chosen on BUSI; <c>docs/how-to/prepare.md</c> has what they find there and elsewhere.
/// </remarks>
public static class NearCopies
{
    private const double CoarseThreshold = 0.55;

    // A shift by blocks of the coarse thumbnail is known to about a block, two of the fine one.
    private const int FineReach = 2;

    // The mean of fewer images would hold too much of each.
    private const int FewestForMean = 12;

    /// <summary>Two images whose fine thumbnails correlate at least like this are near copies.</summary>
    public const double Threshold = 0.5;

    /// <summary>Compares every image with every other one.</summary>
    /// <param name="cases">The cases; their images are read. Those of fewer than 32 x 32 pixels are passed over.</param>
    /// <param name="progress">Told the number of images compared so far, from several threads.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The pairs, the most similar first.</returns>
    /// <exception cref="BadFileException">An image is missing or broken.</exception>
    public static IReadOnlyList<NearCopy> Find(
        IReadOnlyList<Case> cases, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        FindWithPrints(cases, progress, cancellation).Copies;

    /// <summary>The same, and the fingerprint of every image (<see cref="ImageFingerprint"/>), which is read but once.</summary>
    internal static (string[] Prints, IReadOnlyList<NearCopy> Copies) FindWithPrints(
        IReadOnlyList<Case> cases, IProgress<int>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ComparedImage[] images = CasesAtOnce.Read(
            cases, static one => ComparedImage.Of(ImageFile.Load(one.ImagePath), one.ImagePath), Environment.ProcessorCount,
            cancellation: cancellation);
        string[] names = [.. cases.Select(static c => c.Name)];
        return ([.. images.Select(static image => image.Print)], Find(names, images, progress, cancellation));
    }

    /// <summary>Compares images that are read already.</summary>
    /// <param name="names">The names of their cases.</param>
    /// <param name="images">The images, in the order of the names.</param>
    /// <param name="progress">Told the number of images compared so far, from several threads.</param>
    /// <param name="cancellation">Stops the work.</param>
    internal static IReadOnlyList<NearCopy> Find(
        string[] names, IReadOnlyList<ComparedImage> images, IProgress<int>? progress, CancellationToken cancellation)
    {
        ShiftedCorrelation?[] coarse = Prepare([.. images.Select(static image => image.Coarse)]);
        ShiftedCorrelation?[] fine = Prepare([.. images.Select(static image => image.Fine)]);
        ConcurrentBag<NearCopy> pairs = [];
        int done = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.For(0, names.Length, options, i =>
        {
            for (int j = i + 1; j < names.Length && coarse[i] is not null; j++)
            {
                if (coarse[j] is { } other && Compare(coarse[i]!, other, fine[i]!, fine[j]!) is var similarity and >= Threshold)
                {
                    pairs.Add(new NearCopy(names[i], names[j], similarity));
                }
            }

            progress?.Report(Interlocked.Increment(ref done));
        });
        return
        [
            .. pairs.OrderByDescending(static pair => pair.Similarity).ThenBy(static pair => pair.First, StringComparer.Ordinal)
                .ThenBy(static pair => pair.Second, StringComparer.Ordinal),
        ];
    }

    private static double Compare(
        ShiftedCorrelation coarse, ShiftedCorrelation otherCoarse, ShiftedCorrelation fine, ShiftedCorrelation otherFine)
    {
        ShiftedMatch match = coarse.Best(otherCoarse);
        if (match.Correlation < CoarseThreshold)
        {
            return 0;
        }

        // Rounding takes that of an image with itself a little above 1.
        return Math.Min(1, fine.BestNear(otherFine, 2 * match.Row, 2 * match.Column, FineReach).Correlation);
    }

    // What all images of one shape have in common, such as a black frame with its texts, says nothing of who is a copy of whom.
    private static ShiftedCorrelation?[] Prepare(Thumbnail?[] thumbnails)
    {
        Dictionary<int, double[]> shared = thumbnails.OfType<Thumbnail>()
            .GroupBy(t => t.Columns)
            .Where(group => group.Count() >= FewestForMean)
            .ToDictionary(group => group.Key, group => Mean([.. group]));
        return
        [
            .. thumbnails.Select(t => t is null
                ? null
                : new ShiftedCorrelation(shared.TryGetValue(t.Columns, out double[]? mean) ? t.Without(mean) : t)),
        ];
    }

    private static double[] Mean(Thumbnail[] thumbnails)
    {
        double[] mean = new double[thumbnails[0].Values.Length];
        foreach (Thumbnail thumbnail in thumbnails)
        {
            for (int i = 0; i < mean.Length; i++)
            {
                mean[i] += thumbnail.Values[i] / thumbnails.Length;
            }
        }

        return mean;
    }
}

/// <summary>Two cases whose images show the same view.</summary>
/// <param name="First">One case.</param>
/// <param name="Second">The other one.</param>
/// <param name="Similarity">How well their thumbnails agree, from <see cref="NearCopies.Threshold"/> to 1.</param>
public sealed record NearCopy(string First, string Second, double Similarity);
