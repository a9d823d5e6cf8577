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
    Stage<TSimd, TVector> block, Source<TSimd, TVector> input) : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelPlaces Channels => input.Channels;

    public override int Height => input.Height;

    public override int Width => input.Width;

    public override BatchSize Batch => input.Batch;

    public override void Read(int octet, nint pixel, int pixels, float* target)
    {
        const int Block = 64;
        float* other = stackalloc float[Block * 8];
        block.Read(octet, pixel, pixels, target);
        for (int first = 0; first < pixels; first += Block)
        {
            int count = Math.Min(Block, pixels - first);
            input.Read(octet, pixel + first, count, other);
            PixelKernels<TSimd, TVector>.Add(other, target + (first * 8), PixelKernels<TSimd, TVector>.Floats(count));
        }
    }

    public override void ReserveGradient(int imageSlots) => block.ReserveGradient(imageSlots);

    public override void BeginGradient(int slot) => block.BeginGradient(slot);

    public override void WriteGradient(int slot, int octet, nint pixel, int pixels, float* gradient) =>
        block.WriteGradient(slot, octet, pixel, pixels, gradient);

    public override void FinishGradient(int imageSlots) => block.FinishGradient(imageSlots);
}
