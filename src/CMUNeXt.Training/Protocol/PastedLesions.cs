using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Protocol;

/// <summary>
/// Puts lesions of other cases into healthy images: the same tissue is then seen with a lesion and without one, and no background tells a
/// network the answer. Which image gets which lesion is a function of the seed, the epoch and the case's name alone.
/// </summary>
/// <param name="probability">That a healthy image gets one.</param>
/// <param name="seed">The seed.</param>
/// <param name="cache">Where cases come from.</param>
/// <param name="cases">The training list.</param>
internal sealed class PastedLesions(double probability, ulong seed, CaseCache cache, IReadOnlyList<Case> cases)
{
    // Lesions that are tried before a healthy image stays as it is.
    private const int Tries = 10;

    private static readonly Interval Scale = new(0.7, 1.4);

    private readonly Case[] donors = [.. cases.Where(single => cache.ClassesOf(single).Count > 0)];

    /// <summary>Gives a healthy image a lesion, by chance.</summary>
    /// <param name="name">The case's name.</param>
    /// <param name="image">Its image.</param>
    /// <param name="mask">Its mask; one with a lesion, or with ignored pixels, stays as it is.</param>
    /// <param name="epoch">From 0.</param>
    public (Image Image, Mask Mask) Apply(string name, Image image, Mask mask, int epoch)
    {
        RandomSequence random = new(seed, $"lesion in {name}", (ulong)epoch);
        if (random.NextDouble() >= probability || donors.Length == 0 || !LesionLabels.IsHealthy(mask.Pixels))
        {
            return (image, mask);
        }

        for (int i = 0; i < Tries; i++)
        {
            LoadedCase donor = cache.Load(donors[random.NextInt(donors.Length)]);
            double factor = Scale.DrawFactor(ref random);

            // A lesion keeps its share of the image, whatever the resolutions are.
            double scale = factor * Math.Sqrt((double)mask.Pixels.Length / donor.Mask.Pixels.Length);
            bool flip = random.NextDouble() < 0.5;
            if (LesionPiece.Cut(donor.Image, donor.Mask, scale, flip)?.Put(image, mask, ref random) is { } pasted)
            {
                return pasted;
            }
        }

        return (image, mask);
    }
}
