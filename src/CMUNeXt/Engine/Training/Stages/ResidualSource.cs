using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>
/// The sum of what a block computed and of what went into it. Its gradient is kept as the block's; the backward pass adds it to the
/// other's.
/// </summary>
internal sealed unsafe class ResidualSource<TSimd, TVector>(
    Stage<TSimd, TVector> branch, Source<TSimd, TVector> input) : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelPlaces Channels => input.Channels;

    public override int Height => input.Height;

    public override int Width => input.Width;

    public override BatchSize Batch => input.Batch;

    public override void Read(int block, nint pixel, int pixels, float* target)
    {
        const int Chunk = 64;
        float* other = stackalloc float[Chunk * 8];
        branch.Read(block, pixel, pixels, target);
        for (int first = 0; first < pixels; first += Chunk)
        {
            int count = Math.Min(Chunk, pixels - first);
            input.Read(block, pixel + first, count, other);
            PixelKernels<TSimd, TVector>.Add(other, target + (first * 8), PixelKernels<TSimd, TVector>.Floats(count));
        }
    }

    public override void ReserveGradient(int imageSlots) => branch.ReserveGradient(imageSlots);

    public override void BeginGradient(int slot) => branch.BeginGradient(slot);

    public override void WriteGradient(int slot, int block, nint pixel, int pixels, float* gradient) =>
        branch.WriteGradient(slot, block, pixel, pixels, gradient);

    public override void FinishGradient(int imageSlots) => branch.FinishGradient(imageSlots);
}
