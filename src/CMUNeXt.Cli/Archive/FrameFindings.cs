using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Archive;

/// <summary>What was found in an image, or in a frame of a loop.</summary>
/// <param name="Mask">The mask, of the image's size.</param>
/// <param name="Overlay">The image with the outlines drawn into it; null where it is not wanted.</param>
/// <param name="Lesions">The lesions, the largest first.</param>
internal sealed record FrameFindings(Mask Mask, Image? Overlay, IReadOnlyList<Lesion> Lesions)
{
    /// <summary>The pixels of the largest lesion; 0 where there is none.</summary>
    public int LargestArea => Lesions.Count == 0 ? 0 : Lesions[0].Area;
}
