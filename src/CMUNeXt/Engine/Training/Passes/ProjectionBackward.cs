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
        hiddenSums = new double[bottleneck.HiddenBlocks * 16];
    }

    public override nint SumsSize =>
        ((nint)bottleneck.Output.Blocks * bottleneck.Quads * WeightGradients<TSimd, TVector>.BlocksSize)
        + ChannelSums(bottleneck.Output.Blocks);

    public override nint Scratch =>
        (bottleneck.Input.Blocks + InvertedBottleneck<TSimd, TVector>.SliceBlocks + bottleneck.Output.Blocks) * bottleneck.ChunkBlockStride;

    public override BatchSize Batch => bottleneck.Input.Batch;

    protected override int ImageUnits => bottleneck.ImageChunks;

    public override void Finish()
    {
        float* sums = Shared;
        float* biasSums = sums + ((nint)bottleneck.Output.Blocks * bottleneck.Quads * WeightGradients<TSimd, TVector>.BlocksSize);
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
                int block = c / 8;
                float sum = sums[((((output / 8) * bottleneck.Quads) + (block / 4)) * WeightGradients<TSimd, TVector>.BlocksSize)
                    + (output % 8 * 32) + (c % 32)];
                double weight = weights[(output * channels) + c];
                bottleneck.ProjectWeight.Gradient[(output * channels) + c] = (sum * hidden.Scale(block)[c % 8])
                    + (biasSum * hidden.Shift(block)[c % 8]);
                int place = (block * 16) + (c % 8);
                hiddenSums[place] += weight * biasSum;
                hiddenSums[place + 8] += weight * (sum - ((double)hidden.Mean(block)[c % 8] * biasSum));
            }
        }

        hidden.FinishGradient(bottleneck.Input.Plane, hiddenSums);
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        nint blockStride = bottleneck.ChunkBlockStride;
        float* hidden = scratch + (bottleneck.Input.Blocks * blockStride);
        float* gradient = hidden + (InvertedBottleneck<TSimd, TVector>.SliceBlocks * blockStride);
        float* sums = Shared + (slot * SumsSize);
        float* biasSums = sums + ((nint)bottleneck.Output.Blocks * bottleneck.Quads * WeightGradients<TSimd, TVector>.BlocksSize);
        for (int unit = from; unit < to; unit++)
        {
            (nint pixel, int count) = bottleneck.Place(unit);
            bottleneck.ReadInputForHidden(pixel, count, scratch);
            bottleneck.ReadOutputGradient(pixel, count, gradient);
            for (int block = 0; block < bottleneck.Output.Blocks; block++)
            {
                PixelKernels<TSimd, TVector>.AddSums(gradient + (block * blockStride), count, biasSums + (block * 8));
            }

            for (int first = 0; first < bottleneck.HiddenBlocks; first += InvertedBottleneck<TSimd, TVector>.SliceBlocks)
            {
                int slice = bottleneck.SliceAt(first);
                bottleneck.ReadHidden(scratch, pixel, count, first, hidden);
                for (int block = 0; block < slice; block++)
                {
                    TSimd.Gelu(hidden + (block * blockStride), PixelKernels<TSimd, TVector>.Floats(count));
                }

                for (int output = 0; output < bottleneck.Output.Blocks; output++)
                {
                    for (int quad = 0; quad < slice; quad += 4)
                    {
                        WeightGradients<TSimd, TVector>.AddBlocks(
                            gradient + (output * blockStride),
                            hidden + (quad * blockStride),
                            blockStride,
                            slice - quad,
                            count,
                            sums + (((nint)output * bottleneck.Quads) + ((first + quad) / 4)) * WeightGradients<TSimd, TVector>.BlocksSize);
                    }
                }
            }
        }
    }
}
