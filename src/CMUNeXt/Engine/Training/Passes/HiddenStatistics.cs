using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Makes the hidden channels of a bottleneck for their statistics, and keeps them where that is to be. A unit is a chunk of pixels.
/// </summary>
internal sealed unsafe class HiddenStatistics<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly InvertedBottleneck<TSimd, TVector> bottleneck;

    public HiddenStatistics(InvertedBottleneck<TSimd, TVector> bottleneck)
    {
        this.bottleneck = bottleneck;
        bottleneck.Hidden.Reserve(ImageSlots);
    }

    public override nint Scratch => (bottleneck.Input.Blocks + InvertedBottleneck<TSimd, TVector>.SliceBlocks)
        * bottleneck.ChunkBlockStride;

    public override BatchSize Batch => bottleneck.Input.Batch;

    protected override int ImageUnits => bottleneck.ImageChunks;

    public override void Prepare() =>
        bottleneck.Expand.Pack(
            WeightView.Of(bottleneck.ExpandWeight.Value, bottleneck.ExpandWeight.Shape[1], 1), bottleneck.ExpandBias.Value);

    public override void Finish() => bottleneck.Hidden.FinishStatistics(bottleneck.Input.Plane, ImageSlots);

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        float* hidden = scratch + (bottleneck.Input.Blocks * bottleneck.ChunkBlockStride);
        bottleneck.Hidden.Clear(slot, 0, bottleneck.HiddenBlocks);
        for (int unit = from; unit < to; unit++)
        {
            (nint pixel, int count) = bottleneck.Place(unit);
            bottleneck.ReadInput(pixel, count, scratch);
            for (int first = 0; first < bottleneck.HiddenBlocks; first += InvertedBottleneck<TSimd, TVector>.SliceBlocks)
            {
                bottleneck.MakeHidden(scratch, first, hidden);
                for (int block = 0; block < bottleneck.SliceAt(first); block++)
                {
                    float* h = hidden + (block * bottleneck.ChunkBlockStride);
                    if (bottleneck.Kept is { } kept)
                    {
                        new ReadOnlySpan<float>(h, count * 8).CopyTo(new Span<float>(kept.At(first + block, pixel), count * 8));
                    }

                    TSimd.Gelu(h, PixelKernels<TSimd, TVector>.Floats(count));
                    PixelKernels<TSimd, TVector>.AddMoments(h, count, bottleneck.Hidden.Sums(slot, first + block));
                }
            }
        }
    }
}
