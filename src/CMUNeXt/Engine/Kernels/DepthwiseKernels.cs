using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>The micro-kernel of a depthwise convolution of one octet.</summary>
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
            float* first = source + lane;
            float* t = target + lane;
            for (int x = 0; x < pixels; x += step)
            {
                TVector s0 = b, s1 = b, s2 = b, s3 = b, s4 = b, s5 = b, s6 = b, s7 = b;
                float* tap = taps + lane;
                float* line = first;
                int ky = kernel;
                do
                {
                    float* s = line;
                    int kx = kernel;
                    do
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
                    while (--kx > 0);

                    line += row;
                }
                while (--ky > 0);

                TSimd.Store(s0, t);
                TSimd.Store(s1, t + step);
                TSimd.Store(s2, t + (2 * step));
                TSimd.Store(s3, t + (3 * step));
                TSimd.Store(s4, t + (4 * step));
                TSimd.Store(s5, t + (5 * step));
                TSimd.Store(s6, t + (6 * step));
                TSimd.Store(s7, t + (7 * step));
                first += step * 8;
                t += step * 8;
            }
        }
    }
}
