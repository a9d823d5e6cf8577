using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Drawing;

/// <summary>Draws what a segmenter found.</summary>
public static class SegmentationDrawing
{
    /// <summary>
    /// Draws the lesions on their image, as <c>predict</c> does: contours, a tint, and the confidence of each; or a line that says that
    /// there is no finding. Where <see cref="InputCheck.Warnings"/> has any, a line says that the image is unlike those of the training.
    /// </summary>
    /// <param name="found">What was found.</param>
    /// <param name="image">The image that it was found in.</param>
    /// <returns>An RGB image of the same size.</returns>
    /// <exception cref="ArgumentException">The image has another size than what was found.</exception>
    public static Image DrawOn(this Segmentation found, Image image)
    {
        ArgumentNullException.ThrowIfNull(found);
        return Overlay.DrawFound(image, found.Mask, found.Lesions, found.Classes, isUnlike: InputCheck.Warnings(image).Count > 0);
    }
}
