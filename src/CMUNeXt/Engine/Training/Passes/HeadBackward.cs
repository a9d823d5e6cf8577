using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Backward from the logits' gradient: to weights, bias and input. A unit is a chunk of pixels of an image.</summary>
internal sealed unsafe class HeadBackward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const int Chunk = Head<TSimd, TVector>.Chunk;
    private const int ChunkBlockStride = Head<TSimd, TVector>.ChunkBlockStride;

    private readonly Head<TSimd, TVector> head;

    public HeadBackward(Head<TSimd, TVector> head)
    {
        this.head = head;
        head.Input.ReserveGradient(ImageSlots);
    }

    public override nint SumsSize =>
        ((nint)head.Channels.Blocks * Quads * WeightGradients<TSimd, TVector>.BlocksSize) + ChannelSums(head.Channels.Blocks);

    public override nint Scratch => (head.Input.Blocks + head.Channels.Blocks + head.Backward.Room) * (nint)ChunkBlockStride;

    public override BatchSize Batch => head.Input.Batch;

    protected override int ImageUnits => head.Chunks;

    private int Quads => (head.Input.Blocks + 3) / 4;

    public override void Prepare() => head.Backward.Pack(WeightView.Of(head.Weight.Value, head.Weight.Shape[1], 1).Transposed(1));

    public override void Finish()
    {
        head.Input.FinishGradient(ImageSlots);
        float* sums = Shared;
        float* biasSums = sums + ((nint)head.Channels.Blocks * Quads * WeightGradients<TSimd, TVector>.BlocksSize);
        int inputs = head.Weight.Shape[1];
        for (int output = 0; output < head.Outputs; output++)
        {
            head.Bias.Gradient[output] = biasSums[output];
            for (int c = 0; c < inputs; c++)
            {
                head.Weight.Gradient[(output * inputs) + c] =
                    sums[(((output / 8 * Quads) + (c / 32)) * WeightGradients<TSimd, TVector>.BlocksSize) + (output % 8 * 32) + (c % 32)];
            }
        }
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int inputs = head.Input.Blocks;
        float* gradient = scratch + (inputs * ChunkBlockStride);
        float* inputGradient = gradient + (head.Channels.Blocks * ChunkBlockStride);
        float* sums = Shared + (slot * SumsSize);
        float* biasSums = sums + ((nint)head.Channels.Blocks * Quads * WeightGradients<TSimd, TVector>.BlocksSize);
        head.Input.BeginGradient(slot);
        new Span<float>(gradient, head.Channels.Blocks * ChunkBlockStride).Clear();
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / head.Chunks;
            nint first = (nint)(unit % head.Chunks) * Chunk;
            nint pixel = (image * head.Plane) + first;
            int count = (int)Math.Min(Chunk, head.Plane - first);
            for (int output = 0; output < head.Outputs; output++)
            {
                float* source = head.Gradient.Data + ((((nint)image * head.Outputs) + output) * head.Plane) + first;
                float* target = gradient + (output / 8 * ChunkBlockStride) + (output % 8);
                for (int i = 0; i < count; i++)
                {
                    target[i * 8] = source[i];
                }
            }

            for (int block = 0; block < inputs; block++)
            {
                head.Input.Read(block, pixel, count, scratch + (block * ChunkBlockStride));
            }

            for (int block = 0; block < head.Channels.Blocks; block++)
            {
                float* g = gradient + (block * ChunkBlockStride);
                PixelKernels<TSimd, TVector>.AddSums(g, count, biasSums + (block * 8));
                for (int quad = 0; quad < inputs; quad += 4)
                {
                    WeightGradients<TSimd, TVector>.AddBlocks(
                        g, scratch + (quad * ChunkBlockStride), ChunkBlockStride, inputs - quad, count,
                        sums + (((block * Quads) + (quad / 4)) * WeightGradients<TSimd, TVector>.BlocksSize));
                }
            }

            head.Backward.Multiply<TSimd, TVector>(
                gradient, ChunkBlockStride, 0, inputGradient, ChunkBlockStride, 0, 1, Chunk, (0, head.Channels.Blocks),
                (0, head.Backward.Room), false);
            for (int block = 0; block < inputs; block++)
            {
                head.Input.WriteGradient(slot, block, pixel, count, inputGradient + (block * ChunkBlockStride));
            }
        }
    }
}
