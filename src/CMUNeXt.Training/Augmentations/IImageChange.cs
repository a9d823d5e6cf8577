using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>A change of an image's gray values, of a strength that is drawn.</summary>
internal interface IImageChange
{
    /// <summary>
    /// What random numbers are drawn for: each change has a sequence of its own, so that one can be left out and the others stay.
    /// </summary>
    string Name { get; }

    /// <summary>Whether it is left out of the last epochs.</summary>
    bool IsStrong { get; }

    /// <summary>Changes an image in place.</summary>
    void Apply(AugmentedImage image, ref RandomSequence random);
}
