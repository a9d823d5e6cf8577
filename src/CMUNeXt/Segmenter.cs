using System.Buffers;
using CMUNeXt.Engine;
using CMUNeXt.Files;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Pictures;
using CMUNeXt.Weights;

namespace CMUNeXt;

/// <summary>
/// From a picture of any size to its mask at that size: preprocessing, network, probability, threshold. Any number of pictures may be
/// segmented at once.
/// </summary>
public sealed class Segmenter : IDisposable
{
    private readonly Network network;
    private readonly Preprocessing preprocessing;
    private readonly float threshold;
    private readonly LesionCalibration? calibration;
    private readonly bool ownsNetwork;

    /// <summary>Puts a network and what its weights say of themselves together. The network stays the caller's to dispose.</summary>
    /// <param name="network">Any backend.</param>
    /// <param name="preprocessing">How a picture becomes the input; its channels are the network's.</param>
    /// <param name="threshold">With one class, a pixel belongs to it where its probability is above this, in (0, 1).</param>
    /// <param name="calibration">
    /// What makes the confidence of lesions, as the weights have it for this threshold (<see cref="WeightsMetadata.CalibrationAt"/>); null leaves
    /// it out.
    /// </param>
    /// <exception cref="ArgumentException">The preprocessing gives another number of channels than the network takes.</exception>
    public Segmenter(Network network, Preprocessing preprocessing, double threshold = 0.5, LesionCalibration? calibration = null)
        : this(network, preprocessing, threshold, calibration, ownsNetwork: false)
    {
    }

    private Segmenter(Network network, Preprocessing preprocessing, double threshold, LesionCalibration? calibration, bool ownsNetwork)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (preprocessing.Channels != network.Description.Channels)
        {
            throw new ArgumentException(
                $"The preprocessing gives {preprocessing.Channels} channels, and the network takes {network.Description.Channels}.", nameof(preprocessing));
        }

        this.network = network;
        this.preprocessing = preprocessing;
        this.threshold = (float)threshold;
        this.calibration = calibration;
        this.ownsNetwork = ownsNetwork;
    }

    /// <summary>Loads a weight file, and computes with this library's own engine.</summary>
    /// <param name="path">A <c>.safetensors</c> or <c>.pth</c>; without metadata it is taken to follow the published protocol.</param>
    /// <param name="threads">The number of threads for one picture, at least 1; null takes one for each core.</param>
    /// <exception cref="BadFileException">The file is no weight file, is damaged, or does not hold a CMUNeXt that the engine computes.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Segmenter Load(string path, int? threads = null) => Load(WeightsFile.Load(path), threads);

    /// <summary>Computes with this library's own engine.</summary>
    /// <param name="weights">Loaded weights; without metadata they are taken to follow the published protocol.</param>
    /// <param name="threads">The number of threads for one picture, at least 1; null takes one for each core.</param>
    /// <param name="threshold">With one class, a pixel belongs to it where its probability is above this, in (0, 1); null takes the weights' own. With another than that, lesions have no confidence.</param>
    /// <exception cref="BadFileException">The weights are not those of a CMUNeXt, or of one that the engine does not compute.</exception>
    public static Segmenter Load(LoadedWeights weights, int? threads = null, double? threshold = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        WeightsMetadata metadata = weights.Describe();
        if (!ManagedNetwork.Supports(metadata.Network))
        {
            throw new BadFileException(weights.Path, $"holds a {metadata.Network.Name} that this engine does not compute; the torch backend does");
        }

        double decided = threshold ?? metadata.Threshold;
        return new Segmenter(
            new ManagedNetwork(metadata.Network, weights.State, threads), metadata.Preprocessing, decided, metadata.CalibrationAt(decided), ownsNetwork: true);
    }

    /// <summary>Segments pixels in memory.</summary>
    /// <param name="pixels">Any size, grey or colour.</param>
    public Segmentation Segment(PixelBuffer pixels)
    {
        float[] logits = ArrayPool<float>.Shared.Rent(LogitsLength);
        Span<float> computed = logits.AsSpan(0, LogitsLength);
        ComputeLogits(pixels, computed);
        Segmentation segmentation = Segmentation.FromLogits(
            computed, network.Description.Outputs, preprocessing.Width, preprocessing.Height, pixels.Width, pixels.Height, threshold, calibration);
        ArrayPool<float>.Shared.Return(logits);
        return segmentation;
    }

    /// <summary>Segments a picture.</summary>
    /// <param name="picture">Any size, grey or colour.</param>
    public Segmentation Segment(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return Segment(new PixelBuffer(picture));
    }

    /// <summary>The logits of a picture at the network's own size, outputs x Height x Width of the preprocessing.</summary>
    public float[] ComputeLogits(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        float[] logits = new float[LogitsLength];
        ComputeLogits(new PixelBuffer(picture), logits);
        return logits;
    }

    /// <summary>Gives back the network where <see cref="Load(string, int?)"/> made it.</summary>
    public void Dispose()
    {
        if (ownsNetwork)
        {
            network.Dispose();
        }
    }

    private int LogitsLength => checked(network.Description.Outputs * preprocessing.Height * preprocessing.Width);

    private void ComputeLogits(PixelBuffer pixels, Span<float> logits)
    {
        int length = checked(preprocessing.Channels * preprocessing.Height * preprocessing.Width);
        float[] input = ArrayPool<float>.Shared.Rent(length);
        preprocessing.Apply(pixels, input.AsSpan(0, length));
        network.Forward(input.AsSpan(0, length), 1, preprocessing.Height, preprocessing.Width, logits);
        ArrayPool<float>.Shared.Return(input);
    }
}
