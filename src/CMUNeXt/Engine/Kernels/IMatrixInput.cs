namespace CMUNeXt.Engine.Kernels;

/// <summary>Where the micro-kernels find the inputs of a pixel: in groups, those of one group side by side.</summary>
internal interface IMatrixInput
{
    /// <summary>Floats from a pixel to the next.</summary>
    static abstract int PixelStride { get; }

    /// <summary>Inputs in a group; even.</summary>
    static abstract int Depth { get; }
}

/// <summary>A group is an octet of a pixel's channels.</summary>
internal readonly struct OctetInput : IMatrixInput
{
    public static int PixelStride => 8;

    public static int Depth => 8;
}

/// <summary>
/// A group is four neighbours in a row of a plane, so that a 3x3 convolution reads its input as it stands, without gathering it. The fourth
/// has the weight 0.
/// </summary>
internal readonly struct PlaneInput : IMatrixInput
{
    public static int PixelStride => 1;

    public static int Depth => 4;
}
