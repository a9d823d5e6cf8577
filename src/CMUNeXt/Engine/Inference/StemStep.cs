using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>The first convolution: 3x3 over the planes of the image, its normalization folded in, ReLU. A task is one row.</summary>
internal sealed unsafe class StemStep<TSimd, TVector> : CountedStep
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Groups of three rows for each channel, in each of them three columns and one without weight.</summary>
    public required PackedMatrix Weights { get; init; }

    /// <summary>Channels x height x width, without any margin; set for each image.</summary>
    public float* Image { get; set; }

    public required int Channels { get; init; }

    public required FeatureMap Output { get; init; }

    public override int Tasks => Output.Height;

    public override nint Scratch => (Weights.Groups * PaddedRowStride) + ((nint)Weights.OutputBlocks * Pixels * 8);

    public override long MultiplyAdds => Weights.MultiplyAdds * Output.Height * Output.Width;

    public override long Bytes => ((long)Channels * Output.Height * Output.Width * sizeof(float)) + Weights.Bytes + Output.Bytes;

    private int Pixels => RoundUp(Output.Width, TSimd.Rows);

    // The column before the first, and what the last pixel group reads beyond the last.
    private nint PaddedRowStride => Pixels + 16;

    public override void Run(int task, float* scratch)
    {
        float* c = scratch + (Weights.Groups * PaddedRowStride);
        for (int o = 0; o < Output.Blocks; o++)
        {
            Elementwise<TSimd, TVector>.Prefetch(Output.At(o, task, 0), Output.Width);
        }

        CopyRows(task, scratch);
        Weights.Multiply<TSimd, TVector, PlaneInput>(
            scratch, PaddedRowStride, Pixels, c, Pixels * 8, (0, Weights.Groups), (0, Weights.OutputBlocks));
        for (int o = 0; o < Output.Blocks; o++)
        {
            Elementwise<TSimd, TVector>.Relu(c + ((nint)o * Pixels * 8), Output.At(o, task, 0), Output.Width);
        }
    }

    // The three rows of each channel around a row, with zeros beyond the image.
    private void CopyRows(int y, float* target)
    {
        nint plane = (nint)Output.Width * Output.Height;
        for (int group = 0; group < Weights.Groups; group++)
        {
            Span<float> padded = new(target + (group * PaddedRowStride), (int)PaddedRowStride);
            int row = y + (group % 3) - 1;
            padded.Clear();
            if (row >= 0 && row < Output.Height)
            {
                new ReadOnlySpan<float>(Image + (group / 3 * plane) + ((nint)row * Output.Width), Output.Width).CopyTo(padded[1..]);
            }
        }
    }
}
