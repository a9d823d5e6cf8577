using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>The micro-kernels for the gradient of a depthwise convolution's weights, of one channel block.</summary>
internal static unsafe class DepthwiseGradients<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>
    /// sums[position] += the sum over pixels of the gradient times what that kernel position sees; sixteen values a position, whose halves
    /// belong together.
    /// </summary>
    /// <param name="source">What the first kernel position sees of the first pixel.</param>
    /// <param name="sourceStride">Floats from a row to the next.</param>
    /// <param name="gradient">The first pixel's gradient; zeros behind each row.</param>
    /// <param name="gradientStride">Floats from a row to the next.</param>
    /// <param name="rows">Rows of pixels.</param>
    /// <param name="pixels">Pixels in a row.</param>
    /// <param name="kernel">The side of the kernel.</param>
    /// <param name="sums">Sixteen values a kernel position.</param>
    public static void AddWeights(
        float* source, nint sourceStride, float* gradient, nint gradientStride, int rows, int pixels, int kernel, float* sums)
    {
        nint count = PixelKernels<TSimd, TVector>.Floats(pixels);
        for (int ky = 0; ky < kernel; ky++)
        {
            int kx = 0;
            for (; kx + 5 <= kernel; kx += 5)
            {
                AddFive(source + (ky * sourceStride) + (kx * 8), sourceStride, gradient, gradientStride, rows, count,
                    sums + (((ky * kernel) + kx) * 16));
            }

            for (; kx + 3 <= kernel; kx += 3)
            {
                AddThree(source + (ky * sourceStride) + (kx * 8), sourceStride, gradient, gradientStride, rows, count,
                    sums + (((ky * kernel) + kx) * 16));
            }

            for (; kx < kernel; kx++)
            {
                AddOne(source + (ky * sourceStride) + (kx * 8), sourceStride, gradient, gradientStride, rows, count,
                    sums + (((ky * kernel) + kx) * 16));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFive(float* source, nint sourceStride, float* gradient, nint gradientStride, int rows, nint count, float* sums)
    {
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector s0 = TSimd.Load(sums + lane), s1 = TSimd.Load(sums + 16 + lane), s2 = TSimd.Load(sums + 32 + lane);
            TVector s3 = TSimd.Load(sums + 48 + lane), s4 = TSimd.Load(sums + 64 + lane);
            for (int y = 0; y < rows; y++)
            {
                float* s = source + (y * sourceStride);
                float* g = gradient + (y * gradientStride);
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
    private static void AddThree(float* source, nint sourceStride, float* gradient, nint gradientStride, int rows, nint count, float* sums)
    {
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector s0 = TSimd.Load(sums + lane), s1 = TSimd.Load(sums + 16 + lane), s2 = TSimd.Load(sums + 32 + lane);
            for (int y = 0; y < rows; y++)
            {
                float* s = source + (y * sourceStride);
                float* g = gradient + (y * gradientStride);
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
    private static void AddOne(float* source, nint sourceStride, float* gradient, nint gradientStride, int rows, nint count, float* sums)
    {
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector sum = TSimd.Load(sums + lane);
            for (int y = 0; y < rows; y++)
            {
                float* s = source + (y * sourceStride);
                float* g = gradient + (y * gradientStride);
                for (nint i = lane; i < count; i += 16)
                {
                    sum = TSimd.MultiplyAdd(TSimd.Load(g + i), TSimd.Load(s + i), sum);
                }
            }

            TSimd.Store(sum, sums + lane);
        }
    }
}
