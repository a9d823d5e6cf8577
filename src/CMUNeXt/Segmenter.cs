using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Pictures;

namespace CMUNeXt;

/// <summary>From a picture of any size to its mask at that size: preprocessing, network, probability, threshold.</summary>
public sealed class Segmenter
{
    private readonly Network network;
    private readonly Preprocessing preprocessing;
    private readonly float threshold;

    /// <summary>Puts a network and what its weights say of themselves together. The network stays the caller's to dispose.</summary>
    /// <param name="network">Any backend.</param>
    /// <param name="preprocessing">How a picture becomes the input; its channels are the network's.</param>
    /// <param name="threshold">With one class, a pixel belongs to it where its probability is above this, in (0, 1).</param>
    /// <exception cref="ArgumentException">The preprocessing gives another number of channels than the network takes.</exception>
    public Segmenter(Network network, Preprocessing preprocessing, double threshold = 0.5)
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
    }

    /// <summary>Segments a picture.</summary>
    /// <param name="picture">Any size, grey or colour.</param>
    public Segmentation Segment(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        float[] logits = ComputeLogits(picture);
        return Segmentation.FromLogits(
            logits, network.Description.Outputs, preprocessing.Width, preprocessing.Height, picture.Width, picture.Height, threshold);
    }

    /// <summary>The logits of a picture at the network's own size, outputs x Height x Width of the preprocessing.</summary>
    public float[] ComputeLogits(Picture picture)
    {
        float[] input = new float[preprocessing.Channels * preprocessing.Height * preprocessing.Width];
        preprocessing.Apply(picture, input);
        return network.Forward(input, 1, preprocessing.Height, preprocessing.Width);
    }
}
