using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Steps;

/// <summary>
/// Bilinear upsampling by 2, 3x3 convolution with its normalisation folded in, ReLU. Both are linear, so they change places: first the nine
/// products of the kernel with each pixel of the small picture, a quarter of the multiplications, then their sums, weighted as the
/// upsampling weights them. A task is some output channels of some rows.
/// </summary>
/// <remarks>
/// In the upsampled picture, row 2r - 1 is 3/4 of row r - 1 and 1/4 of row r, row 2r the other way round; rows beyond the first and last
/// repeat these. The convolution pads with zeros, so what a kernel's outer rows and columns would see there is left out.
/// </remarks>
internal sealed unsafe class UpsamplingStep<TSimd, TVector> : Step
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Rows of the small picture in a task; the products of two more have to be made for each.</summary>
    private const int Band = 32;

    private const int Taps = 9;

    public required FeatureMap Input { get; init; }

    public required FeatureMap Output { get; init; }

    /// <summary>For each group of <see cref="GroupOctets"/> octets: its outputs for the first tap of the kernel, then the second, ...</summary>
    public required PackedMatrix[] Weights { get; init; }

    public required PerChannel Bias { get; init; }

    /// <summary>Octets of output channels that a task computes.</summary>
    public required int GroupOctets { get; init; }

    public override int Tasks => Weights.Length * Bands;

    public override nint Scratch => (3 * RowProducts) + (6 * Line) + (2 * Line);

    public override long MultiplyAdds => Weights.Sum(group => group.MultiplyAdds) * Input.Height * Input.Width;

    public override long Bytes => Input.Bytes + Weights.Sum(group => group.Bytes) + Output.Bytes;

    private int Bands => Ceiling(Input.Height, Band);

    private int Pixels => RoundUp(Input.Width, TSimd.Rows);

    // One line of pixels with a pixel before it and some after.
    private int Line => (Pixels + 4) * 8;

    private nint ProductOctet => Pixels * 8;

    private nint RowProducts => Taps * GroupOctets * ProductOctet;

    public override void Run(int task, float* scratch)
    {
        int group = task / Bands;
        int from = task % Bands * Band;
        int to = Math.Min(from + Band, Input.Height);
        int octets = Math.Min(GroupOctets, Output.Octets - (group * GroupOctets));
        float* lines = scratch + (3 * RowProducts);
        int made = Math.Max(from - 1, 0);
        for (int y = from; y < to; y++)
        {
            for (; made <= Math.Min(y + 1, Input.Height - 1); made++)
            {
                Weights[group].Multiply<TSimd, TVector>(Input.At(0, made, 0), Input.Octet, Pixels, Products(scratch, made), ProductOctet);
            }

            float* above = Products(scratch, Math.Max(y - 1, 0));
            float* here = Products(scratch, y);
            float* below = Products(scratch, Math.Min(y + 1, Input.Height - 1));
            for (int octet = 0; octet < octets; octet++)
            {
                for (int dx = 0; dx < 3; dx++)
                {
                    nint tap = ((dx * octets) + octet) * ProductOctet;
                    nint kernelRow = 3 * octets * ProductOctet;
                    SumRows(above + tap, here + tap, below + tap, kernelRow, lines + (dx * Line) + 8, lines + ((3 + dx) * Line) + 8, y);
                }

                int channel = (group * GroupOctets) + octet;
                SumColumns(lines, lines + (6 * Line), channel, 2 * y);
                SumColumns(lines + (3 * Line), lines + (6 * Line), channel, (2 * y) + 1);
            }
        }
    }

    private float* Products(float* scratch, int row) => scratch + (row % 3 * RowProducts);

    // Rows 2y and 2y + 1 of the result, for one column of the kernel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SumRows(float* above, float* here, float* below, nint kernelRow, float* even, float* odd, int y)
    {
        TVector quarter = TSimd.Create(0.25f);
        TVector half = TSimd.Create(0.75f);
        TVector firstQuarter = TSimd.Create(y == 0 ? 0 : 0.25f);
        TVector firstHalf = TSimd.Create(y == 0 ? 0 : 0.75f);
        TVector lastQuarter = TSimd.Create(y == Input.Height - 1 ? 0 : 0.25f);
        TVector lastHalf = TSimd.Create(y == Input.Height - 1 ? 0 : 0.75f);
        int count = Input.Width * 8;
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TVector upperAbove = TSimd.Load(above + i);
            TVector upperHere = TSimd.Load(here + i);
            TVector middleAbove = TSimd.Load(above + kernelRow + i);
            TVector middleHere = TSimd.Load(here + kernelRow + i);
            TVector middleBelow = TSimd.Load(below + kernelRow + i);
            TVector lowerHere = TSimd.Load(here + (2 * kernelRow) + i);
            TVector lowerBelow = TSimd.Load(below + (2 * kernelRow) + i);
            TVector e = TSimd.Multiply(firstHalf, upperAbove);
            e = TSimd.MultiplyAdd(firstQuarter, upperHere, e);
            e = TSimd.MultiplyAdd(quarter, middleAbove, e);
            e = TSimd.MultiplyAdd(half, middleHere, e);
            e = TSimd.MultiplyAdd(half, lowerHere, e);
            e = TSimd.MultiplyAdd(quarter, lowerBelow, e);
            TVector o = TSimd.Multiply(quarter, upperAbove);
            o = TSimd.MultiplyAdd(half, upperHere, o);
            o = TSimd.MultiplyAdd(half, middleHere, o);
            o = TSimd.MultiplyAdd(quarter, middleBelow, o);
            o = TSimd.MultiplyAdd(lastQuarter, lowerHere, o);
            o = TSimd.MultiplyAdd(lastHalf, lowerBelow, o);
            TSimd.Store(e, even + i);
            TSimd.Store(o, odd + i);
        }

        for (int i = 0; i < 8; i++)
        {
            even[i - 8] = even[i];
            odd[i - 8] = odd[i];
            even[count + i] = even[count - 8 + i];
            odd[count + i] = odd[count - 8 + i];
        }
    }

    // One row of the result from its three columns of the kernel, each a line with its ends repeated.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SumColumns(float* lines, float* result, int octet, int y)
    {
        float* left = lines + 8;
        float* middle = left + Line;
        float* right = middle + Line;
        float* bias = Bias.At(octet);
        TVector quarter = TSimd.Create(0.25f);
        TVector half = TSimd.Create(0.75f);
        TVector zero = TSimd.Create(0);
        int count = Input.Width * 8;
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TVector b = TSimd.Load(bias + (i % 8));
            TVector e = TSimd.MultiplyAdd(half, TSimd.Load(left + i - 8), b);
            e = TSimd.MultiplyAdd(quarter, TSimd.Load(left + i), e);
            e = TSimd.MultiplyAdd(quarter, TSimd.Load(middle + i - 8), e);
            e = TSimd.MultiplyAdd(half, TSimd.Load(middle + i), e);
            e = TSimd.MultiplyAdd(half, TSimd.Load(right + i), e);
            e = TSimd.MultiplyAdd(quarter, TSimd.Load(right + i + 8), e);
            TVector o = TSimd.MultiplyAdd(quarter, TSimd.Load(left + i - 8), b);
            o = TSimd.MultiplyAdd(half, TSimd.Load(left + i), o);
            o = TSimd.MultiplyAdd(half, TSimd.Load(middle + i), o);
            o = TSimd.MultiplyAdd(quarter, TSimd.Load(middle + i + 8), o);
            o = TSimd.MultiplyAdd(quarter, TSimd.Load(right + i), o);
            o = TSimd.MultiplyAdd(half, TSimd.Load(right + i + 8), o);
            float* target = result + (i / 8 * 16) + (i % 8);
            TSimd.StorePair(TSimd.Max(e, zero), target, target + 16);
            TSimd.StorePair(TSimd.Max(o, zero), target + 8, target + 24);
        }

        for (int i = 0; i < 8; i++)
        {
            int end = count - 8 + i;
            result[i] = MathF.Max(bias[i] + middle[i] + (0.75f * right[i]) + (0.25f * right[i + 8]), 0);
            result[(2 * count) - 8 + i] = MathF.Max(bias[i] + (0.25f * left[end - 8]) + (0.75f * left[end]) + middle[end], 0);
        }

        new ReadOnlySpan<float>(result, 2 * count).CopyTo(new Span<float>(Output.At(octet, y, 0), 2 * count));
    }
}
