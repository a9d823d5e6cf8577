using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The micro-kernels of the matrix product: the sums of a few pixels and one or two vectors of output channels stay in registers while the
/// input channels go by, one pixel's value at a time multiplied with all of them. Sixteen registers hold 6 x 2 or 12 x 1 sums,
/// thirty-two 8 x 2 or 16 x 1.
/// </summary>
internal static unsafe class MatrixKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>8 pixels x 2 vectors of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run8x2<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        float* ahead = m.Ahead;
        for (int pixel = 0; pixel < m.Pixels; pixel += 8)
        {
            float* a = m.A + (pixel * TInput.PixelStride);
            float* c = m.C + (pixel * 8);
            float* w = m.W;
            TVector c0a, c0b, c1a, c1b, c2a, c2b, c3a, c3b, c4a, c4b, c5a, c5b, c6a, c6b, c7a, c7b;
            if (m.Bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = TSimd.Load(m.Bias);
                c0b = c1b = c2b = c3b = c4b = c5b = c6b = c7b = TSimd.Load(m.Bias + TSimd.Lanes);
            }
            else
            {
                c0a = LoadC(c, m.COctet, 0, 0);
                c0b = LoadC(c, m.COctet, 0, 1);
                c1a = LoadC(c, m.COctet, 1, 0);
                c1b = LoadC(c, m.COctet, 1, 1);
                c2a = LoadC(c, m.COctet, 2, 0);
                c2b = LoadC(c, m.COctet, 2, 1);
                c3a = LoadC(c, m.COctet, 3, 0);
                c3b = LoadC(c, m.COctet, 3, 1);
                c4a = LoadC(c, m.COctet, 4, 0);
                c4b = LoadC(c, m.COctet, 4, 1);
                c5a = LoadC(c, m.COctet, 5, 0);
                c5b = LoadC(c, m.COctet, 5, 1);
                c6a = LoadC(c, m.COctet, 6, 0);
                c6b = LoadC(c, m.COctet, 6, 1);
                c7a = LoadC(c, m.COctet, 7, 0);
                c7b = LoadC(c, m.COctet, 7, 1);
            }

            for (int group = 0; group < m.Groups; group++)
            {
                for (int k = 0; k < TInput.Depth; k++)
                {
                    TSimd.Prefetch(ahead);
                    ahead += m.AheadStep;
                    TVector wa = TSimd.Load(w);
                    TVector wb = TSimd.Load(w + TSimd.Lanes);
                    TVector x = TSimd.Create(a[k]);
                    c0a = TSimd.MultiplyAdd(x, wa, c0a);
                    c0b = TSimd.MultiplyAdd(x, wb, c0b);
                    x = TSimd.Create(a[TInput.PixelStride + k]);
                    c1a = TSimd.MultiplyAdd(x, wa, c1a);
                    c1b = TSimd.MultiplyAdd(x, wb, c1b);
                    x = TSimd.Create(a[(2 * TInput.PixelStride) + k]);
                    c2a = TSimd.MultiplyAdd(x, wa, c2a);
                    c2b = TSimd.MultiplyAdd(x, wb, c2b);
                    x = TSimd.Create(a[(3 * TInput.PixelStride) + k]);
                    c3a = TSimd.MultiplyAdd(x, wa, c3a);
                    c3b = TSimd.MultiplyAdd(x, wb, c3b);
                    x = TSimd.Create(a[(4 * TInput.PixelStride) + k]);
                    c4a = TSimd.MultiplyAdd(x, wa, c4a);
                    c4b = TSimd.MultiplyAdd(x, wb, c4b);
                    x = TSimd.Create(a[(5 * TInput.PixelStride) + k]);
                    c5a = TSimd.MultiplyAdd(x, wa, c5a);
                    c5b = TSimd.MultiplyAdd(x, wb, c5b);
                    x = TSimd.Create(a[(6 * TInput.PixelStride) + k]);
                    c6a = TSimd.MultiplyAdd(x, wa, c6a);
                    c6b = TSimd.MultiplyAdd(x, wb, c6b);
                    x = TSimd.Create(a[(7 * TInput.PixelStride) + k]);
                    c7a = TSimd.MultiplyAdd(x, wa, c7a);
                    c7b = TSimd.MultiplyAdd(x, wb, c7b);
                    w += 2 * TSimd.Lanes;
                }

                a += m.AGroup;
            }

            StoreC(c0a, c, m.COctet, 0, 0);
            StoreC(c0b, c, m.COctet, 0, 1);
            StoreC(c1a, c, m.COctet, 1, 0);
            StoreC(c1b, c, m.COctet, 1, 1);
            StoreC(c2a, c, m.COctet, 2, 0);
            StoreC(c2b, c, m.COctet, 2, 1);
            StoreC(c3a, c, m.COctet, 3, 0);
            StoreC(c3b, c, m.COctet, 3, 1);
            StoreC(c4a, c, m.COctet, 4, 0);
            StoreC(c4b, c, m.COctet, 4, 1);
            StoreC(c5a, c, m.COctet, 5, 0);
            StoreC(c5b, c, m.COctet, 5, 1);
            StoreC(c6a, c, m.COctet, 6, 0);
            StoreC(c6b, c, m.COctet, 6, 1);
            StoreC(c7a, c, m.COctet, 7, 0);
            StoreC(c7b, c, m.COctet, 7, 1);
        }
    }

    /// <summary>16 pixels x 1 vector of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run16x1<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        float* ahead = m.Ahead;
        for (int pixel = 0; pixel < m.Pixels; pixel += 16)
        {
            float* a = m.A + (pixel * TInput.PixelStride);
            float* c = m.C + (pixel * 8);
            float* w = m.W;
            TVector c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a, c8a, c9a, c10a, c11a, c12a, c13a, c14a, c15a;
            if (m.Bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = c8a = c9a = c10a = c11a = c12a = c13a = c14a = c15a = TSimd.Load(m.Bias);
            }
            else
            {
                c0a = LoadC(c, m.COctet, 0, 0);
                c1a = LoadC(c, m.COctet, 1, 0);
                c2a = LoadC(c, m.COctet, 2, 0);
                c3a = LoadC(c, m.COctet, 3, 0);
                c4a = LoadC(c, m.COctet, 4, 0);
                c5a = LoadC(c, m.COctet, 5, 0);
                c6a = LoadC(c, m.COctet, 6, 0);
                c7a = LoadC(c, m.COctet, 7, 0);
                c8a = LoadC(c, m.COctet, 8, 0);
                c9a = LoadC(c, m.COctet, 9, 0);
                c10a = LoadC(c, m.COctet, 10, 0);
                c11a = LoadC(c, m.COctet, 11, 0);
                c12a = LoadC(c, m.COctet, 12, 0);
                c13a = LoadC(c, m.COctet, 13, 0);
                c14a = LoadC(c, m.COctet, 14, 0);
                c15a = LoadC(c, m.COctet, 15, 0);
            }

            for (int group = 0; group < m.Groups; group++)
            {
                for (int k = 0; k < TInput.Depth; k++)
                {
                    TSimd.Prefetch(ahead);
                    ahead += m.AheadStep;
                    TVector wa = TSimd.Load(w);
                    c0a = TSimd.MultiplyAdd(TSimd.Create(a[k]), wa, c0a);
                    c1a = TSimd.MultiplyAdd(TSimd.Create(a[TInput.PixelStride + k]), wa, c1a);
                    c2a = TSimd.MultiplyAdd(TSimd.Create(a[(2 * TInput.PixelStride) + k]), wa, c2a);
                    c3a = TSimd.MultiplyAdd(TSimd.Create(a[(3 * TInput.PixelStride) + k]), wa, c3a);
                    c4a = TSimd.MultiplyAdd(TSimd.Create(a[(4 * TInput.PixelStride) + k]), wa, c4a);
                    c5a = TSimd.MultiplyAdd(TSimd.Create(a[(5 * TInput.PixelStride) + k]), wa, c5a);
                    c6a = TSimd.MultiplyAdd(TSimd.Create(a[(6 * TInput.PixelStride) + k]), wa, c6a);
                    c7a = TSimd.MultiplyAdd(TSimd.Create(a[(7 * TInput.PixelStride) + k]), wa, c7a);
                    c8a = TSimd.MultiplyAdd(TSimd.Create(a[(8 * TInput.PixelStride) + k]), wa, c8a);
                    c9a = TSimd.MultiplyAdd(TSimd.Create(a[(9 * TInput.PixelStride) + k]), wa, c9a);
                    c10a = TSimd.MultiplyAdd(TSimd.Create(a[(10 * TInput.PixelStride) + k]), wa, c10a);
                    c11a = TSimd.MultiplyAdd(TSimd.Create(a[(11 * TInput.PixelStride) + k]), wa, c11a);
                    c12a = TSimd.MultiplyAdd(TSimd.Create(a[(12 * TInput.PixelStride) + k]), wa, c12a);
                    c13a = TSimd.MultiplyAdd(TSimd.Create(a[(13 * TInput.PixelStride) + k]), wa, c13a);
                    c14a = TSimd.MultiplyAdd(TSimd.Create(a[(14 * TInput.PixelStride) + k]), wa, c14a);
                    c15a = TSimd.MultiplyAdd(TSimd.Create(a[(15 * TInput.PixelStride) + k]), wa, c15a);
                    w += TSimd.Lanes;
                }

                a += m.AGroup;
            }

            StoreC(c0a, c, m.COctet, 0, 0);
            StoreC(c1a, c, m.COctet, 1, 0);
            StoreC(c2a, c, m.COctet, 2, 0);
            StoreC(c3a, c, m.COctet, 3, 0);
            StoreC(c4a, c, m.COctet, 4, 0);
            StoreC(c5a, c, m.COctet, 5, 0);
            StoreC(c6a, c, m.COctet, 6, 0);
            StoreC(c7a, c, m.COctet, 7, 0);
            StoreC(c8a, c, m.COctet, 8, 0);
            StoreC(c9a, c, m.COctet, 9, 0);
            StoreC(c10a, c, m.COctet, 10, 0);
            StoreC(c11a, c, m.COctet, 11, 0);
            StoreC(c12a, c, m.COctet, 12, 0);
            StoreC(c13a, c, m.COctet, 13, 0);
            StoreC(c14a, c, m.COctet, 14, 0);
            StoreC(c15a, c, m.COctet, 15, 0);
        }
    }

    /// <summary>6 pixels x 2 vectors of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run6x2<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        float* ahead = m.Ahead;
        for (int pixel = 0; pixel < m.Pixels; pixel += 6)
        {
            float* a = m.A + (pixel * TInput.PixelStride);
            float* c = m.C + (pixel * 8);
            float* w = m.W;
            TVector c0a, c0b, c1a, c1b, c2a, c2b, c3a, c3b, c4a, c4b, c5a, c5b;
            if (m.Bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = TSimd.Load(m.Bias);
                c0b = c1b = c2b = c3b = c4b = c5b = TSimd.Load(m.Bias + TSimd.Lanes);
            }
            else
            {
                c0a = LoadC(c, m.COctet, 0, 0);
                c0b = LoadC(c, m.COctet, 0, 1);
                c1a = LoadC(c, m.COctet, 1, 0);
                c1b = LoadC(c, m.COctet, 1, 1);
                c2a = LoadC(c, m.COctet, 2, 0);
                c2b = LoadC(c, m.COctet, 2, 1);
                c3a = LoadC(c, m.COctet, 3, 0);
                c3b = LoadC(c, m.COctet, 3, 1);
                c4a = LoadC(c, m.COctet, 4, 0);
                c4b = LoadC(c, m.COctet, 4, 1);
                c5a = LoadC(c, m.COctet, 5, 0);
                c5b = LoadC(c, m.COctet, 5, 1);
            }

            for (int group = 0; group < m.Groups; group++)
            {
                for (int k = 0; k < TInput.Depth; k++)
                {
                    TSimd.Prefetch(ahead);
                    ahead += m.AheadStep;
                    TVector wa = TSimd.Load(w);
                    TVector wb = TSimd.Load(w + TSimd.Lanes);
                    TVector x = TSimd.Create(a[k]);
                    c0a = TSimd.MultiplyAdd(x, wa, c0a);
                    c0b = TSimd.MultiplyAdd(x, wb, c0b);
                    x = TSimd.Create(a[TInput.PixelStride + k]);
                    c1a = TSimd.MultiplyAdd(x, wa, c1a);
                    c1b = TSimd.MultiplyAdd(x, wb, c1b);
                    x = TSimd.Create(a[(2 * TInput.PixelStride) + k]);
                    c2a = TSimd.MultiplyAdd(x, wa, c2a);
                    c2b = TSimd.MultiplyAdd(x, wb, c2b);
                    x = TSimd.Create(a[(3 * TInput.PixelStride) + k]);
                    c3a = TSimd.MultiplyAdd(x, wa, c3a);
                    c3b = TSimd.MultiplyAdd(x, wb, c3b);
                    x = TSimd.Create(a[(4 * TInput.PixelStride) + k]);
                    c4a = TSimd.MultiplyAdd(x, wa, c4a);
                    c4b = TSimd.MultiplyAdd(x, wb, c4b);
                    x = TSimd.Create(a[(5 * TInput.PixelStride) + k]);
                    c5a = TSimd.MultiplyAdd(x, wa, c5a);
                    c5b = TSimd.MultiplyAdd(x, wb, c5b);
                    w += 2 * TSimd.Lanes;
                }

                a += m.AGroup;
            }

            StoreC(c0a, c, m.COctet, 0, 0);
            StoreC(c0b, c, m.COctet, 0, 1);
            StoreC(c1a, c, m.COctet, 1, 0);
            StoreC(c1b, c, m.COctet, 1, 1);
            StoreC(c2a, c, m.COctet, 2, 0);
            StoreC(c2b, c, m.COctet, 2, 1);
            StoreC(c3a, c, m.COctet, 3, 0);
            StoreC(c3b, c, m.COctet, 3, 1);
            StoreC(c4a, c, m.COctet, 4, 0);
            StoreC(c4b, c, m.COctet, 4, 1);
            StoreC(c5a, c, m.COctet, 5, 0);
            StoreC(c5b, c, m.COctet, 5, 1);
        }
    }

    /// <summary>12 pixels x 1 vector of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run12x1<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        float* ahead = m.Ahead;
        for (int pixel = 0; pixel < m.Pixels; pixel += 12)
        {
            float* a = m.A + (pixel * TInput.PixelStride);
            float* c = m.C + (pixel * 8);
            float* w = m.W;
            TVector c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a, c8a, c9a, c10a, c11a;
            if (m.Bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = c8a = c9a = c10a = c11a = TSimd.Load(m.Bias);
            }
            else
            {
                c0a = LoadC(c, m.COctet, 0, 0);
                c1a = LoadC(c, m.COctet, 1, 0);
                c2a = LoadC(c, m.COctet, 2, 0);
                c3a = LoadC(c, m.COctet, 3, 0);
                c4a = LoadC(c, m.COctet, 4, 0);
                c5a = LoadC(c, m.COctet, 5, 0);
                c6a = LoadC(c, m.COctet, 6, 0);
                c7a = LoadC(c, m.COctet, 7, 0);
                c8a = LoadC(c, m.COctet, 8, 0);
                c9a = LoadC(c, m.COctet, 9, 0);
                c10a = LoadC(c, m.COctet, 10, 0);
                c11a = LoadC(c, m.COctet, 11, 0);
            }

            for (int group = 0; group < m.Groups; group++)
            {
                for (int k = 0; k < TInput.Depth; k++)
                {
                    TSimd.Prefetch(ahead);
                    ahead += m.AheadStep;
                    TVector wa = TSimd.Load(w);
                    c0a = TSimd.MultiplyAdd(TSimd.Create(a[k]), wa, c0a);
                    c1a = TSimd.MultiplyAdd(TSimd.Create(a[TInput.PixelStride + k]), wa, c1a);
                    c2a = TSimd.MultiplyAdd(TSimd.Create(a[(2 * TInput.PixelStride) + k]), wa, c2a);
                    c3a = TSimd.MultiplyAdd(TSimd.Create(a[(3 * TInput.PixelStride) + k]), wa, c3a);
                    c4a = TSimd.MultiplyAdd(TSimd.Create(a[(4 * TInput.PixelStride) + k]), wa, c4a);
                    c5a = TSimd.MultiplyAdd(TSimd.Create(a[(5 * TInput.PixelStride) + k]), wa, c5a);
                    c6a = TSimd.MultiplyAdd(TSimd.Create(a[(6 * TInput.PixelStride) + k]), wa, c6a);
                    c7a = TSimd.MultiplyAdd(TSimd.Create(a[(7 * TInput.PixelStride) + k]), wa, c7a);
                    c8a = TSimd.MultiplyAdd(TSimd.Create(a[(8 * TInput.PixelStride) + k]), wa, c8a);
                    c9a = TSimd.MultiplyAdd(TSimd.Create(a[(9 * TInput.PixelStride) + k]), wa, c9a);
                    c10a = TSimd.MultiplyAdd(TSimd.Create(a[(10 * TInput.PixelStride) + k]), wa, c10a);
                    c11a = TSimd.MultiplyAdd(TSimd.Create(a[(11 * TInput.PixelStride) + k]), wa, c11a);
                    w += TSimd.Lanes;
                }

                a += m.AGroup;
            }

            StoreC(c0a, c, m.COctet, 0, 0);
            StoreC(c1a, c, m.COctet, 1, 0);
            StoreC(c2a, c, m.COctet, 2, 0);
            StoreC(c3a, c, m.COctet, 3, 0);
            StoreC(c4a, c, m.COctet, 4, 0);
            StoreC(c5a, c, m.COctet, 5, 0);
            StoreC(c6a, c, m.COctet, 6, 0);
            StoreC(c7a, c, m.COctet, 7, 0);
            StoreC(c8a, c, m.COctet, 8, 0);
            StoreC(c9a, c, m.COctet, 9, 0);
            StoreC(c10a, c, m.COctet, 10, 0);
            StoreC(c11a, c, m.COctet, 11, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LoadC(float* c, nint octet, int pixel, int vector)
    {
        float* first = c + (pixel * 8) + (vector * TSimd.Lanes / 8 * octet) + (vector * TSimd.Lanes % 8);
        return TSimd.LoadPair(first, first + octet);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreC(TVector value, float* c, nint octet, int pixel, int vector)
    {
        float* first = c + (pixel * 8) + (vector * TSimd.Lanes / 8 * octet) + (vector * TSimd.Lanes % 8);
        TSimd.StorePair(value, first, first + octet);
    }
}
