using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine;

/// <summary>
/// 1x1 to the hidden channels, GELU, 1x1 back, GELU, for a few pixels at a time: a slice of the hidden channels is made and used up before
/// the next, so that it never leaves the first-level cache. The normalisation after the first GELU is part of the second product; the one
/// after the second GELU is the caller's.
/// </summary>
internal sealed unsafe class Bottleneck : IDisposable
{
    /// <summary>Hidden octets in a slice; a multiple of every panel.</summary>
    private const int SliceOctets = 16;

    private readonly PackedMatrix expand;
    private readonly PackedMatrix project;

    public Bottleneck(PackedMatrix expand, PackedMatrix project)
    {
        this.expand = expand;
        this.project = project;
    }

    /// <summary>Octets of the result.</summary>
    public int OutputOctets => project.OutputOctets;

    /// <summary>The floats that so many pixels need for their hidden channels.</summary>
    public static nint Scratch(int pixels) => (nint)SliceOctets * pixels * 8;

    /// <summary>Computes a number of pixels that is a multiple of the instruction set's rows.</summary>
    public void Run<TSimd, TVector>(float* a, nint aOctet, int pixels, float* hidden, float* z, nint zOctet)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        nint hiddenOctet = pixels * 8;
        for (int first = 0; first < expand.OutputOctets; first += SliceOctets)
        {
            int count = Math.Min(SliceOctets, expand.OutputOctets - first);
            expand.Multiply<TSimd, TVector, OctetInput>(a, aOctet, pixels, hidden, hiddenOctet, (0, expand.Groups), (first, count));
            TSimd.Gelu(hidden, count * hiddenOctet);
            project.Multiply<TSimd, TVector, OctetInput>(hidden, hiddenOctet, pixels, z, zOctet, (first, count), (0, project.OutputOctets), add: first > 0);
        }

        for (int octet = 0; octet < project.OutputOctets; octet++)
        {
            TSimd.Gelu(z + (octet * zOctet), pixels * 8);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        expand.Dispose();
        project.Dispose();
    }
}
