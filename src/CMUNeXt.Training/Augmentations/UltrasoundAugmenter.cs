using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>
/// Changes images as <see cref="UltrasoundAugmentation"/> says. What is done to a case is a function of the seed, the epoch and the case's
/// name alone, for each change by itself.
/// </summary>
/// <param name="settings">How strongly.</param>
/// <param name="size">Width and height of the network's input.</param>
/// <param name="gray">Whether colors become their mean at once, since the network sees no more than that.</param>
/// <param name="seed">The seed.</param>
/// <param name="epochs">The number of epochs of the training.</param>
internal sealed class UltrasoundAugmenter(UltrasoundAugmentation settings, (int Width, int Height) size, bool gray, ulong seed, int epochs)
{
    // In the order in which an image comes about: resolution, noise, gain, the monitor's curve, and what is written upon it.
    private readonly (IImageChange Change, double Probability)[] changes =
    [
        (new GaussianBlur(settings.Blur), settings.Blur > 0 ? settings.Chance : 0),
        (new LowResolution(settings.LowResolution), settings.LowResolution > 1 ? settings.Chance : 0),
        (new Speckle(settings.Speckle), settings.Speckle > 0 ? settings.Chance : 0),
        (new DepthGain(settings.DepthGain), settings.DepthGain > 0 ? 1 : 0),
        (new ToneCurve(settings), 1),
        (new Marks(), settings.Marks),
    ];

    /// <summary>Changes a case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="source">Its image, of any size.</param>
    /// <param name="mask">Its mask, of the same size.</param>
    /// <param name="epoch">From 0.</param>
    /// <returns>Both at the network's size.</returns>
    public (Image Image, Mask Mask) Apply(string name, Image source, Mask mask, int epoch)
    {
        bool calm = epoch >= epochs - (settings.Calm * epochs);
        AugmentedImage image = new(size.Width, size.Height, gray ? 1 : source.Channels);
        RandomSequence random = Sequence("warp");
        AffineWarp warp = AffineWarp.Draw(settings, ref random, (source.Width, source.Height), size);
        warp.Sample(source, mask, image, DrawDisplacement());
        foreach ((IImageChange change, double probability) in changes)
        {
            random = Sequence(change.Name);
            if (random.NextDouble() < probability && !(calm && change.IsStrong))
            {
                change.Apply(image, ref random);
            }
        }

        return (image.ToImage(), image.Mask);

        RandomSequence Sequence(string what) => new(seed, $"{what} of {name}", (ulong)epoch);

        Displacement? DrawDisplacement()
        {
            RandomSequence numbers = Sequence("elastic warp");
            return numbers.NextDouble() < settings.Chance && settings.Elastic > 0 && !calm
                ? Displacement.Draw(settings.Elastic, ref numbers, (source.Width, source.Height), size)
                : null;
        }
    }
}
