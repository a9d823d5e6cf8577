using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Computes a bottleneck, and the statistics of its result. A unit is a chunk of pixels.</summary>
internal sealed unsafe class BottleneckForward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly InvertedBottleneck<TSimd, TVector> bottleneck;

    public BottleneckForward(InvertedBottleneck<TSimd, TVector> bottleneck)
    {
        this.bottleneck = bottleneck;
        bottleneck.Output.Reserve(ImageSlots);
    }

    public override nint Scratch =>
        (bottleneck.Input.Blocks + InvertedBottleneck<TSimd, TVector>.SliceBlocks + bottleneck.Project.Room) * bottleneck.ChunkBlockStride;

    public override BatchSize Batch => bottleneck.Input.Batch;

    protected override int ImageUnits => bottleneck.ImageChunks;

    // W (scale g + shift) + b = (W scale) g + (W shift + b)
    public override void Prepare()
    {
        Normalization hidden = bottleneck.Hidden;
        float* weights = bottleneck.ProjectWeight.Value;
        int places = hidden.Channels.Blocks * 8;
        int channels = bottleneck.ProjectWeight.Shape[1];
        using NativeBuffer scale = new(places);
        for (int place = 0; place < places; place++)
        {
            scale.Data[place] = hidden.Scale(place / 8)[place % 8];
        }

        bottleneck.Project.Pack(WeightView.Of(weights, channels, 1), bottleneck.ProjectBias.Value, scale.Data);
        for (int output = 0; output < bottleneck.ProjectBias.Count; output++)
        {
            double sum = 0;
            for (int c = 0; c < channels; c++)
            {
                sum += (double)weights[(output * channels) + c] * hidden.Shift(c / 8)[c % 8];
            }

            bottleneck.Project.AddBias(output, (float)sum);
        }
    }

    public override void Finish() => bottleneck.Output.Finish(ImageSlots);

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        nint blockStride = bottleneck.ChunkBlockStride;
        float* hidden = scratch + (bottleneck.Input.Blocks * blockStride);
        float* result = hidden + (InvertedBottleneck<TSimd, TVector>.SliceBlocks * blockStride);
        bottleneck.Output.Begin(slot, 0, bottleneck.Output.Blocks);
        for (int unit = from; unit < to; unit++)
        {
            (nint pixel, int count) = bottleneck.Place(unit);
            bottleneck.ReadInputForHidden(pixel, count, scratch);
            for (int first = 0; first < bottleneck.HiddenBlocks; first += InvertedBottleneck<TSimd, TVector>.SliceBlocks)
            {
                int slice = bottleneck.SliceAt(first);
                bottleneck.ReadHidden(scratch, pixel, count, first, hidden);
                for (int block = 0; block < slice; block++)
                {
                    TSimd.Gelu(hidden + (block * blockStride), bottleneck.Chunk * 8);
                }

                bottleneck.Project.Multiply<TSimd, TVector>(
                    hidden, blockStride, 0, result, blockStride, 0, 1, bottleneck.Chunk, (first, slice), (0, bottleneck.Project.Room),
                    first > 0);
            }

            for (int block = 0; block < bottleneck.Output.Blocks; block++)
            {
                bottleneck.Output.Write(slot, block, pixel, count, result + (block * blockStride));
            }
        }
    }
}
