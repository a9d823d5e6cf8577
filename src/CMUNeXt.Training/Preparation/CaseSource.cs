namespace CMUNeXt.Training.Preparation;

/// <summary>A picture of a source with the masks that belong to it.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Masks">Its masks, at least one; several are merged by maximum.</param>
internal sealed record CaseSource(SourceFile Picture, IReadOnlyList<SourceFile> Masks)
{
    /// <summary>The name of the case.</summary>
    public string Name => Picture.Stem;
}
