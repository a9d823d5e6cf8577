namespace CMUNeXt.Training.Augmentations;

/// <summary>
/// How strongly ultrasound images are changed before each use: one affine warp, then gray values, then what devices and people do to
/// images. A strength of 0 (of a factor: 1 to 1) switches a change off.
/// </summary>
public sealed record UltrasoundAugmentation
{
    /// <summary>By what factor an image is enlarged.</summary>
    public Interval Scale { get; init; } = new(0.7, 1.4);

    /// <summary>By what factor it becomes wider in relation to its height.</summary>
    public Interval Aspect { get; init; } = new(0.85, 1.18);

    /// <summary>The most degrees that it is rotated to either side.</summary>
    public double Rotation { get; init; } = 20;

    /// <summary>The most that it is shifted, as a share of its width and height.</summary>
    public double Shift { get; init; } = 0.08;

    /// <summary>The probability that left and right change places.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>The probability that top and bottom change places, though shadows fall downwards.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>The probability that the network's input is turned by a number of quarters, none to three.</summary>
    public double QuarterTurns { get; init; }

    /// <summary>
    /// The probability that a healthy image gets the lesion of another case of the training list, with the tissue around it. Where healthy
    /// images come from one device, a network learns from their tissue that nothing is there, unless the same tissue is seen with lesions.
    /// </summary>
    public double PastedLesions { get; init; }

    /// <summary>The most that a place is displaced by an elastic warp, as a share of the image's sides. Strong.</summary>
    public double Elastic { get; init; }

    /// <summary>The exponent of a gamma curve.</summary>
    public Interval Gamma { get; init; } = new(0.7, 1.5);

    /// <summary>The factor of the distance from the image's mean.</summary>
    public Interval Contrast { get; init; } = new(0.75, 1.25);

    /// <summary>The most that is added or taken away, as a share of the whole range.</summary>
    public double Brightness { get; init; } = 0.1;

    /// <summary>The most that the bottom becomes brighter and the top darker, or the other way around, as a share.</summary>
    public double DepthGain { get; init; } = 0.3;

    /// <summary>The most standard deviation of multiplicative speckle. Strong.</summary>
    public double Speckle { get; init; } = 0.3;

    /// <summary>The most standard deviation of a Gaussian blur, in pixels of the network's input. Strong.</summary>
    public double Blur { get; init; } = 1.2;

    /// <summary>The most factor by which the resolution falls, at least 1. Strong.</summary>
    public double LowResolution { get; init; } = 2.5;

    /// <summary>The probability of calipers and letters on an image, whatever it shows. Strong.</summary>
    public double Marks { get; init; } = 0.3;

    /// <summary>The probability of each other change that is called strong.</summary>
    public double Chance { get; init; } = 0.25;

    /// <summary>The share of the epochs, the last ones, in which no change that is called strong is made.</summary>
    public double Calm { get; init; } = 0.1;

    /// <summary>Says what is wrong with the strengths.</summary>
    /// <returns>One sentence, or null where all is well.</returns>
    public string? FindFault() =>
        !Scale.IsOfFactors || !Aspect.IsOfFactors || !Gamma.IsOfFactors || !Contrast.IsOfFactors
            ? "scale, aspect, gamma and contrast of the augmentation go from a number above 0 to one that is not below it"
        : !(Rotation is >= 0 and <= 180) ? "the rotation of the augmentation is 0 to 180 degrees"
        : !(LowResolution is >= 1 and <= 16) ? "the low resolution of the augmentation is a factor of 1 to 16"
        : !(Blur is >= 0 and <= 10) ? "the blur of the augmentation is 0 to 10 pixels"
        : !((double[])
            [
                Shift, Flip, VerticalFlip, QuarterTurns, PastedLesions, Elastic, Brightness, DepthGain, Speckle, Marks, Chance, Calm,
            ])
            .All(static value => value is >= 0 and <= 1)
            ? "shift, flips, quarter turns, pasted lesions, elastic, brightness, depth gain, speckle, marks, chance and calm of the "
                + "augmentation are 0 to 1"
        : null;
}
