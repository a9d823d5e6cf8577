using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>The micro-kernel of a depthwise convolution of one channel block.</summary>
internal static unsafe class DepthwiseKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Sums of this many pixels are under way at once, and so many may be computed beyond the last.</summary>
    public const int Pixels = 16;

    /// <summary>A row of sums over the kernel.</summary>
    /// <param name="source">What the first weight of the kernel sees of the first pixel.</param>
    /// <param name="rowStride">Floats from a row to the next.</param>
    /// <param name="weights">Sixteen values for each weight of the kernel.</param>
    /// <param name="kernel">The side of the kernel.</param>
    /// <param name="bias">Sixteen values.</param>
    /// <param name="target">The first pixel.</param>
    /// <param name="pixels">Pixels, of which up to fifteen more are computed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(float* source, nint rowStride, float* weights, int kernel, float* bias, float* target, int pixels)
    {
        int stride = Math.Max(TSimd.Lanes, 8);
        for (int lane = 0; lane < 8; lane += TSimd.Lanes)
        {
            TVector b = TSimd.Load(bias + lane);
            float* first = source + lane;
            float* t = target + lane;
            for (int x = 0; x < pixels; x += stride)
            {
                TVector s0 = b, s1 = b, s2 = b, s3 = b, s4 = b, s5 = b, s6 = b, s7 = b;
                float* weight = weights + lane;
                float* line = first;
                int ky = kernel;
                do
                {
                    float* s = line;
                    int kx = kernel;
                    do
                    {
                        TVector w = TSimd.Load(weight);
                        s0 = TSimd.MultiplyAdd(TSimd.Load(s), w, s0);
                        s1 = TSimd.MultiplyAdd(TSimd.Load(s + stride), w, s1);
                        s2 = TSimd.MultiplyAdd(TSimd.Load(s + (2 * stride)), w, s2);
                        s3 = TSimd.MultiplyAdd(TSimd.Load(s + (3 * stride)), w, s3);
                        s4 = TSimd.MultiplyAdd(TSimd.Load(s + (4 * stride)), w, s4);
                        s5 = TSimd.MultiplyAdd(TSimd.Load(s + (5 * stride)), w, s5);
                        s6 = TSimd.MultiplyAdd(TSimd.Load(s + (6 * stride)), w, s6);
                        s7 = TSimd.MultiplyAdd(TSimd.Load(s + (7 * stride)), w, s7);
                        weight += 16;
                        s += 8;
                    }
                    while (--kx > 0);

                    line += rowStride;
                }
                while (--ky > 0);

                TSimd.Store(s0, t);
                TSimd.Store(s1, t + stride);
                TSimd.Store(s2, t + (2 * stride));
                TSimd.Store(s3, t + (3 * stride));
                TSimd.Store(s4, t + (4 * stride));
                TSimd.Store(s5, t + (5 * stride));
                TSimd.Store(s6, t + (6 * stride));
                TSimd.Store(s7, t + (7 * stride));
                first += stride * 8;
                t += stride * 8;
            }
        }
    }
}
