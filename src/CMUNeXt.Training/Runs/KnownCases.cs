using CMUNeXt.Images;
using CMUNeXt.Training.Data;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// The images that weights know, so that nobody judges them on these without being told. An image is named by the first 16 hexadecimal
/// digits of the SHA-256 of its pixels, which do not give the image back.
/// </summary>
/// <param name="Training">Those that they were trained on, in earlier trainings too.</param>
/// <param name="Selection">Those by which their epoch was chosen; none where it is the last one.</param>
public sealed record KnownCases(IReadOnlyList<string> Training, IReadOnlyList<string> Selection)
{
    /// <summary>The same with those that other weights, or an earlier state of these, know.</summary>
    internal KnownCases And(KnownCases? others) => others is null ? this : new KnownCases(
        [.. Training.Union(others.Training).Order(StringComparer.Ordinal)],
        [.. Selection.Union(others.Selection).Order(StringComparer.Ordinal)]);

    /// <summary>What names an image, decoded and at its own size.</summary>
    public static string NameOf(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Shorten(ImageFingerprint.Of(image));
    }

    /// <summary>What names an image.</summary>
    /// <param name="fingerprint">Its <see cref="ImageFingerprint"/>.</param>
    internal static string Shorten(string fingerprint) => fingerprint[..16].ToLowerInvariant();

    /// <summary>All that weights know; none where that was not recorded.</summary>
    internal static IEnumerable<string> AllOf(WeightsMetadata? weights) =>
        Of(weights) is { } known ? known.Training.Concat(known.Selection) : [];

    /// <summary>Those of weights; null where that was not recorded.</summary>
    internal static KnownCases? Of(WeightsMetadata? weights) =>
        weights?.TrainingCases is { } training ? new KnownCases(training, weights.SelectionCases ?? []) : null;
}
