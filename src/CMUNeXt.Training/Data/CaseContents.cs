namespace CMUNeXt.Training.Data;

/// <summary>Which classes the masks of a case hold.</summary>
internal static class CaseContents
{
    /// <summary>Says for each class whether the case holds it; the masks are read.</summary>
    /// <exception cref="Files.BadFileException">A mask is missing or broken.</exception>
    public static IReadOnlyList<bool> Read(Case source) =>
        [.. source.MaskPaths.Select(GrayMask.HasForeground)];
}
