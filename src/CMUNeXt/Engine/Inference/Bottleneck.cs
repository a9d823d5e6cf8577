using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// 1x1 to the hidden channels, GELU, 1x1 back, GELU, for a few pixels at a time: a slice of the hidden channels is made and used up before
/// the next, so that it never leaves the nearest caches. The normalization after the first GELU is part of the second product; the one
/// after the second GELU is the caller's. So are the matrices.
/// </summary>
internal abstract unsafe class Bottleneck<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The one that computes with these matrices.</summary>
    public static Bottleneck<TSimd, TVector> Of(PackedNetwork.PackedBottleneck packed) => packed.Expand.Length == 1
        ? new DirectBottleneck<TSimd, TVector>(packed.Expand[0], packed.Project[0])
        : new StrassenBottleneck<TSimd, TVector>(packed.Expand, packed.Project);

    /// <summary>Channel blocks of the result.</summary>
    public abstract int OutputBlocks { get; }

    /// <summary>Multiply-adds for a pixel.</summary>
    public abstract long MultiplyAdds { get; }

    /// <summary>The weights, in bytes.</summary>
    public abstract long Bytes { get; }

    /// <summary>Pixels are computed in multiples of this.</summary>
    public abstract int PixelStep { get; }

    /// <summary>About as many pixels as are best computed at a time; a multiple of <see cref="PixelStep"/>.</summary>
    public abstract int Chunk { get; }

    /// <summary>The floats that so many pixels need to be computed in.</summary>
    public abstract nint Scratch(int pixels);

    /// <summary>Computes some pixels.</summary>
    /// <param name="a">The channel blocks of the input.</param>
    /// <param name="aBlockStride">Floats between them.</param>
    /// <param name="pixels">A multiple of <see cref="PixelStep"/>.</param>
    /// <param name="scratch">As much memory as <see cref="Scratch"/> says.</param>
    /// <param name="z">The channel blocks of the result.</param>
    /// <param name="zBlockStride">Floats between them.</param>
    public abstract void Run(float* a, nint aBlockStride, int pixels, float* scratch, float* z, nint zBlockStride);
}
