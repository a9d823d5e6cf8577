using System.Text;
using CMUNeXt.Backends;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Metrics;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Evaluation;

/// <summary>Judges masks case by case: those that a network makes, or those that any program made.</summary>
internal sealed class Evaluator
{
    private readonly Func<LoadedCase, Judged> judge;
    private readonly int classes;

    private Evaluator(int classes, Func<LoadedCase, Judged> judge)
    {
        this.classes = classes;
        this.judge = judge;
    }

    /// <summary>
    /// Judges a network: at the images' own size, and with the metrics as published at the network's size.
    /// </summary>
    /// <param name="network">The network; it stays the caller's to dispose.</param>
    /// <param name="metadata">Preprocessing and threshold.</param>
    public static Evaluator OfNetwork(Network network, WeightsMetadata metadata)
    {
        Preprocessing preprocessing = metadata.Preprocessing;
        Segmenter segmenter = new(network, preprocessing, metadata.Threshold, metadata.Calibration, metadata.Presence);
        int outputs = network.Description.Outputs;
        return new Evaluator(Math.Max(outputs - 1, 1), loaded =>
        {
            float[] logits = segmenter.ComputeLogits(loaded.Image);
            Segmentation segmentation = segmenter.Decide(logits, loaded.Image.Width, loaded.Image.Height);
            (byte[] target, bool[]? ignored) = IgnoredPixels.Split(loaded.ResizeMask(preprocessing).Pixels);
            new Batch(1, preprocessing.Height, preprocessing.Width, [], target) { Ignored = ignored }.Settle(logits, outputs);
            return new Judged(segmentation.Mask, MetricsAsPublished.Of(logits, target, outputs, ignored), segmentation);
        });
    }

    /// <summary>Judges masks in a folder, <c>NAME.png</c> or <c>NAME_mask.png</c>, of the images' own size.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="classes">
    /// With one class the masks hold 0 and 255 (or 0 and 1), with several class indices; colored masks are refused.
    /// </param>
    public static Evaluator OfPredictions(string folder, int classes) => new(classes, loaded =>
    {
        string path = PredictionPath(folder, loaded.Case.Name);
        if (!File.Exists(path))
        {
            throw new BadFileException(path, $"there is no such mask, nor {loaded.Case.Name}_mask.png");
        }

        Image gray = GrayMask.Load(path, labels: classes > 1);
        if (gray.Width != loaded.Image.Width || gray.Height != loaded.Image.Height)
        {
            throw new BadFileException(
                path, $"is {gray.Width} x {gray.Height}, and the image is {loaded.Image.Width} x {loaded.Image.Height}");
        }

        int largest = gray.Pixels.Max();
        if (classes == 1 && largest > 1)
        {
            byte[] labels = new byte[gray.Pixels.Length];
            GrayMask.LabelForeground(gray, labels, 1, path);
            return new Judged(new Mask(gray.Width, gray.Height, labels), null, null);
        }

        return largest <= classes
            ? new Judged(new Mask(gray.Width, gray.Height, gray.Pixels), null, null)
            : throw new BadFileException(path, $"holds the value {largest}, and the data set has {classes} classes");
    });

    /// <summary>Judges one case, for any number of threads at once.</summary>
    /// <param name="source">The case.</param>
    /// <returns>What was found, and the overlay as PNG.</returns>
    /// <exception cref="BadFileException">A file of the case cannot be used.</exception>
    public (CaseResult Result, byte[] Overlay) Judge(Case source)
    {
        LoadedCase loaded = LoadedCase.Load(source);
        Judged judged = judge(loaded);
        (Mask reference, Mask prediction, int ignored) = IgnoredPixels.Leave(loaded.Mask, judged.Prediction);
        OverlayOptions options = new() { Classes = classes, Labels = OverlayLabel.Of(judged.Found?.Lesions ?? []) };
        byte[] overlay = ImageFile.EncodePng(Overlay.Draw(loaded.Image, reference, prediction, options));
        CaseResult result = new(
            source.Name, [.. SegmentationMetrics.OfClasses(reference, prediction, classes).Select(one => one.Without(ignored))],
            judged.AsPublished)
        {
            Lesions = judged.Found is null ? [] : LesionResult.Of(judged.Found, loaded.Mask),
            Presence = judged.Found?.Presence,
            References = ReferenceLesion.Of(reference, ignored),
            HasIgnored = ignored > 0,
            ReferenceSha256 = Sha256.Of(loaded.Mask.Pixels),
            AnyClass = classes > 1
                ? SegmentationMetrics.Of(ClassConfusion.AnyClass(reference), ClassConfusion.AnyClass(prediction)).Without(ignored) : null,
            ClassPixels = classes > 1 ? ClassConfusion.CountPixels(reference, prediction, classes, ignored) : null,
            Fingerprint = ImageFingerprint.Of(loaded.Image),
        };
        return (result, overlay);
    }

    /// <summary>The file of a case's mask in a folder of masks.</summary>
    public static string PredictionPath(string folder, string name) =>
        PathsOf(folder, name).FirstOrDefault(File.Exists) ?? FindOtherwise(folder, name) ?? Path.Combine(folder, $"{name}.png");

    private static string[] PathsOf(string folder, string name) =>
        [Path.Combine(folder, $"{name}_mask.png"), Path.Combine(folder, $"{name}.png")];

    // Whoever wrote it may write a letter and its marks otherwise than the case's name does; ASCII has no marks.
    private static string? FindOtherwise(string folder, string name) => Ascii.IsValid(name) || !Directory.Exists(folder)
        ? null
        : PathsOf(folder, name)
            .Select(path => Directory.EnumerateFiles(folder).FirstOrDefault(other => CanonicalText.Comparer.Equals(other, path)))
            .FirstOrDefault(static found => found is not null);

    private sealed record Judged(Mask Prediction, MetricsAsPublished? AsPublished, Segmentation? Found);
}
