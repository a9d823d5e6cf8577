using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// The first half of backward through a bottleneck: the gradients of the second product's weights and bias, and of the hidden
/// normalization. A unit is a chunk of pixels.
/// </summary>
/// <remarks>
/// With p = W (scale g + shift) + b, g the hidden channels after GELU, all follows from S, the sum over pixels of dp, and M, the sum of
/// dp g^T: the gradient of W is M scale + S shift^T; that of the normalized channels is W^T dp, so its sum is W^T S, and the sum of
/// its product with g is, for each hidden channel, the sum over outputs of W M.
/// </remarks>
internal sealed unsafe class ProjectionBackward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly InvertedBottleneck<TSimd, TVector> bottleneck;
    private readonly double[] hiddenSums;

    public ProjectionBackward(InvertedBottleneck<TSimd, TVector> bottleneck)
    {
        this.bottleneck = bottleneck;
        hiddenSums = new double[bottleneck.HiddenOctets * 16];
    }

    public override nint SumsSize =>
        ((nint)bottleneck.Output.Octets * bottleneck.Quads * OuterProducts<TSimd, TVector>.OctetsSize)
        + ChannelSums(bottleneck.Output.Octets);

    public override nint Scratch =>
        (bottleneck.Input.Octets + InvertedBottleneck<TSimd, TVector>.SliceOctets + bottleneck.Output.Octets) * bottleneck.ChunkOctet;

    public override BatchSize Batch => bottleneck.Input.Batch;

    protected override int ImageUnits => bottleneck.ImageChunks;

    public override void Finish()
    {
        float* sums = Shared;
        float* biasSums = sums + ((nint)bottleneck.Output.Octets * bottleneck.Quads * OuterProducts<TSimd, TVector>.OctetsSize);
        int channels = bottleneck.ProjectWeight.Shape[1];
        float* weights = bottleneck.ProjectWeight.Value;
        Normalization hidden = bottleneck.Hidden;
        Array.Clear(hiddenSums);
        for (int output = 0; output < bottleneck.ProjectBias.Count; output++)
        {
            float biasSum = biasSums[output];
            bottleneck.ProjectBias.Gradient[output] = biasSum;
            for (int c = 0; c < channels; c++)
            {
                int octet = c / 8;
                float sum = sums[((((output / 8) * bottleneck.Quads) + (octet / 4)) * OuterProducts<TSimd, TVector>.OctetsSize)
                    + (output % 8 * 32) + (c % 32)];
                double weight = weights[(output * channels) + c];
                bottleneck.ProjectWeight.Gradient[(output * channels) + c] = (sum * hidden.Scale(octet)[c % 8])
                    + (biasSum * hidden.Shift(octet)[c % 8]);
                int place = (octet * 16) + (c % 8);
                hiddenSums[place] += weight * biasSum;
                hiddenSums[place + 8] += weight * (sum - ((double)hidden.Mean(octet)[c % 8] * biasSum));
            }
        }

        hidden.FinishGradient(bottleneck.Input.Plane, hiddenSums);
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        nint octetSize = bottleneck.ChunkOctet;
        float* hidden = scratch + (bottleneck.Input.Octets * octetSize);
        float* gradient = hidden + (InvertedBottleneck<TSimd, TVector>.SliceOctets * octetSize);
        float* sums = Shared + (slot * SumsSize);
        float* biasSums = sums + ((nint)bottleneck.Output.Octets * bottleneck.Quads * OuterProducts<TSimd, TVector>.OctetsSize);
        for (int unit = from; unit < to; unit++)
        {
            (nint pixel, int count) = bottleneck.Place(unit);
            bottleneck.ReadInputForHidden(pixel, count, scratch);
            bottleneck.ReadOutputGradient(pixel, count, gradient);
            for (int octet = 0; octet < bottleneck.Output.Octets; octet++)
            {
                PixelKernels<TSimd, TVector>.AddSums(gradient + (octet * octetSize), count, biasSums + (octet * 8));
            }

            for (int first = 0; first < bottleneck.HiddenOctets; first += InvertedBottleneck<TSimd, TVector>.SliceOctets)
            {
                int slice = bottleneck.SliceAt(first);
                bottleneck.ReadHidden(scratch, pixel, count, first, hidden);
                for (int octet = 0; octet < slice; octet++)
                {
                    TSimd.Gelu(hidden + (octet * octetSize), PixelKernels<TSimd, TVector>.Floats(count));
                }

                for (int output = 0; output < bottleneck.Output.Octets; output++)
                {
                    for (int quad = 0; quad < slice; quad += 4)
                    {
                        OuterProducts<TSimd, TVector>.AddOctets(
                            gradient + (output * octetSize),
                            hidden + (quad * octetSize),
                            octetSize,
                            slice - quad,
                            count,
                            sums + (((nint)output * bottleneck.Quads) + ((first + quad) / 4)) * OuterProducts<TSimd, TVector>.OctetsSize);
                    }
                }
            }
        }
    }
}
