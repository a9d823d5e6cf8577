namespace CMUNeXt.Training.Data;

/// <summary>One case of a data set: an image with its masks, named by the file stem.</summary>
/// <param name="Name">The stem that the image and its masks share, a letter and its marks in one (NFC), however they are named.</param>
/// <param name="ImagePath">The image.</param>
/// <param name="MaskPaths">The mask of each class in the order of the folders <c>masks/0</c>, <c>masks/1</c>, ...; at least one.</param>
public sealed record Case(string Name, string ImagePath, IReadOnlyList<string> MaskPaths)
{
    /// <summary>The mask of the pixels that nothing is known of, <c>masks/ignore</c>; null where all count.</summary>
    public string? IgnorePath { get; init; }

    /// <summary>The files that a case consists of.</summary>
    internal IEnumerable<string> Files => [ImagePath, .. MaskPaths, .. IgnorePath is null ? [] : (string[])[IgnorePath]];
}
