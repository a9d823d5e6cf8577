using CMUNeXt.Dicom;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Archive;

/// <summary>From the frames of a DICOM image to what is found in them.</summary>
/// <param name="segmenter">What segments.</param>
/// <param name="minimumArea">Lesions of fewer pixels are left out.</param>
/// <param name="largestOnly">Only the largest lesion of each class is kept.</param>
/// <param name="cropToRegion">Only the part that shows tissue is looked at, where the file says which that is.</param>
internal sealed class ImageFinder(Segmenter segmenter, int minimumArea, bool largestOnly, bool cropToRegion)
{
    /// <summary>Looks at one frame after another, each where it is asked for.</summary>
    public IEnumerable<FrameFindings> Find(DicomImage image) => Enumerable.Range(0, image.FrameCount).Select(frame => Find(image, frame));

    private FrameFindings Find(DicomImage image, int frame)
    {
        MeasuredImage read = MeasuredImage.Read(image, frame, given: null, cropToRegion);
        Segmentation segmentation = read.Segment(part => segmenter.Segment(part));
        Mask mask = segmentation.Mask.WithMinimumArea(minimumArea);
        mask = largestOnly ? mask.WithLargestOnly() : mask;
        IReadOnlyList<Lesion> lesions = read.Measure(segmentation.FindLesions(mask));
        OverlayOptions options = new() { Classes = segmentation.Probabilities.Count, Tint = 0.15, Labels = OverlayLabel.Of(lesions) };
        return new FrameFindings(mask, Overlay.Draw(read.Pixels, null, mask, options), lesions);
    }
}
