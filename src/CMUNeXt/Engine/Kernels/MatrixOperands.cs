namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The operands of one matrix multiplication of pixels and weights, c = a w + bias or c += a w, for one panel of output channels.
/// </summary>
internal unsafe struct MatrixOperands
{
    /// <summary>The first group of the first pixel's inputs.</summary>
    public float* A;

    /// <summary>Floats from one group of <see cref="A"/> to the next, where they are equally far apart.</summary>
    public nint AGroup;

    /// <summary>Floats from <see cref="A"/> to each group, where they are not.</summary>
    public nint* Offsets;

    /// <summary>The groups of inputs.</summary>
    public int Groups;

    /// <summary>
    /// Weights, input by input, the panel's output channels last; a paired panel has two inputs for each channel, side by side.
    /// </summary>
    public float* W;

    /// <summary>The weights that are needed next, to be prefetched while these are multiplied.</summary>
    public float* Ahead;

    /// <summary>Floats of them for each group of pixels and input.</summary>
    public nint AheadStride;

    /// <summary>The panel's biases; null adds to what is in <see cref="C"/>.</summary>
    public float* Bias;

    /// <summary>Pixels x 8 channels for each channel block of output channels.</summary>
    public float* C;

    /// <summary>Floats from one channel block of <see cref="C"/> to the next.</summary>
    public nint CBlockStride;

    /// <summary>The number of pixels, a multiple of the instruction set's rows.</summary>
    public int Pixels;
}
