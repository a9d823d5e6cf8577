namespace CMUNeXt.Training.Preparation;

/// <summary>An image of a source with the masks that belong to it.</summary>
/// <param name="Image">The image.</param>
/// <param name="Masks">Its masks, at least one; several are merged by maximum.</param>
internal sealed record CaseSource(SourceFile Image, IReadOnlyList<SourceFile> Masks)
{
    /// <summary>The name of the case.</summary>
    public string Name => Image.Stem;
}
