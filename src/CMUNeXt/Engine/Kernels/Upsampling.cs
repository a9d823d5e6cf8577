using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Bilinear upsampling by 2 and a 3x3 convolution behind it, the other way round: the nine products of the kernel with small pixels are
/// summed up to large ones, and the gradients of large pixels to those of the products.
/// </summary>
/// <remarks>
/// Row 2r - 1 of the upsampled image is 3/4 of row r - 1 and 1/4 of row r, row 2r the other way round; rows beyond the first and last
/// repeat these. The convolution pads with zeros, so what the kernel's outer rows and columns would see there is left out.
/// </remarks>
internal static unsafe class Upsampling<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The two large rows of a small one, for one column of the kernel, still as narrow as the small one.</summary>
    /// <param name="above">The products of the row above, or of the first.</param>
    /// <param name="here">Those of the row itself.</param>
    /// <param name="below">Those of the row below, or of the last.</param>
    /// <param name="kernelRowStride">Floats from the products of one row of the kernel to the next.</param>
    /// <param name="first">Whether it is the first row.</param>
    /// <param name="last">Whether it is the last.</param>
    /// <param name="width">Small pixels.</param>
    /// <param name="even">The upper row, with a pixel on each side to write to.</param>
    /// <param name="odd">The lower row, likewise.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumRows(
        float* above, float* here, float* below, nint kernelRowStride, bool first, bool last, int width, float* even, float* odd)
    {
        TVector quarter = TSimd.Create(0.25f);
        TVector threeQuarters = TSimd.Create(0.75f);
        TVector firstQuarter = TSimd.Create(first ? 0 : 0.25f);
        TVector firstThreeQuarters = TSimd.Create(first ? 0 : 0.75f);
        TVector lastQuarter = TSimd.Create(last ? 0 : 0.25f);
        TVector lastThreeQuarters = TSimd.Create(last ? 0 : 0.75f);
        float* above1 = above + kernelRowStride, here1 = here + kernelRowStride, here2 = here1 + kernelRowStride;
        float* below1 = below + kernelRowStride, below2 = below1 + kernelRowStride;
        nint count = width * 8;
        for (nint i = 0; i < count; i += TSimd.Lanes)
        {
            TVector upperAbove = TSimd.Load(above + i);
            TVector upperHere = TSimd.Load(here + i);
            TVector middleAbove = TSimd.Load(above1 + i);
            TVector middleHere = TSimd.Load(here1 + i);
            TVector middleBelow = TSimd.Load(below1 + i);
            TVector lowerHere = TSimd.Load(here2 + i);
            TVector lowerBelow = TSimd.Load(below2 + i);
            TVector e = TSimd.Multiply(firstThreeQuarters, upperAbove);
            e = TSimd.MultiplyAdd(firstQuarter, upperHere, e);
            e = TSimd.MultiplyAdd(quarter, middleAbove, e);
            e = TSimd.MultiplyAdd(threeQuarters, middleHere, e);
            e = TSimd.MultiplyAdd(threeQuarters, lowerHere, e);
            e = TSimd.MultiplyAdd(quarter, lowerBelow, e);
            TVector o = TSimd.Multiply(quarter, upperAbove);
            o = TSimd.MultiplyAdd(threeQuarters, upperHere, o);
            o = TSimd.MultiplyAdd(threeQuarters, middleHere, o);
            o = TSimd.MultiplyAdd(quarter, middleBelow, o);
            o = TSimd.MultiplyAdd(lastQuarter, lowerHere, o);
            o = TSimd.MultiplyAdd(lastThreeQuarters, lowerBelow, o);
            TSimd.Store(e, even + i);
            TSimd.Store(o, odd + i);
        }

        RepeatEnds(even, width);
        RepeatEnds(odd, width);
    }

    /// <summary>A large row from its three columns of the kernel.</summary>
    /// <param name="left">For the left column of the kernel; a pixel on each side repeats the ends.</param>
    /// <param name="middle">For the middle column.</param>
    /// <param name="right">For the right column.</param>
    /// <param name="width">Small pixels.</param>
    /// <param name="bias">Sixteen values; null where <typeparamref name="TEnd"/> takes none.</param>
    /// <param name="target">2 x width pixels; two more may be written.</param>
    /// <typeparam name="TEnd">What is done with the sums.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumColumns<TEnd>(float* left, float* middle, float* right, int width, float* bias, float* target)
        where TEnd : IRowEnd
    {
        TVector quarter = TSimd.Create(0.25f);
        TVector threeQuarters = TSimd.Create(0.75f);
        TVector zero = TSimd.Create(0);
        nint count = width * 8;
        int stride = Math.Max(TSimd.Lanes, 8);
        float* l = left, m = middle, r = right, t = target;
        for (float* end = left + count; l < end; t += 2 * stride)
        {
            for (int lane = 0; lane < 8; lane += TSimd.Lanes)
            {
                TVector e, o;
                if (TEnd.IsActivated)
                {
                    TVector b = TSimd.Load(bias + lane);
                    e = TSimd.MultiplyAdd(threeQuarters, TSimd.Load(l - 8), b);
                    o = TSimd.MultiplyAdd(quarter, TSimd.Load(l - 8), b);
                }
                else
                {
                    e = TSimd.Multiply(threeQuarters, TSimd.Load(l - 8));
                    o = TSimd.Multiply(quarter, TSimd.Load(l - 8));
                }

                e = TSimd.MultiplyAdd(quarter, TSimd.Load(l), e);
                e = TSimd.MultiplyAdd(quarter, TSimd.Load(m - 8), e);
                e = TSimd.MultiplyAdd(threeQuarters, TSimd.Load(m), e);
                e = TSimd.MultiplyAdd(threeQuarters, TSimd.Load(r), e);
                e = TSimd.MultiplyAdd(quarter, TSimd.Load(r + 8), e);
                o = TSimd.MultiplyAdd(threeQuarters, TSimd.Load(l), o);
                o = TSimd.MultiplyAdd(threeQuarters, TSimd.Load(m), o);
                o = TSimd.MultiplyAdd(quarter, TSimd.Load(m + 8), o);
                o = TSimd.MultiplyAdd(quarter, TSimd.Load(r), o);
                o = TSimd.MultiplyAdd(threeQuarters, TSimd.Load(r + 8), o);
                TSimd.StorePair(TEnd.IsActivated ? TSimd.Max(zero, e) : e, t + lane, t + lane + 16);
                TSimd.StorePair(TEnd.IsActivated ? TSimd.Max(zero, o) : o, t + lane + 8, t + lane + 24);
                l += TSimd.Lanes;
                m += TSimd.Lanes;
                r += TSimd.Lanes;
            }
        }

        // The upsampled row ends where the kernel would go on: these two pixels do not see its outer column.
        for (int i = 0; i < 8; i++)
        {
            nint end = count - 8 + i;
            float first = TEnd.IsActivated ? bias[i] + middle[i] : middle[i];
            float last = TEnd.IsActivated ? bias[i] + (0.25f * left[end - 8]) : 0.25f * left[end - 8];
            first = first + (0.75f * right[i]) + (0.25f * right[i + 8]);
            last = last + (0.75f * left[end]) + middle[end];
            target[i] = TEnd.IsActivated ? MathF.Max(first, 0) : first;
            target[(2 * count) - 8 + i] = TEnd.IsActivated ? MathF.Max(last, 0) : last;
        }
    }

    /// <summary>
    /// The sum of four large rows that a small one, for one row of the kernel, had a part in: the outer ones count 1/4, the inner ones 3/4.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackRows(float* a, float* b, float* c, float* d, nint count, float* target)
    {
        TVector quarter = TSimd.Create(0.25f);
        TVector threeQuarters = TSimd.Create(0.75f);
        for (nint i = 0; i < count; i += TSimd.Lanes)
        {
            TVector outer = TSimd.Multiply(quarter, TSimd.Add(TSimd.Load(a + i), TSimd.Load(d + i)));
            TSimd.Store(TSimd.MultiplyAdd(threeQuarters, TSimd.Add(TSimd.Load(b + i), TSimd.Load(c + i)), outer), target + i);
        }
    }

    /// <summary>The gradients of small pixels, for one column of the kernel, from a sum of large rows.</summary>
    /// <param name="row">The large row, with two pixels of zeros on each side.</param>
    /// <param name="column">Of the kernel, from 0.</param>
    /// <param name="width">Small pixels.</param>
    /// <param name="target">The small row; one more pixel may be written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackColumns(float* row, int column, int width, float* target)
    {
        TVector quarter = TSimd.Create(0.25f);
        TVector threeQuarters = TSimd.Create(0.75f);

        // What the kernel's column saw of the upsampled row stands this far from it.
        float* seen = row + ((1 - column) * 8);
        float* s = seen;
        float* t = target;
        int stride = Math.Max(TSimd.Lanes, 8);
        for (float* end = target + (width * 8); t < end; t += stride, s += 2 * stride)
        {
            for (int lane = 0; lane < 8; lane += TSimd.Lanes)
            {
                float* from = s + lane;
                TVector outer = TSimd.Add(TSimd.LoadPair(from - 8, from + 8), TSimd.LoadPair(from + 16, from + 32));
                TVector inner = TSimd.Add(TSimd.LoadPair(from, from + 16), TSimd.LoadPair(from + 8, from + 24));
                TSimd.Store(TSimd.MultiplyAdd(threeQuarters, inner, TSimd.Multiply(quarter, outer)), t + lane);
            }
        }

        // Beyond the ends the upsampled row repeats the first and the last small pixel.
        float* last = seen + (((2 * width) - 1) * 8);
        for (int i = 0; i < 8; i++)
        {
            target[i] += 0.25f * (seen[i] - seen[i - 8]);
            target[((width - 1) * 8) + i] += 0.25f * (last[i] - last[i + 8]);
        }
    }

    private static void RepeatEnds(float* row, int width)
    {
        for (int i = 0; i < 8; i++)
        {
            row[i - 8] = row[i];
            row[(width * 8) + i] = row[((width - 1) * 8) + i];
        }
    }
}
