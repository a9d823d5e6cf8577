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
    private const int ChunkOctet = Head<TSimd, TVector>.ChunkOctet;

    private readonly Head<TSimd, TVector> head;

    public HeadBackward(Head<TSimd, TVector> head)
    {
        this.head = head;
        head.Input.ReserveGradient(ImageSlots);
    }

    public override nint SumsSize =>
        ((nint)head.Channels.Octets * Quads * OuterProducts<TSimd, TVector>.OctetsSize) + ChannelSums(head.Channels.Octets);

    public override nint Scratch => (head.Input.Octets + head.Channels.Octets + head.Backward.Room) * (nint)ChunkOctet;

    public override BatchSize Batch => head.Input.Batch;

    protected override int ImageUnits => head.Chunks;

    private int Quads => (head.Input.Octets + 3) / 4;

    public override void Prepare() => head.Backward.Pack(WeightView.Of(head.Weight.Value, head.Weight.Shape[1], 1).Transposed(1));

    public override void Finish()
    {
        head.Input.FinishGradient(ImageSlots);
        float* sums = Shared;
        float* biasSums = sums + ((nint)head.Channels.Octets * Quads * OuterProducts<TSimd, TVector>.OctetsSize);
        int inputs = head.Weight.Shape[1];
        for (int output = 0; output < head.Outputs; output++)
        {
            head.Bias.Gradient[output] = biasSums[output];
            for (int c = 0; c < inputs; c++)
            {
                head.Weight.Gradient[(output * inputs) + c] =
                    sums[(((output / 8 * Quads) + (c / 32)) * OuterProducts<TSimd, TVector>.OctetsSize) + (output % 8 * 32) + (c % 32)];
            }
        }
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int inputs = head.Input.Octets;
        float* gradient = scratch + (inputs * ChunkOctet);
        float* inputGradient = gradient + (head.Channels.Octets * ChunkOctet);
        float* sums = Shared + (slot * SumsSize);
        float* biasSums = sums + ((nint)head.Channels.Octets * Quads * OuterProducts<TSimd, TVector>.OctetsSize);
        head.Input.BeginGradient(slot);
        new Span<float>(gradient, head.Channels.Octets * ChunkOctet).Clear();
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / head.Chunks;
            nint first = (nint)(unit % head.Chunks) * Chunk;
            nint pixel = (image * head.Plane) + first;
            int count = (int)Math.Min(Chunk, head.Plane - first);
            for (int output = 0; output < head.Outputs; output++)
            {
                float* source = head.Gradient.Data + ((((nint)image * head.Outputs) + output) * head.Plane) + first;
                float* target = gradient + (output / 8 * ChunkOctet) + (output % 8);
                for (int i = 0; i < count; i++)
                {
                    target[i * 8] = source[i];
                }
            }

            for (int octet = 0; octet < inputs; octet++)
            {
                head.Input.Read(octet, pixel, count, scratch + (octet * ChunkOctet));
            }

            for (int octet = 0; octet < head.Channels.Octets; octet++)
            {
                float* g = gradient + (octet * ChunkOctet);
                PixelKernels<TSimd, TVector>.AddSums(g, count, biasSums + (octet * 8));
                for (int quad = 0; quad < inputs; quad += 4)
                {
                    OuterProducts<TSimd, TVector>.AddOctets(
                        g, scratch + (quad * ChunkOctet), ChunkOctet, inputs - quad, count,
                        sums + (((octet * Quads) + (quad / 4)) * OuterProducts<TSimd, TVector>.OctetsSize));
                }
            }

            head.Backward.Multiply<TSimd, TVector>(
                gradient, ChunkOctet, 0, inputGradient, ChunkOctet, 0, 1, Chunk, (0, head.Channels.Octets), (0, head.Backward.Room), false);
            for (int octet = 0; octet < inputs; octet++)
            {
                head.Input.WriteGradient(slot, octet, pixel, count, inputGradient + (octet * ChunkOctet));
            }
        }
    }
}
