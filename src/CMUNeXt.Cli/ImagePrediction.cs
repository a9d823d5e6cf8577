using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli;

/// <summary>
/// The way of one image from its file to its results: read, segmented, drawn, written. For any number of threads at once.
/// </summary>
/// <param name="segment">Segments.</param>
/// <param name="settings">What is wanted.</param>
/// <param name="folder">Where the results go.</param>
internal sealed class ImagePrediction(
    Func<Image, CancellationToken, Segmentation> segment, PredictionSettings settings, OutputFolder folder)
{
    /// <summary>Makes sure that an image's results may be written.</summary>
    /// <returns>Why they may not; null where they may.</returns>
    public BadFileException? Claim(ImageInput input)
    {
        try
        {
            folder.Claim(settings.ResultsOf(input).All);
            return null;
        }
        catch (Exception e)
        {
            return ImageFailure.Of(input.Path, e);
        }
    }

    /// <summary>Works on an image; whatever goes wrong is the image's outcome.</summary>
    /// <param name="input">The image, whose results are claimed.</param>
    /// <param name="computing">Of which computing takes one.</param>
    /// <param name="cancellation">Says that the image is no longer wanted; what is found by then is written.</param>
    /// <exception cref="OperationCanceledException">The image was no longer wanted.</exception>
    public ImageOutcome Work(ImageInput input, Turns computing, CancellationToken cancellation)
    {
        List<string> notes = [];
        try
        {
            ImageResults results = settings.ResultsOf(input);
            if (settings.Resume && Earlier(input, results) is { } earlier)
            {
                return new ImageOutcome(earlier, null, notes);
            }

            Func<MeasuredImage> decode = MeasuredImage.Read(input, settings.PixelSize, settings.CropToRegion, notes.Add);
            (SegmentationReport report, IReadOnlyList<(string Name, byte[] Content)> files) = computing.Take(
                () => Find(input, results, decode(), cancellation), cancellation);

            // The findings last: whoever sees them takes the image's results for complete.
            foreach ((string name, byte[] content) in files)
            {
                AtomicFile.WriteBytes(Path.Combine(folder.Path, name), content);
            }

            AtomicFile.WriteText(Path.Combine(folder.Path, results.Findings), report.ToJson() + "\n");
            return new ImageOutcome(report, null, notes);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new ImageOutcome(null, ImageFailure.Of(input.Path, e), notes);
        }
    }

    // What an interrupted job has found already: with these weights and this threshold, and since the image was last changed.
    private SegmentationReport? Earlier(ImageInput image, ImageResults results)
    {
        string path = Path.Combine(folder.Path, results.Findings);
        return File.Exists(path) && File.GetLastWriteTimeUtc(path) >= File.GetLastWriteTimeUtc(image.Path)
            && results.All.All(name => File.Exists(Path.Combine(folder.Path, name)))
            && SegmentationReport.FromJson(File.ReadAllText(path)) is { } report
            && (report.Model, report.WeightsSha256, report.Threshold, report.File)
                == (settings.Model, settings.WeightsSha256, settings.Threshold, image.Name)
            ? report
            : null;
    }

    private (SegmentationReport Report, IReadOnlyList<(string Name, byte[] Content)> Files) Find(
        ImageInput input, ImageResults results, MeasuredImage read, CancellationToken cancellation)
    {
        Image image = read.Pixels;
        Segmentation segmentation = read.Segment(pixels => segment(pixels, cancellation));
        Mask mask = settings.MinimumArea > 0 ? segmentation.Mask.WithMinimumArea(settings.MinimumArea) : segmentation.Mask;
        mask = settings.LargestOnly ? mask.WithLargestOnly() : mask;
        IReadOnlyList<Lesion> lesions = read.Measure(segmentation.FindLesions(mask));
        SegmentationReport report = new()
        {
            File = input.Name,
            Width = image.Width,
            Height = image.Height,
            Region = read.Region,
            Model = settings.Model,
            WeightsSha256 = settings.WeightsSha256,
            Threshold = settings.Threshold,
            Warnings = InputCheck.Warnings(read.Part) is { Count: > 0 } warnings ? warnings : null,
            Presence = segmentation.Presence,
            PresenceThreshold = segmentation.PresenceThreshold?.Score,
            Area = lesions.Sum(lesion => lesion.Area),
            AreaMm2 = read.AreaOf(lesions),
            Lesions = lesions,
        };

        List<(string Name, byte[] Content)> files =
            [(results.Mask, ImageFile.EncodePng(mask, settings.Classes == 1 ? MaskValues.ZeroOr255 : MaskValues.ClassIndices))];
        if (results.Overlay is { } overlay)
        {
            files.Add((overlay, ImageFile.EncodePng(Draw(image, mask, report))));
        }

        for (int c = 0; c < results.Probabilities.Count; c++)
        {
            byte[] grey = Array.ConvertAll(segmentation.Probabilities[c], p => (byte)MathF.Round(255 * p));
            files.Add((results.Probabilities[c], ImageFile.EncodePng(new Image(image.Width, image.Height, 1, grey))));
        }

        return (report, files);
    }

    private Image Draw(Image image, Mask mask, SegmentationReport report)
    {
        OverlayLabel[] warning = report.Warnings is null ? [] : [new OverlayLabel("unlike the images of the training", 0, 0)];
        IReadOnlyList<OverlayLabel> labels = [.. OverlayLabel.Of(report.Lesions), .. warning];
        return Overlay.Draw(image, null, mask, new OverlayOptions { Classes = settings.Classes, Tint = 0.15, Labels = labels });
    }
}
