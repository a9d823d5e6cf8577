using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Protocol;

/// <summary>
/// The rotations and flips of the published protocol. What is done to a case is a function of the seed, the epoch and the case's name
/// alone: it does not matter what was drawn before, so a run that is continued draws the same.
/// </summary>
/// <param name="QuarterTurns">The rotation to the left, in quarter turns, 0 to 3.</param>
/// <param name="FlipHorizontally">Left and right change places, after the rotation.</param>
/// <param name="FlipVertically">Top and bottom change places, after the rotation.</param>
internal readonly record struct Augmentation(int QuarterTurns, bool FlipHorizontally, bool FlipVertically)
{
    /// <summary>Draws what is done to a case in an epoch.</summary>
    public static Augmentation Draw(AugmentationKind kind, ulong seed, int epoch, string name)
    {
        if (kind == AugmentationKind.None)
        {
            return default;
        }

        RandomSequence random = new(seed, $"augmentation of {name}", (ulong)epoch);
        int turns = random.NextDouble() < 0.5 ? random.NextInt(4) : 0;

        // A flip, where there is one, is horizontal, vertical or both, with equal probability.
        int flip = random.NextDouble() < 0.5 ? 1 + random.NextInt(3) : 0;
        return new Augmentation(turns, (flip & 1) != 0, (flip & 2) != 0);
    }

    /// <summary>Turns and flips an image.</summary>
    public Image Apply(Image image)
    {
        if (this == default)
        {
            return image;
        }

        (byte[] pixels, int width, int height) = Apply(image.Pixels, image.Width, image.Height, image.Channels);
        return new Image(width, height, image.Channels, pixels);
    }

    /// <summary>Turns and flips a mask.</summary>
    public Mask Apply(Mask mask)
    {
        if (this == default)
        {
            return mask;
        }

        (byte[] pixels, int width, int height) = Apply(mask.Pixels, mask.Width, mask.Height, 1);
        return new Mask(width, height, pixels);
    }

    private (byte[] Pixels, int Width, int Height) Apply(byte[] source, int width, int height, int channels)
    {
        (int quarterTurns, bool flipHorizontally, bool flipVertically) = this;
        (int newWidth, int newHeight) = QuarterTurns % 2 == 0 ? (width, height) : (height, width);
        byte[] target = new byte[source.Length];

        // The source's pixel for the target's (0, 0), and how it moves with x and with y.
        int origin = SourceIndex(0, 0);
        int across = newWidth > 1 ? SourceIndex(1, 0) - origin : 0;
        int down = newHeight > 1 ? SourceIndex(0, 1) - origin : 0;
        for (int y = 0, t = 0; y < newHeight; y++)
        {
            int s = origin + (y * down);
            for (int x = 0; x < newWidth; x++, s += across)
            {
                for (int c = 0; c < channels; c++)
                {
                    target[t++] = source[(s * channels) + c];
                }
            }
        }

        return (target, newWidth, newHeight);

        int SourceIndex(int x, int y)
        {
            (x, y) = (flipHorizontally ? newWidth - 1 - x : x, flipVertically ? newHeight - 1 - y : y);
            (int sx, int sy) = quarterTurns switch
            {
                0 => (x, y),
                1 => (width - 1 - y, x),
                2 => (width - 1 - x, height - 1 - y),
                _ => (y, height - 1 - x),
            };
            return (sy * width) + sx;
        }
    }
}
