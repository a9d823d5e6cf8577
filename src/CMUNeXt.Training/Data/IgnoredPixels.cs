using CMUNeXt.Masks;

namespace CMUNeXt.Training.Data;

/// <summary>The pixels of a mask that nothing is known of: they count neither in training nor in metrics.</summary>
internal static class IgnoredPixels
{
    /// <summary>The label that stands for them in a mask in memory.</summary>
    public const byte Label = 255;

    /// <summary>Takes labels apart.</summary>
    /// <param name="labels">Classes, and <see cref="Label"/>.</param>
    /// <returns>The classes, background where nothing is known, and where that is; null where it is nowhere.</returns>
    public static (byte[] Classes, bool[]? Ignored) Split(byte[] labels) => !labels.AsSpan().Contains(Label)
        ? (labels, null)
        : (Array.ConvertAll(labels, static label => label == Label ? (byte)0 : label),
            Array.ConvertAll(labels, static label => label == Label));

    /// <summary>Turns them into background in two masks that are compared, so that no difference is found there.</summary>
    /// <param name="reference">The reference, with <see cref="Label"/>.</param>
    /// <param name="prediction">A mask of the same size.</param>
    /// <returns>The two, and the number of these pixels, which are background but not known to be it.</returns>
    public static (Mask Reference, Mask Prediction, int Count) Leave(Mask reference, Mask prediction)
    {
        (byte[] classes, bool[]? ignored) = Split(reference.Pixels);
        return ignored is null
            ? (reference, prediction, 0)
            : (new Mask(reference.Width, reference.Height, classes),
                new Mask(reference.Width, reference.Height, [.. prediction.Pixels.Select((label, i) => ignored[i] ? (byte)0 : label)]),
                ignored.AsSpan().Count(true));
    }
}
