namespace CMUNeXt.Networks;

/// <summary>What a layer computes.</summary>
public enum LayerKind
{
    /// <summary>A convolution of stride 1 with zero padding that keeps the size, and a bias.</summary>
    Convolution,

    /// <summary>Batch normalization with a scale, a shift, and running statistics.</summary>
    Normalization,

    /// <summary>The exact GELU, x (1 + erf(x / sqrt 2)) / 2.</summary>
    Gelu,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>Adds what went into the depthwise convolution before.</summary>
    Residual,

    /// <summary>2 x 2 maximum, stride 2.</summary>
    MaxPool,

    /// <summary>Bilinear upsampling by 2 with half-pixel centers.</summary>
    Upsample,

    /// <summary>Puts an encoder's output before the decoder's.</summary>
    Concatenation,
}

/// <summary>One layer of a network, with its shape.</summary>
/// <param name="Name">The prefix of its tensors in the state dict, or a description where it has none.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="Input">Channels in.</param>
/// <param name="Output">Channels out.</param>
/// <param name="Kernel">The size of a convolution's kernel; 1 otherwise.</param>
/// <param name="Groups">The groups of a convolution; 1 otherwise.</param>
/// <param name="Level">The level of its output: H / 2^level x W / 2^level, from 0.</param>
public sealed record Layer(string Name, LayerKind Kind, int Input, int Output, int Kernel, int Groups, int Level)
{
    /// <summary>The number of trained values.</summary>
    public long Parameters => Kind switch
    {
        LayerKind.Convolution => ((long)Output * (Input / Groups) * Kernel * Kernel) + Output,
        LayerKind.Normalization => 2L * Output,
        _ => 0,
    };

    /// <summary>Multiply-accumulates of a convolution for one image; 0 for other layers.</summary>
    /// <param name="height">The image's height in pixels, one that the network takes.</param>
    /// <param name="width">Its width.</param>
    public long Macs(int height, int width) =>
        Kind == LayerKind.Convolution ? Elements(height, width) * (Input / Groups) * Kernel * Kernel : 0;

    /// <summary>
    /// What the counting tool behind the published figures counts for one image: multiply-accumulates of convolutions, four for each
    /// normalized value, eleven for each value of a bilinear upsampling, and none for activations, sums and pooling.
    /// </summary>
    /// <param name="height">The image's height in pixels, one that the network takes.</param>
    /// <param name="width">Its width.</param>
    public long CountedMacs(int height, int width) => Kind switch
    {
        LayerKind.Normalization => 4 * Elements(height, width),
        LayerKind.Upsample => 11 * Elements(height, width),
        _ => Macs(height, width),
    };

    // The values that it computes for one image.
    private long Elements(int height, int width) => (long)Output * (height >> Level) * (width >> Level);
}
