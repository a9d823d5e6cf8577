namespace CMUNeXt.Engine.Kernels;

/// <summary>The operands of a product of pixels and weights for one panel of outputs, c = bias + a w or c += a w.</summary>
internal unsafe struct ProductOperands
{
    /// <summary>The first pixel.</summary>
    public float* A;

    /// <summary>Where, from there, each segment of eight inputs lies: an octet, or an octet of a pixel near by.</summary>
    public nint* Offsets;

    public int Segments;

    /// <summary>For each segment, for each of its eight inputs, the panel's weights.</summary>
    public float* W;

    /// <summary>The panel's biases; null adds to what is in <see cref="C"/>.</summary>
    public float* Bias;

    /// <summary>The first pixel's outputs.</summary>
    public float* C;

    /// <summary>Floats from an octet of outputs to the next.</summary>
    public nint COctet;

    /// <summary>A multiple of sixteen.</summary>
    public int Pixels;
}
