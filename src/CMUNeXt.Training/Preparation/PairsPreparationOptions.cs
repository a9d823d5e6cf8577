namespace CMUNeXt.Training.Preparation;

/// <summary>Which images and masks to prepare, and where to.</summary>
public sealed record PairsPreparationOptions
{
    /// <summary>The folder of the images; its subfolders are not looked into.</summary>
    public required string Images { get; init; }

    /// <summary>The folder of the masks; its subfolders are not looked into. With a suffix it may be the folder of the images.</summary>
    public required string Masks { get; init; }

    /// <summary>The folder of the prepared data set.</summary>
    public required string Output { get; init; }

    /// <summary>What a mask's stem has after the stem of its image, such as <c>_mask</c>; empty where the two are equal.</summary>
    public string MaskSuffix { get; init; } = "";

    /// <summary>
    /// The classes of label maps with their gray values: the first becomes <c>masks/0</c>, and so on. Null for masks of one class, of 0
    /// and 255 or of 0 and 1; which of the two is decided for the folder.
    /// </summary>
    public IReadOnlyList<MaskClass>? Labels { get; init; }

    /// <summary>
    /// The classes of colored masks with their colors, likewise; black is background. Not together with <see cref="Labels"/>.
    /// </summary>
    public IReadOnlyList<MaskClass>? Colors { get; init; }

    /// <summary>Whether a mask of another size than its image is scaled to it (nearest neighbor) instead of being a problem.</summary>
    public bool ResizeMasks { get; init; }

    /// <summary>Whether the data set is written without what is refused; otherwise nothing is written where anything is.</summary>
    public bool SkipRefused { get; init; }

    /// <summary>Whether a data set that stands in <see cref="Output"/> is replaced.</summary>
    public bool Overwrite { get; init; }
}
