using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>A bottleneck whose products are computed as they stand.</summary>
internal sealed unsafe class DirectBottleneck<TSimd, TVector>(PackedMatrix expand, PackedMatrix project) : Bottleneck<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // Hidden channel blocks in a slice; a multiple of every panel.
    private const int SliceBlocks = 16;

    public override int OutputBlocks => project.OutputBlocks;

    public override long MultiplyAdds => expand.MultiplyAdds + project.MultiplyAdds;

    public override long Bytes => expand.Bytes + project.Bytes;

    public override int PixelStep => TSimd.Rows;

    public override int Chunk => 48;

    public override nint Scratch(int pixels) => (nint)SliceBlocks * pixels * 8;

    public override void Run(float* a, nint aBlockStride, int pixels, float* scratch, float* z, nint zBlockStride)
    {
        nint hiddenBlockStride = pixels * 8;
        for (int first = 0; first < expand.OutputBlocks; first += SliceBlocks)
        {
            int count = Math.Min(SliceBlocks, expand.OutputBlocks - first);
            expand.Multiply<TSimd, TVector, BlockInput>(a, aBlockStride, pixels, scratch, hiddenBlockStride, (0, expand.Groups),
                (first, count));
            TSimd.Gelu(scratch, count * hiddenBlockStride);
            project.Multiply<TSimd, TVector, BlockInput>(
                scratch, hiddenBlockStride, pixels, z, zBlockStride, (first, count), (0, project.OutputBlocks), add: first > 0);
        }

        for (int block = 0; block < project.OutputBlocks; block++)
        {
            TSimd.Gelu(z + (block * zBlockStride), pixels * 8);
        }
    }
}
