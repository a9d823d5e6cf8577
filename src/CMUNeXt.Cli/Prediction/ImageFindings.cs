using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>What was found in an image, or in a frame of a loop.</summary>
/// <param name="Report">The findings.</param>
/// <param name="Mask">The mask, of the image's size.</param>
/// <param name="Overlay">The image with the contours drawn into it; null where it is not wanted.</param>
/// <param name="Probabilities">For each class that is not background its probability; none where they are not wanted.</param>
internal sealed record ImageFindings(SegmentationReport Report, Mask Mask, Image? Overlay, IReadOnlyList<float[]> Probabilities)
{
    /// <summary>The pixels of the largest lesion; 0 where there is none.</summary>
    public int LargestArea => Report.Lesions.Count == 0 ? 0 : Report.Lesions[0].Area;
}
