using CMUNeXt.Masks;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Evaluation;

/// <summary>One lesion that a network found in a case, judged.</summary>
/// <param name="Class">The index of its class, from 1.</param>
/// <param name="Area">The number of its pixels.</param>
/// <param name="Share">Its part of all pixels of the case that are found of its class, in (0, 1].</param>
/// <param name="MeanProbability">The mean probability of its pixels, in [0, 1].</param>
/// <param name="Iou">
/// Its IoU with that lesion of the reference (8-connected component of the same class) with which it is the largest, of the pixels of which
/// something is known; 0 where it touches none.
/// </param>
/// <param name="Confidence">
/// The probability, as told beforehand, that <paramref name="Iou"/> is at least 0.5; null without a calibration.
/// </param>
internal sealed record LesionResult(int Class, int Area, double Share, double MeanProbability, double Iou, double? Confidence)
{
    /// <summary>The place of that lesion in <see cref="CaseResult.References"/>, from 0; null where it touches none.</summary>
    public int? Reference { get; init; }

    /// <summary>Judges all lesions of a segmentation.</summary>
    /// <param name="found">What the network found.</param>
    /// <param name="reference">The reference mask, of the same size; 255 where nothing is known.</param>
    /// <returns>
    /// The lesions, the largest first, as in <see cref="Segmentation.Lesions"/>, without those of which nothing is known of the most part
    /// and that hit no lesion of the reference.
    /// </returns>
    public static IReadOnlyList<LesionResult> Of(Segmentation found, Mask reference)
    {
        (byte[] classes, bool[]? ignored) = IgnoredPixels.Split(reference.Pixels);
        (double Iou, int? Reference, bool IsKnown)[] best = Best(found.Mask, new Mask(reference.Width, reference.Height, classes), ignored);
        return
        [
            .. found.Lesions.Zip(best).Where(static one => one.Second.IsKnown).Select(static one => (Lesion: one.First, Match: one.Second))
                .Select(static one => new LesionResult(
                    one.Lesion.Class, one.Lesion.Area, one.Lesion.Share, one.Lesion.MeanProbability, one.Match.Iou, one.Lesion.Confidence)
                {
                    Reference = one.Match.Reference,
                }),
        ];
    }

    // In the order of lesions: the largest first; of equals, the one whose first pixel comes first.
    private static (double Iou, int? Reference, bool IsKnown)[] Best(Mask prediction, Mask reference, bool[]? ignored)
    {
        (int[] predicted, IReadOnlyList<(int Class, int Area)> lesions) = prediction.FindComponents();
        (int[] actual, IReadOnlyList<(int Class, int Area)> references) = reference.FindComponents();
        Dictionary<(int Predicted, int Actual), int> common = [];
        for (int i = 0; i < predicted.Length; i++)
        {
            (int Predicted, int Actual) pair = (predicted[i], actual[i]);
            if (pair is { Predicted: > 0, Actual: > 0 } && prediction.Pixels[i] == reference.Pixels[i])
            {
                common[pair] = common.GetValueOrDefault(pair) + 1;
            }
        }

        int[] unknown = new int[lesions.Count];
        for (int i = 0; i < ignored?.Length; i++)
        {
            if (ignored[i] && predicted[i] > 0)
            {
                unknown[predicted[i] - 1]++;
            }
        }

        (double Iou, int? Reference, bool IsKnown)[] best =
            [.. lesions.Select((lesion, i) => (0.0, (int?)null, 2 * unknown[i] <= lesion.Area))];
        foreach (((int p, int a), int count) in common)
        {
            int union = lesions[p - 1].Area - unknown[p - 1] + references[a - 1].Area - count;
            double iou = (double)count / union;
            if (iou > best[p - 1].Iou)
            {
                best[p - 1] = (iou, a - 1, best[p - 1].IsKnown || iou >= PresenceSummary.DetectionIou);
            }
        }

        return [.. best.Zip(lesions).OrderByDescending(static one => one.Second.Area).Select(static one => one.First)];
    }
}
