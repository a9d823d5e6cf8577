using CMUNeXt.Masks;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// Which class is taken for which. Rows are the reference, columns the prediction; the first of each is the background, or no lesion.
/// </summary>
/// <param name="Names">The names of rows and columns.</param>
/// <param name="Pixels">
/// The pixels of each pair of classes, without those that nothing is known of, and without images that have no lesion but such pixels.
/// </param>
/// <param name="Images">The same images, each counting to the class of most of its lesions' pixels.</param>
public sealed record ClassConfusion(IReadOnlyList<string> Names, IReadOnlyList<IReadOnlyList<long>> Pixels,
    IReadOnlyList<IReadOnlyList<long>> Images)
{
    private const string Background = "background";

    /// <summary>Sums up cases; null where there is one class, or a case was not counted.</summary>
    internal static ClassConfusion? Of(IReadOnlyList<string> classes, IReadOnlyList<CaseResult> cases)
    {
        if (classes.Count == 1 || cases.Any(static one => one.ClassPixels is null))
        {
            return null;
        }

        int side = classes.Count + 1;
        long[][] pixels = Empty(side);
        long[][] images = Empty(side);
        foreach (CaseResult result in cases.Where(static one => !one.IsUncertain))
        {
            IReadOnlyList<IReadOnlyList<long>> one = result.ClassPixels!;
            for (int r = 0; r < side; r++)
            {
                for (int p = 0; p < side; p++)
                {
                    pixels[r][p] += one[r][p];
                }
            }

            images[Most(side, r => one[r].Sum())][Most(side, p => one.Sum(row => row[p]))]++;
        }

        return new ClassConfusion([Background, .. classes], pixels, images);
    }

    /// <summary>Counts the pixels of each pair of classes.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="prediction">A mask of the same size.</param>
    /// <param name="classes">The number of classes without the background.</param>
    /// <param name="ignored">The number of pixels that nothing is known of, which are background in both.</param>
    internal static IReadOnlyList<IReadOnlyList<long>> CountPixels(Mask reference, Mask prediction, int classes, int ignored)
    {
        long[][] pixels = Empty(classes + 1);
        pixels[0][0] = -ignored;
        for (int i = 0; i < reference.Pixels.Length; i++)
        {
            pixels[reference.Pixels[i]][prediction.Pixels[i]]++;
        }

        return pixels;
    }

    /// <summary>A mask in which every class is 1.</summary>
    internal static Mask AnyClass(Mask mask) =>
        new(mask.Width, mask.Height, Array.ConvertAll(mask.Pixels, static label => label > 0 ? (byte)1 : (byte)0));

    private static long[][] Empty(int side) => [.. Enumerable.Range(0, side).Select(_ => new long[side])];

    // The class, from 1, with the most pixels; 0 where none has any.
    private static int Most(int side, Func<int, long> pixels)
    {
        int most = Enumerable.Range(1, side - 1).MaxBy(pixels);
        return pixels(most) > 0 ? most : 0;
    }
}
