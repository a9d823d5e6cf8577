using CMUNeXt.Masks;

namespace CMUNeXt.Training.Evaluation;

/// <summary>A lesion of the reference: a connected component (of eight neighbors) of one class.</summary>
/// <param name="Class">Its class, from 1.</param>
/// <param name="AreaFraction">The part of the image's known pixels that it covers, in (0, 1].</param>
internal sealed record ReferenceLesion(int Class, double AreaFraction)
{
    /// <summary>The lesions of a mask, in the order of their first pixels.</summary>
    /// <param name="reference">The mask, background where nothing is known.</param>
    /// <param name="ignored">The number of pixels where nothing is known.</param>
    public static IReadOnlyList<ReferenceLesion> Of(Mask reference, int ignored) =>
    [
        .. reference.FindComponents().Components
            .Select(found => new ReferenceLesion(found.Class, (double)found.Area / (reference.Pixels.Length - ignored))),
    ];
}
