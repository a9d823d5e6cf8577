namespace CMUNeXt.Engine;

/// <summary>The operands of one product of pixels and weights, c = a w + bias or c += a w, for one panel of output channels.</summary>
internal unsafe struct MatrixOperands
{
    /// <summary>Pixels x 8 channels for each octet of input channels.</summary>
    public float* A;

    /// <summary>Floats from one octet of <see cref="A"/> to the next.</summary>
    public nint AOctet;

    /// <summary>The octets of input channels.</summary>
    public int Octets;

    /// <summary>Weights, input channel by input channel, the panel's output channels innermost.</summary>
    public float* W;

    /// <summary>The panel's biases; null adds to what is in <see cref="C"/>.</summary>
    public float* Bias;

    /// <summary>Pixels x 8 channels for each octet of output channels.</summary>
    public float* C;

    /// <summary>Floats from one octet of <see cref="C"/> to the next.</summary>
    public nint COctet;

    /// <summary>The number of pixels, a multiple of the instruction set's rows.</summary>
    public int Pixels;
}
