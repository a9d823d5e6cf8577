namespace CMUNeXt.Engine.Kernels;

/// <summary>Where the micro-kernels find the inputs of a pixel: in groups, those of one group side by side.</summary>
internal interface IMatrixInput
{
    /// <summary>Floats from a pixel to the next.</summary>
    static abstract int PixelStride { get; }

    /// <summary>Inputs in a group; even.</summary>
    static abstract int Depth { get; }

    /// <summary>Whether the weights that are needed next are prefetched meanwhile.</summary>
    static abstract bool Prefetches { get; }

    /// <summary>Whether groups have places of their own (<see cref="MatrixOperands.Offsets"/>), and are not equally far apart.</summary>
    static abstract bool IsScattered { get; }
}

/// <summary>A group is a channel block of a pixel's channels.</summary>
internal readonly struct BlockInput : IMatrixInput
{
    public static int PixelStride => 8;

    public static int Depth => 8;

    public static bool Prefetches => true;

    public static bool IsScattered => false;
}

/// <summary>
/// A group is four neighbors in a row of a plane, so that a 3x3 convolution reads its input as it stands, without gathering it. The fourth
/// has the weight 0.
/// </summary>
internal readonly struct PlaneInput : IMatrixInput
{
    public static int PixelStride => 1;

    public static int Depth => 4;

    public static bool Prefetches => true;

    public static bool IsScattered => false;
}

/// <summary>A group is a channel block of a pixel's channels, or of those of a pixel near by.</summary>
internal readonly struct NearbyInput : IMatrixInput
{
    public static int PixelStride => 8;

    public static int Depth => 8;

    public static bool Prefetches => false;

    public static bool IsScattered => true;
}
