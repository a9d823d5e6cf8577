using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning;

/// <summary>The micro-kernels of a depthwise convolution of one octet, forwards, and for the gradient of its weights.</summary>
internal static unsafe class DepthwiseKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Sums of this many pixels are under way at once, and so many may be computed beyond the last.</summary>
    public const int Pixels = 16;

    /// <summary>A row of sums over the taps.</summary>
    /// <param name="source">What the first tap of the first pixel sees.</param>
    /// <param name="row">Floats from a row to the next.</param>
    /// <param name="taps">Sixteen values for each tap.</param>
    /// <param name="kernel">Taps in a row and in a column.</param>
    /// <param name="bias">Sixteen values.</param>
    /// <param name="target">The first pixel.</param>
    /// <param name="pixels">Pixels, of which up to fifteen more are computed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(float* source, nint row, float* taps, int kernel, float* bias, float* target, int pixels)
    {
        int step = Math.Max(TSimd.Lanes, 8);
        for (int lane = 0; lane < 8; lane += TSimd.Lanes)
        {
            TVector b = TSimd.Load(bias + lane);
            for (int x = 0; x < pixels; x += step)
            {
                TVector s0 = b, s1 = b, s2 = b, s3 = b, s4 = b, s5 = b, s6 = b, s7 = b;
                float* tap = taps + lane;
                float* line = source + (x * 8) + lane;
                for (int ky = 0; ky < kernel; ky++)
                {
                    float* s = line;
                    for (int kx = 0; kx < kernel; kx++)
                    {
                        TVector w = TSimd.Load(tap);
                        s0 = TSimd.MultiplyAdd(TSimd.Load(s), w, s0);
                        s1 = TSimd.MultiplyAdd(TSimd.Load(s + step), w, s1);
                        s2 = TSimd.MultiplyAdd(TSimd.Load(s + (2 * step)), w, s2);
                        s3 = TSimd.MultiplyAdd(TSimd.Load(s + (3 * step)), w, s3);
                        s4 = TSimd.MultiplyAdd(TSimd.Load(s + (4 * step)), w, s4);
                        s5 = TSimd.MultiplyAdd(TSimd.Load(s + (5 * step)), w, s5);
                        s6 = TSimd.MultiplyAdd(TSimd.Load(s + (6 * step)), w, s6);
                        s7 = TSimd.MultiplyAdd(TSimd.Load(s + (7 * step)), w, s7);
                        tap += 16;
                        s += 8;
                    }

                    line += row;
                }

                float* t = target + (x * 8) + lane;
                TSimd.Store(s0, t);
                TSimd.Store(s1, t + step);
                TSimd.Store(s2, t + (2 * step));
                TSimd.Store(s3, t + (3 * step));
                TSimd.Store(s4, t + (4 * step));
                TSimd.Store(s5, t + (5 * step));
                TSimd.Store(s6, t + (6 * step));
                TSimd.Store(s7, t + (7 * step));
            }
        }
    }

    /// <summary>sums[tap] += the sum over pixels of the gradient times what the tap sees; sixteen values a tap, whose halves belong together.</summary>
    /// <param name="source">What the first tap of the first pixel sees.</param>
    /// <param name="sourceRow">Floats from a row to the next.</param>
    /// <param name="gradient">The first pixel's gradient; zeros behind each row.</param>
    /// <param name="gradientRow">Floats from a row to the next.</param>
    /// <param name="rows">Rows of pixels.</param>
    /// <param name="pixels">Pixels in a row.</param>
    /// <param name="kernel">Taps in a row and in a column.</param>
    /// <param name="sums">Sixteen values a tap.</param>
    public static void AddWeights(
        float* source, nint sourceRow, float* gradient, nint gradientRow, int rows, int pixels, int kernel, float* sums)
    {
        nint count = PixelKernels<TSimd, TVector>.Floats(pixels);
        for (int ky = 0; ky < kernel; ky++)
        {
            int kx = 0;
            for (; kx + 5 <= kernel; kx += 5)
            {
                AddFive(source + (ky * sourceRow) + (kx * 8), sourceRow, gradient, gradientRow, rows, count, sums + (((ky * kernel) + kx) * 16));
            }

            for (; kx + 3 <= kernel; kx += 3)
            {
                AddThree(source + (ky * sourceRow) + (kx * 8), sourceRow, gradient, gradientRow, rows, count, sums + (((ky * kernel) + kx) * 16));
            }

            for (; kx < kernel; kx++)
            {
                AddOne(source + (ky * sourceRow) + (kx * 8), sourceRow, gradient, gradientRow, rows, count, sums + (((ky * kernel) + kx) * 16));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFive(float* source, nint sourceRow, float* gradient, nint gradientRow, int rows, nint count, float* sums)
    {
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector s0 = TSimd.Load(sums + lane), s1 = TSimd.Load(sums + 16 + lane), s2 = TSimd.Load(sums + 32 + lane);
            TVector s3 = TSimd.Load(sums + 48 + lane), s4 = TSimd.Load(sums + 64 + lane);
            for (int y = 0; y < rows; y++)
            {
                float* s = source + (y * sourceRow);
                float* g = gradient + (y * gradientRow);
                for (nint i = lane; i < count; i += 16)
                {
                    TVector v = TSimd.Load(g + i);
                    s0 = TSimd.MultiplyAdd(v, TSimd.Load(s + i), s0);
                    s1 = TSimd.MultiplyAdd(v, TSimd.Load(s + i + 8), s1);
                    s2 = TSimd.MultiplyAdd(v, TSimd.Load(s + i + 16), s2);
                    s3 = TSimd.MultiplyAdd(v, TSimd.Load(s + i + 24), s3);
                    s4 = TSimd.MultiplyAdd(v, TSimd.Load(s + i + 32), s4);
                }
            }

            TSimd.Store(s0, sums + lane);
            TSimd.Store(s1, sums + 16 + lane);
            TSimd.Store(s2, sums + 32 + lane);
            TSimd.Store(s3, sums + 48 + lane);
            TSimd.Store(s4, sums + 64 + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddThree(float* source, nint sourceRow, float* gradient, nint gradientRow, int rows, nint count, float* sums)
    {
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector s0 = TSimd.Load(sums + lane), s1 = TSimd.Load(sums + 16 + lane), s2 = TSimd.Load(sums + 32 + lane);
            for (int y = 0; y < rows; y++)
            {
                float* s = source + (y * sourceRow);
                float* g = gradient + (y * gradientRow);
                for (nint i = lane; i < count; i += 16)
                {
                    TVector v = TSimd.Load(g + i);
                    s0 = TSimd.MultiplyAdd(v, TSimd.Load(s + i), s0);
                    s1 = TSimd.MultiplyAdd(v, TSimd.Load(s + i + 8), s1);
                    s2 = TSimd.MultiplyAdd(v, TSimd.Load(s + i + 16), s2);
                }
            }

            TSimd.Store(s0, sums + lane);
            TSimd.Store(s1, sums + 16 + lane);
            TSimd.Store(s2, sums + 32 + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(float* source, nint sourceRow, float* gradient, nint gradientRow, int rows, nint count, float* sums)
    {
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector sum = TSimd.Load(sums + lane);
            for (int y = 0; y < rows; y++)
            {
                float* s = source + (y * sourceRow);
                float* g = gradient + (y * gradientRow);
                for (nint i = lane; i < count; i += 16)
                {
                    sum = TSimd.MultiplyAdd(TSimd.Load(g + i), TSimd.Load(s + i), sum);
                }
            }

            TSimd.Store(sum, sums + lane);
        }
    }
}
