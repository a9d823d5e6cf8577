using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Calibration;

/// <summary>What a calibration needs of one case.</summary>
/// <param name="Name">The case.</param>
/// <param name="Lesions">The lesions that the network found, each judged.</param>
/// <param name="Pixels">The pixels at the network's size; null with several classes.</param>
/// <param name="Presence">How much speaks for a lesion, in logits.</param>
/// <param name="IsHealthy">Whether the reference shows no lesion; null where it shows none, and ignored pixels.</param>
internal sealed record CalibrationCase(
    string Name, IReadOnlyList<LesionResult> Lesions, LogitHistogram? Pixels, double Presence = 0, bool? IsHealthy = false)
{
    /// <summary>Runs a network on a case.</summary>
    /// <param name="loaded">The case.</param>
    /// <param name="network">The network.</param>
    /// <param name="metadata">Its preprocessing and threshold.</param>
    public static CalibrationCase Measure(LoadedCase loaded, Network network, WeightsMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(metadata);
        Preprocessing preprocessing = metadata.Preprocessing;
        int outputs = network.Description.Outputs;
        using Segmenter segmenter = new(network, preprocessing, metadata.Threshold);
        float[] logits = segmenter.ComputeLogits(loaded.Image);
        Segmentation found = segmenter.Decide(logits, loaded.Image.Width, loaded.Image.Height);
        byte[] target = loaded.ResizeMask(preprocessing).Pixels;
        int[] known = [.. Enumerable.Range(0, target.Length).Where(i => target[i] != IgnoredPixels.Label)];
        return new CalibrationCase(
            loaded.Case.Name,
            LesionResult.Of(found, loaded.Mask),
            outputs == 1 ? LogitHistogram.Of([.. known.Select(i => logits[i])], [.. known.Select(i => target[i])]) : null,
            found.Presence,
            LesionLabels.HasLesion(loaded.Mask.Pixels) ? false : LesionLabels.IsHealthy(loaded.Mask.Pixels) ? true : null);
    }
}
