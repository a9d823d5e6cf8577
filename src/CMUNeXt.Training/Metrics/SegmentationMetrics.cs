using CMUNeXt.Masks;

namespace CMUNeXt.Training.Metrics;

/// <summary>
/// The metrics of one class in one case: an empty mask is empty, and nothing is smoothed. What is undefined is
/// <see cref="double.NaN"/>, belongs in no mean, and has to be counted beside it (<see cref="Confusion.Outcome"/>).
/// </summary>
/// <param name="Class">The class's index, from 1.</param>
/// <param name="Confusion">The pixels counted, with IoU, Dice, F1, sensitivity, precision, specificity and accuracy.</param>
/// <param name="Surface">HD95 and ASSD in pixels.</param>
public sealed record SegmentationMetrics(byte Class, Confusion Confusion, SurfaceDistances Surface)
{
    /// <summary>Judges one class.</summary>
    /// <param name="reference">The reference mask.</param>
    /// <param name="prediction">The mask to judge, of the same size.</param>
    /// <param name="label">The class's index, from 1; every other index is background to it.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static SegmentationMetrics Of(Mask reference, Mask prediction, byte label = 1) =>
        new(label, Confusion.Of(reference, prediction, label), SurfaceDistances.Of(reference, prediction, label));

    /// <summary>Judges each class on its own.</summary>
    /// <param name="reference">The reference mask.</param>
    /// <param name="prediction">The mask to judge, of the same size.</param>
    /// <param name="classes">The number of classes without the background, from 1 to 255.</param>
    /// <returns>One for each class, in order.</returns>
    /// <exception cref="ArgumentException">The masks differ in size, or the number of classes is out of range.</exception>
    public static IReadOnlyList<SegmentationMetrics> OfClasses(Mask reference, Mask prediction, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, byte.MaxValue);
        return [.. Enumerable.Range(1, classes).Select(label => Of(reference, prediction, (byte)label))];
    }

    /// <summary>The same without pixels that nothing is known of, which were background in both masks.</summary>
    internal SegmentationMetrics Without(int ignored) => this with { Confusion = Confusion.Without(ignored) };
}
