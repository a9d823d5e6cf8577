using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Steps;

/// <summary>The first convolution: 3x3 over the planes of the picture, its normalisation folded in, ReLU. A task is one row.</summary>
internal sealed unsafe class StemStep<TSimd, TVector> : Step
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public required PackedMatrix Weights { get; init; }

    /// <summary>Channels x height x width, without any margin; set for each picture.</summary>
    public float* Picture { get; set; }

    public required int Channels { get; init; }

    public required FeatureMap Output { get; init; }

    public override int Tasks => Output.Height;

    public override nint Scratch => (nint)(Weights.InputOctets + Weights.OutputOctets) * Pixels * 8;

    public override long MultiplyAdds => Weights.MultiplyAdds * Output.Height * Output.Width;

    public override long Bytes => ((long)Channels * Output.Height * Output.Width * sizeof(float)) + Weights.Bytes + Output.Bytes;

    private int Pixels => RoundUp(Output.Width, TSimd.Rows);

    public override void Run(int task, float* scratch)
    {
        nint octet = Pixels * 8;
        float* c = scratch + (Weights.InputOctets * octet);
        Gather(task, scratch, octet);
        Weights.Multiply<TSimd, TVector>(scratch, octet, Pixels, c, octet);
        for (int o = 0; o < Output.Octets; o++)
        {
            Elementwise<TSimd, TVector>.Relu(c + (o * octet), Output.At(o, task, 0), Output.Width);
        }
    }

    // For each pixel the 9 values of each channel around it, zeros beyond the picture.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(int y, float* a, nint octet)
    {
        int width = Output.Width;
        nint plane = (nint)width * Output.Height;
        for (int k = 0; k < Weights.InputOctets * 8; k++)
        {
            float* target = a + (k / 8 * octet) + (k % 8);
            int row = y + (k % 9 / 3) - 1;
            int shift = (k % 3) - 1;
            bool inside = k < Channels * 9 && row >= 0 && row < Output.Height;
            int from = inside ? Math.Max(0, -shift) : width;
            int to = inside ? width - Math.Max(0, shift) : width;
            for (int x = 0; x < from; x++)
            {
                target[x * 8] = 0;
            }

            float* source = Picture + (k / 9 * plane) + ((nint)row * width) + shift;
            for (int x = from; x < to; x++)
            {
                target[x * 8] = source[x];
            }

            for (int x = to; x < width; x++)
            {
                target[x * 8] = 0;
            }
        }
    }
}
