using System.Text.RegularExpressions;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Server.Serving;

/// <summary>
/// A weights file that is served: opened once, each image on one thread, so that as many images run at once as there are workers.
/// </summary>
internal sealed partial class ServedWeights : IDisposable
{
    private readonly Network network;
    private readonly Network segmenting;

    /// <summary>Opens weights.</summary>
    /// <param name="name">The name in addresses: letters, digits, '-', '_' and '.'.</param>
    /// <param name="weights">The loaded file.</param>
    /// <param name="flips">Whether images are segmented flipped, too.</param>
    /// <exception cref="BadFileException">The weights are none that the engine computes, or have several classes.</exception>
    /// <exception cref="ArgumentException">The name has other characters.</exception>
    public ServedWeights(string name, LoadedWeights weights, bool flips)
    {
        if (!Names().IsMatch(name))
        {
            throw new ArgumentException($"The name of weights is of letters, digits, '-', '_' and '.', and '{name}' is not.");
        }

        Ensemble ensemble = new([weights], flips);
        Metadata = ensemble.Metadata;
        if (Metadata.Network.Outputs != 1)
        {
            throw new BadFileException(
                weights.Path, $"has {Metadata.Network.Outputs} outputs, and weights of one class alone are served; use cmunext predict");
        }

        Name = name;
        Settings = flips ? "mean of flips" : null;
        Sha256 = weights.Sha256;

        // The first is always the core's own engine.
        network = BackendRegistry.Open(weights, BackendRegistry.Names[0], threads: 1);
        segmenting = flips ? ensemble.Open(BackendRegistry.Names[0], threads: 1) : network;
    }

    /// <summary>The name in addresses.</summary>
    public string Name { get; }

    /// <summary>What the weights say of themselves, as they are served.</summary>
    public WeightsMetadata Metadata { get; }

    /// <summary>What else changes a result, in words; null where there is nothing.</summary>
    public string? Settings { get; }

    /// <summary>The SHA-256 of the file, in hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary>Segments by a threshold, for any number of callers at once.</summary>
    /// <param name="threshold">From 0 to 1.</param>
    /// <param name="all">Whether all is outlined, in images too whose presence is at or below the weights' threshold.</param>
    public Segmenter At(double threshold, bool all) =>
        new(segmenting, Metadata.Preprocessing, threshold, Metadata.CalibrationAt(threshold), Metadata.Presence, all);

    /// <summary>The logits of a normalized image, for any number of callers at once.</summary>
    /// <param name="input">channels x height x width values.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="logits">Receives height x width logits.</param>
    /// <param name="stop">Stops between two layers.</param>
    /// <exception cref="NotFiniteNumberException">A logit is not finite.</exception>
    public void Forward(ReadOnlySpan<float> input, int height, int width, Span<float> logits, CancellationToken stop)
    {
        network.Forward(input, 1, height, width, logits, stop);
        if (logits.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) >= 0)
        {
            throw new NotFiniteNumberException("The logits are not finite numbers: is the input normalized?");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        segmenting.Dispose();
        network.Dispose();
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex Names();
}
