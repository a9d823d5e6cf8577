using CMUNeXt.Dicom;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Archive;

/// <summary>From the frames of a DICOM image to what is found in them.</summary>
/// <param name="segmenter">What segments.</param>
/// <param name="minimumArea">Lesions of fewer pixels are left out.</param>
/// <param name="largestOnly">Only the largest lesion of each class is kept.</param>
internal sealed class ImageFinder(Segmenter segmenter, int minimumArea, bool largestOnly)
{
    /// <summary>Looks at one frame after another, each where it is asked for.</summary>
    public IEnumerable<FrameFindings> Find(DicomImage image) => Enumerable.Range(0, image.FrameCount).Select(frame => Find(image, frame));

    private FrameFindings Find(DicomImage image, int frame)
    {
        Image pixels = image.ReadFrame(frame);
        Segmentation segmentation = segmenter.Segment(pixels);
        Mask mask = segmentation.Mask.WithMinimumArea(minimumArea);
        mask = largestOnly ? mask.WithLargestOnly() : mask;
        Lesion[] lesions =
        [
            .. segmentation.FindLesions(mask).Select(lesion => image.PixelSizeOf(lesion.Box) is { } size ? lesion.Measure(size) : lesion),
        ];
        OverlayOptions options = new() { Classes = segmentation.Probabilities.Count, Tint = 0.15, Labels = OverlayLabel.Of(lesions) };
        return new FrameFindings(mask, Overlay.Draw(pixels, null, mask, options), lesions);
    }
}
