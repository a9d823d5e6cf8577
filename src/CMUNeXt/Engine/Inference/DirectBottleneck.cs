using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>A bottleneck whose products are computed as they stand.</summary>
internal sealed unsafe class DirectBottleneck<TSimd, TVector>(PackedMatrix expand, PackedMatrix project) : Bottleneck<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // Hidden octets in a slice; a multiple of every panel.
    private const int SliceOctets = 16;

    public override int OutputOctets => project.OutputOctets;

    public override long MultiplyAdds => expand.MultiplyAdds + project.MultiplyAdds;

    public override long Bytes => expand.Bytes + project.Bytes;

    public override int PixelStep => TSimd.Rows;

    public override int Chunk => 48;

    public override nint Scratch(int pixels) => (nint)SliceOctets * pixels * 8;

    public override void Run(float* a, nint aOctet, int pixels, float* scratch, float* z, nint zOctet)
    {
        nint hiddenOctet = pixels * 8;
        for (int first = 0; first < expand.OutputOctets; first += SliceOctets)
        {
            int count = Math.Min(SliceOctets, expand.OutputOctets - first);
            expand.Multiply<TSimd, TVector, OctetInput>(a, aOctet, pixels, scratch, hiddenOctet, (0, expand.Groups), (first, count));
            TSimd.Gelu(scratch, count * hiddenOctet);
            project.Multiply<TSimd, TVector, OctetInput>(
                scratch, hiddenOctet, pixels, z, zOctet, (first, count), (0, project.OutputOctets), add: first > 0);
        }

        for (int octet = 0; octet < project.OutputOctets; octet++)
        {
            TSimd.Gelu(z + (octet * zOctet), pixels * 8);
        }
    }
}
