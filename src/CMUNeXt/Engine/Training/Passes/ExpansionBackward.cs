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
    private const int Slice = InvertedBottleneck<TSimd, TVector>.SliceOctets;

    private readonly InvertedBottleneck<TSimd, TVector> bottleneck;

    public ExpansionBackward(InvertedBottleneck<TSimd, TVector> bottleneck)
    {
        this.bottleneck = bottleneck;
        bottleneck.Input.ReserveGradient(ImageSlots);
    }

    public override nint SumsSize =>
        ((nint)bottleneck.Input.Octets * bottleneck.Quads * OuterProducts<TSimd, TVector>.OctetsSize)
            + ChannelSums(bottleneck.HiddenOctets);

    public override nint Scratch =>
        (bottleneck.Input.Octets + (2 * Slice) + bottleneck.Output.Octets + bottleneck.BackExpand.Room) * bottleneck.ChunkOctet;

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
        float* biasSums = sums + ((nint)bottleneck.Input.Octets * bottleneck.Quads * OuterProducts<TSimd, TVector>.OctetsSize);
        int inputs = bottleneck.ExpandWeight.Shape[1];
        ChannelPlaces channels = bottleneck.Input.Channels;
        for (int c = 0; c < bottleneck.ExpandBias.Count; c++)
        {
            bottleneck.ExpandBias.Gradient[c] = biasSums[c];
            for (int place = 0; place < channels.Octets * 8; place++)
            {
                if (channels[place] >= 0)
                {
                    bottleneck.ExpandWeight.Gradient[(c * inputs) + channels[place]] =
                        sums[(((place / 8 * bottleneck.Quads) + (c / 32)) * OuterProducts<TSimd, TVector>.OctetsSize) + (place % 8 * 32)
                            + (c % 32)];
                }
            }
        }
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        nint octetSize = bottleneck.ChunkOctet;
        int inputs = bottleneck.Input.Octets;
        float* hidden = scratch + (inputs * octetSize);
        float* hiddenGradient = hidden + (Slice * octetSize);
        float* gradient = hiddenGradient + (Slice * octetSize);
        float* inputGradient = gradient + (bottleneck.Output.Octets * octetSize);
        float* sums = Shared + (slot * SumsSize);
        float* biasSums = sums + ((nint)inputs * bottleneck.Quads * OuterProducts<TSimd, TVector>.OctetsSize);
        bottleneck.Input.BeginGradient(slot);
        for (int unit = from; unit < to; unit++)
        {
            (nint pixel, int count) = bottleneck.Place(unit);
            bottleneck.ReadInput(pixel, count, scratch);
            bottleneck.ReadOutputGradient(pixel, count, gradient);
            for (int first = 0; first < bottleneck.HiddenOctets; first += Slice)
            {
                int slice = bottleneck.SliceAt(first);
                bottleneck.ReadHidden(scratch, pixel, count, first, hidden);
                bottleneck.BackProject.Multiply<TSimd, TVector>(
                    gradient,
                    octetSize,
                    0,
                    hiddenGradient,
                    octetSize,
                    0,
                    1,
                    bottleneck.Chunk,
                    (0, bottleneck.Output.Octets),
                    (first, Math.Min(Slice, bottleneck.BackProject.Room - first)),
                    false);
                for (int octet = 0; octet < slice; octet++)
                {
                    float* h = hidden + (octet * octetSize);
                    Normalization normalization = bottleneck.Hidden;
                    int place = first + octet;
                    TSimd.GeluBackward(
                        h,
                        hiddenGradient + (octet * octetSize),
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
                        OuterProducts<TSimd, TVector>.AddOctets(
                            scratch + (input * octetSize),
                            hidden + (quad * octetSize),
                            octetSize,
                            slice - quad,
                            count,
                            sums + (((nint)input * bottleneck.Quads) + ((first + quad) / 4)) * OuterProducts<TSimd, TVector>.OctetsSize);
                    }
                }

                bottleneck.BackExpand.Multiply<TSimd, TVector>(
                    hidden, octetSize, 0, inputGradient, octetSize, 0, 1, bottleneck.Chunk, (first, slice), (0, bottleneck.BackExpand.Room),
                    first > 0);
            }

            for (int octet = 0; octet < inputs; octet++)
            {
                bottleneck.Input.WriteGradient(slot, octet, pixel, count, inputGradient + (octet * octetSize));
            }
        }
    }
}
