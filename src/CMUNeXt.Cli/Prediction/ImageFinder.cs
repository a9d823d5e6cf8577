using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Prediction;

/// <summary>From an image to what is found in it: segmented, filtered, measured, drawn. For any number of threads at once.</summary>
/// <param name="segment">Segments.</param>
/// <param name="settings">What is wanted.</param>
internal sealed class ImageFinder(Func<Image, CancellationToken, Segmentation> segment, PredictionSettings settings)
{
    /// <summary>Finds.</summary>
    /// <param name="read">The image.</param>
    /// <param name="name">What the findings call it.</param>
    /// <param name="cancellation">Says that they are no longer wanted.</param>
    /// <exception cref="OperationCanceledException">They were no longer wanted.</exception>
    public ImageFindings Find(MeasuredImage read, string name, CancellationToken cancellation)
    {
        Segmentation segmentation = read.Segment(part => segment(part, cancellation));
        Mask mask = settings.Result.MinimumArea > 0 ? segmentation.Mask.WithMinimumArea(settings.Result.MinimumArea) : segmentation.Mask;
        mask = settings.Result.LargestOnly ? mask.WithLargestOnly() : mask;
        IReadOnlyList<Lesion> lesions = read.Measure(segmentation.FindLesions(mask));
        SegmentationReport report = new()
        {
            File = name,
            Width = read.Pixels.Width,
            Height = read.Pixels.Height,
            Region = read.Region,
            Model = settings.Network,
            WeightsSha256 = settings.WeightsSha256,
            Threshold = settings.Threshold,
            Settings = $"{settings.Result}",
            Warnings = InputCheck.Warnings(read.Part),
            Presence = segmentation.Presence,
            PresenceThreshold = segmentation.PresenceThreshold?.Score,
            Area = lesions.Sum(lesion => lesion.Area),
            AreaMm2 = read.AreaOf(lesions),
            Lesions = lesions,
        };
        return new ImageFindings(
            report, mask, settings.WithOverlay ? Draw(read.Pixels, mask, report) : null,
            settings.WithProbability ? segmentation.Probabilities : []);
    }

    private Image Draw(Image image, Mask mask, SegmentationReport report) =>
        Overlay.DrawFound(image, mask, report.Lesions, settings.Classes, isUnlike: report.Warnings is not null);
}
