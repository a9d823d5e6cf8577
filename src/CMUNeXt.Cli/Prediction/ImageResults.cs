namespace CMUNeXt.Cli.Prediction;

/// <summary>The files of an image's results, below the output folder.</summary>
/// <param name="Mask">The mask.</param>
/// <param name="Overlay">The image with the contours; null where it is not wanted.</param>
/// <param name="Findings">What was found, as JSON.</param>
/// <param name="Probabilities">For each class its probability; empty where they are not wanted.</param>
internal sealed record ImageResults(string Mask, string? Overlay, string Findings, IReadOnlyList<string> Probabilities)
{
    // Of any network.
    private const int MostOutputs = 256;

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => [Mask, .. Overlay is null ? [] : new[] { Overlay }, Findings, .. Probabilities];

    /// <summary>The files of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="outputs">The outputs of the network.</param>
    /// <param name="withOverlay">Whether the overlay is wanted.</param>
    /// <param name="withProbability">Whether the probabilities are wanted.</param>
    public static ImageResults Of(ImageInput image, int outputs, bool withOverlay, bool withProbability) => new(
        $"{image.Result}_mask.png",
        withOverlay ? $"{image.Result}_overlay.png" : null,
        $"{image.Result}.json",
        !withProbability ? []
            : outputs == 1 ? [$"{image.Result}_probability.png"]
            : [.. Enumerable.Range(1, outputs - 1).Select(c => $"{image.Result}_probability_{c}.png")]);

    /// <summary>The files that calls of any settings, with any network, write of an image.</summary>
    public static IEnumerable<string> NamesOf(ImageInput image) =>
        Of(image, 1, withOverlay: true, withProbability: true).All
            .Concat(Of(image, MostOutputs, withOverlay: false, withProbability: true).Probabilities);
}
