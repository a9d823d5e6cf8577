using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// The second half of backward through a bottleneck: through the hidden normalization and GELU to the first product's weights and bias,
/// and to the input. A unit is a chunk of pixels.
/// </summary>
internal sealed unsafe class ExpansionBackward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const int Slice = InvertedBottleneck<TSimd, TVector>.SliceBlocks;

    private readonly InvertedBottleneck<TSimd, TVector> bottleneck;

    public ExpansionBackward(InvertedBottleneck<TSimd, TVector> bottleneck)
    {
        this.bottleneck = bottleneck;
        bottleneck.Input.ReserveGradient(ImageSlots);
    }

    public override nint SumsSize =>
        ((nint)bottleneck.Input.Blocks * bottleneck.Quads * WeightGradients<TSimd, TVector>.BlocksSize)
            + ChannelSums(bottleneck.HiddenBlocks);

    public override nint Scratch =>
        (bottleneck.Input.Blocks + (2 * Slice) + bottleneck.Output.Blocks + bottleneck.BackExpand.Room) * bottleneck.ChunkBlockStride;

    public override BatchSize Batch => bottleneck.Input.Batch;

    protected override int ImageUnits => bottleneck.ImageChunks;

    public override void Prepare()
    {
        bottleneck.BackProject.Pack(WeightView.Of(bottleneck.ProjectWeight.Value, bottleneck.ProjectWeight.Shape[1], 1).Transposed(1));
        bottleneck.BackExpand.Pack(WeightView.Of(bottleneck.ExpandWeight.Value, bottleneck.ExpandWeight.Shape[1], 1).Transposed(1));
    }

    public override void Finish()
    {
        bottleneck.Input.FinishGradient(ImageSlots);
        float* sums = Shared;
        float* biasSums = sums + ((nint)bottleneck.Input.Blocks * bottleneck.Quads * WeightGradients<TSimd, TVector>.BlocksSize);
        int inputs = bottleneck.ExpandWeight.Shape[1];
        ChannelPlaces channels = bottleneck.Input.Channels;
        for (int c = 0; c < bottleneck.ExpandBias.Count; c++)
        {
            bottleneck.ExpandBias.Gradient[c] = biasSums[c];
            for (int place = 0; place < channels.Blocks * 8; place++)
            {
                if (channels[place] >= 0)
                {
                    bottleneck.ExpandWeight.Gradient[(c * inputs) + channels[place]] =
                        sums[(((place / 8 * bottleneck.Quads) + (c / 32)) * WeightGradients<TSimd, TVector>.BlocksSize) + (place % 8 * 32)
                            + (c % 32)];
                }
            }
        }
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        nint blockStride = bottleneck.ChunkBlockStride;
        int inputs = bottleneck.Input.Blocks;
        float* hidden = scratch + (inputs * blockStride);
        float* hiddenGradient = hidden + (Slice * blockStride);
        float* gradient = hiddenGradient + (Slice * blockStride);
        float* inputGradient = gradient + (bottleneck.Output.Blocks * blockStride);
        float* sums = Shared + (slot * SumsSize);
        float* biasSums = sums + ((nint)inputs * bottleneck.Quads * WeightGradients<TSimd, TVector>.BlocksSize);
        bottleneck.Input.BeginGradient(slot);
        for (int unit = from; unit < to; unit++)
        {
            (nint pixel, int count) = bottleneck.Place(unit);
            bottleneck.ReadInput(pixel, count, scratch);
            bottleneck.ReadOutputGradient(pixel, count, gradient);
            for (int first = 0; first < bottleneck.HiddenBlocks; first += Slice)
            {
                int slice = bottleneck.SliceAt(first);
                bottleneck.ReadHidden(scratch, pixel, count, first, hidden);
                bottleneck.BackProject.Multiply<TSimd, TVector>(
                    gradient,
                    blockStride,
                    0,
                    hiddenGradient,
                    blockStride,
                    0,
                    1,
                    bottleneck.Chunk,
                    (0, bottleneck.Output.Blocks),
                    (first, Math.Min(Slice, bottleneck.BackProject.Room - first)),
                    false);
                for (int block = 0; block < slice; block++)
                {
                    float* h = hidden + (block * blockStride);
                    Normalization normalization = bottleneck.Hidden;
                    int place = first + block;
                    TSimd.GeluBackward(
                        h,
                        hiddenGradient + (block * blockStride),
                        h,
                        bottleneck.Chunk * 8,
                        normalization.A(place),
                        normalization.B(place),
                        normalization.C(place));
                    PixelKernels<TSimd, TVector>.AddSums(h, count, biasSums + (place * 8));
                }

                for (int input = 0; input < inputs; input++)
                {
                    for (int quad = 0; quad < slice; quad += 4)
                    {
                        WeightGradients<TSimd, TVector>.AddBlocks(
                            scratch + (input * blockStride),
                            hidden + (quad * blockStride),
                            blockStride,
                            slice - quad,
                            count,
                            sums + (((nint)input * bottleneck.Quads) + ((first + quad) / 4)) * WeightGradients<TSimd, TVector>.BlocksSize);
                    }
                }

                bottleneck.BackExpand.Multiply<TSimd, TVector>(
                    hidden, blockStride, 0, inputGradient, blockStride, 0, 1, bottleneck.Chunk, (first, slice),
                    (0, bottleneck.BackExpand.Room),
                    first > 0);
            }

            for (int block = 0; block < inputs; block++)
            {
                bottleneck.Input.WriteGradient(slot, block, pixel, count, inputGradient + (block * blockStride));
            }
        }
    }
}
