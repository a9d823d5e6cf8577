using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The micro-kernels of products and of convolutions: the sums of a few pixels stay in registers while the segments of inputs go by, one
/// input of one pixel at a time multiplied with all outputs of the panel.
/// </summary>
internal static unsafe class ProductKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>8 pixels x 2 vectors at a time: sixteen sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run8x2(in ProductOperands m)
    {
        for (int pixel = 0; pixel < m.Pixels; pixel += 8)
        {
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
                c0a = Load(c, m.COctet, 0, 0);
                c0b = Load(c, m.COctet, 0, 1);
                c1a = Load(c, m.COctet, 1, 0);
                c1b = Load(c, m.COctet, 1, 1);
                c2a = Load(c, m.COctet, 2, 0);
                c2b = Load(c, m.COctet, 2, 1);
                c3a = Load(c, m.COctet, 3, 0);
                c3b = Load(c, m.COctet, 3, 1);
                c4a = Load(c, m.COctet, 4, 0);
                c4b = Load(c, m.COctet, 4, 1);
                c5a = Load(c, m.COctet, 5, 0);
                c5b = Load(c, m.COctet, 5, 1);
                c6a = Load(c, m.COctet, 6, 0);
                c6b = Load(c, m.COctet, 6, 1);
                c7a = Load(c, m.COctet, 7, 0);
                c7b = Load(c, m.COctet, 7, 1);
            }

            for (int segment = 0; segment < m.Segments; segment++)
            {
                float* a = m.A + m.Offsets[segment] + (pixel * 8);
                for (int k = 0; k < 8; k++)
                {
                    TVector wa = TSimd.Load(w);
                    TVector wb = TSimd.Load(w + TSimd.Lanes);
                    TVector x = TSimd.Create(a[0 + k]);
                    c0a = TSimd.MultiplyAdd(x, wa, c0a);
                    c0b = TSimd.MultiplyAdd(x, wb, c0b);
                    x = TSimd.Create(a[8 + k]);
                    c1a = TSimd.MultiplyAdd(x, wa, c1a);
                    c1b = TSimd.MultiplyAdd(x, wb, c1b);
                    x = TSimd.Create(a[16 + k]);
                    c2a = TSimd.MultiplyAdd(x, wa, c2a);
                    c2b = TSimd.MultiplyAdd(x, wb, c2b);
                    x = TSimd.Create(a[24 + k]);
                    c3a = TSimd.MultiplyAdd(x, wa, c3a);
                    c3b = TSimd.MultiplyAdd(x, wb, c3b);
                    x = TSimd.Create(a[32 + k]);
                    c4a = TSimd.MultiplyAdd(x, wa, c4a);
                    c4b = TSimd.MultiplyAdd(x, wb, c4b);
                    x = TSimd.Create(a[40 + k]);
                    c5a = TSimd.MultiplyAdd(x, wa, c5a);
                    c5b = TSimd.MultiplyAdd(x, wb, c5b);
                    x = TSimd.Create(a[48 + k]);
                    c6a = TSimd.MultiplyAdd(x, wa, c6a);
                    c6b = TSimd.MultiplyAdd(x, wb, c6b);
                    x = TSimd.Create(a[56 + k]);
                    c7a = TSimd.MultiplyAdd(x, wa, c7a);
                    c7b = TSimd.MultiplyAdd(x, wb, c7b);
                    w += 2 * TSimd.Lanes;
                }
            }

            Store(c0a, c, m.COctet, 0, 0);
            Store(c0b, c, m.COctet, 0, 1);
            Store(c1a, c, m.COctet, 1, 0);
            Store(c1b, c, m.COctet, 1, 1);
            Store(c2a, c, m.COctet, 2, 0);
            Store(c2b, c, m.COctet, 2, 1);
            Store(c3a, c, m.COctet, 3, 0);
            Store(c3b, c, m.COctet, 3, 1);
            Store(c4a, c, m.COctet, 4, 0);
            Store(c4b, c, m.COctet, 4, 1);
            Store(c5a, c, m.COctet, 5, 0);
            Store(c5b, c, m.COctet, 5, 1);
            Store(c6a, c, m.COctet, 6, 0);
            Store(c6b, c, m.COctet, 6, 1);
            Store(c7a, c, m.COctet, 7, 0);
            Store(c7b, c, m.COctet, 7, 1);
        }
    }

    /// <summary>16 pixels x 1 vector at a time: sixteen sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run16x1(in ProductOperands m)
    {
        for (int pixel = 0; pixel < m.Pixels; pixel += 16)
        {
            float* c = m.C + (pixel * 8);
            float* w = m.W;
            TVector c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a, c8a, c9a, c10a, c11a, c12a, c13a, c14a, c15a;
            if (m.Bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = c8a = c9a = c10a = c11a = c12a = c13a = c14a = c15a = TSimd.Load(m.Bias);
            }
            else
            {
                c0a = Load(c, m.COctet, 0, 0);
                c1a = Load(c, m.COctet, 1, 0);
                c2a = Load(c, m.COctet, 2, 0);
                c3a = Load(c, m.COctet, 3, 0);
                c4a = Load(c, m.COctet, 4, 0);
                c5a = Load(c, m.COctet, 5, 0);
                c6a = Load(c, m.COctet, 6, 0);
                c7a = Load(c, m.COctet, 7, 0);
                c8a = Load(c, m.COctet, 8, 0);
                c9a = Load(c, m.COctet, 9, 0);
                c10a = Load(c, m.COctet, 10, 0);
                c11a = Load(c, m.COctet, 11, 0);
                c12a = Load(c, m.COctet, 12, 0);
                c13a = Load(c, m.COctet, 13, 0);
                c14a = Load(c, m.COctet, 14, 0);
                c15a = Load(c, m.COctet, 15, 0);
            }

            for (int segment = 0; segment < m.Segments; segment++)
            {
                float* a = m.A + m.Offsets[segment] + (pixel * 8);
                for (int k = 0; k < 8; k++)
                {
                    TVector wa = TSimd.Load(w);
                    c0a = TSimd.MultiplyAdd(TSimd.Create(a[0 + k]), wa, c0a);
                    c1a = TSimd.MultiplyAdd(TSimd.Create(a[8 + k]), wa, c1a);
                    c2a = TSimd.MultiplyAdd(TSimd.Create(a[16 + k]), wa, c2a);
                    c3a = TSimd.MultiplyAdd(TSimd.Create(a[24 + k]), wa, c3a);
                    c4a = TSimd.MultiplyAdd(TSimd.Create(a[32 + k]), wa, c4a);
                    c5a = TSimd.MultiplyAdd(TSimd.Create(a[40 + k]), wa, c5a);
                    c6a = TSimd.MultiplyAdd(TSimd.Create(a[48 + k]), wa, c6a);
                    c7a = TSimd.MultiplyAdd(TSimd.Create(a[56 + k]), wa, c7a);
                    c8a = TSimd.MultiplyAdd(TSimd.Create(a[64 + k]), wa, c8a);
                    c9a = TSimd.MultiplyAdd(TSimd.Create(a[72 + k]), wa, c9a);
                    c10a = TSimd.MultiplyAdd(TSimd.Create(a[80 + k]), wa, c10a);
                    c11a = TSimd.MultiplyAdd(TSimd.Create(a[88 + k]), wa, c11a);
                    c12a = TSimd.MultiplyAdd(TSimd.Create(a[96 + k]), wa, c12a);
                    c13a = TSimd.MultiplyAdd(TSimd.Create(a[104 + k]), wa, c13a);
                    c14a = TSimd.MultiplyAdd(TSimd.Create(a[112 + k]), wa, c14a);
                    c15a = TSimd.MultiplyAdd(TSimd.Create(a[120 + k]), wa, c15a);
                    w += TSimd.Lanes;
                }
            }

            Store(c0a, c, m.COctet, 0, 0);
            Store(c1a, c, m.COctet, 1, 0);
            Store(c2a, c, m.COctet, 2, 0);
            Store(c3a, c, m.COctet, 3, 0);
            Store(c4a, c, m.COctet, 4, 0);
            Store(c5a, c, m.COctet, 5, 0);
            Store(c6a, c, m.COctet, 6, 0);
            Store(c7a, c, m.COctet, 7, 0);
            Store(c8a, c, m.COctet, 8, 0);
            Store(c9a, c, m.COctet, 9, 0);
            Store(c10a, c, m.COctet, 10, 0);
            Store(c11a, c, m.COctet, 11, 0);
            Store(c12a, c, m.COctet, 12, 0);
            Store(c13a, c, m.COctet, 13, 0);
            Store(c14a, c, m.COctet, 14, 0);
            Store(c15a, c, m.COctet, 15, 0);
        }
    }

    /// <summary>8 pixels x 1 vector at a time, where there are sixteen registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run8x1(in ProductOperands m)
    {
        for (int pixel = 0; pixel < m.Pixels; pixel += 8)
        {
            float* c = m.C + (pixel * 8);
            float* w = m.W;
            TVector c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a;
            if (m.Bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = TSimd.Load(m.Bias);
            }
            else
            {
                c0a = Load(c, m.COctet, 0, 0);
                c1a = Load(c, m.COctet, 1, 0);
                c2a = Load(c, m.COctet, 2, 0);
                c3a = Load(c, m.COctet, 3, 0);
                c4a = Load(c, m.COctet, 4, 0);
                c5a = Load(c, m.COctet, 5, 0);
                c6a = Load(c, m.COctet, 6, 0);
                c7a = Load(c, m.COctet, 7, 0);
            }

            for (int segment = 0; segment < m.Segments; segment++)
            {
                float* a = m.A + m.Offsets[segment] + (pixel * 8);
                for (int k = 0; k < 8; k++)
                {
                    TVector wa = TSimd.Load(w);
                    c0a = TSimd.MultiplyAdd(TSimd.Create(a[0 + k]), wa, c0a);
                    c1a = TSimd.MultiplyAdd(TSimd.Create(a[8 + k]), wa, c1a);
                    c2a = TSimd.MultiplyAdd(TSimd.Create(a[16 + k]), wa, c2a);
                    c3a = TSimd.MultiplyAdd(TSimd.Create(a[24 + k]), wa, c3a);
                    c4a = TSimd.MultiplyAdd(TSimd.Create(a[32 + k]), wa, c4a);
                    c5a = TSimd.MultiplyAdd(TSimd.Create(a[40 + k]), wa, c5a);
                    c6a = TSimd.MultiplyAdd(TSimd.Create(a[48 + k]), wa, c6a);
                    c7a = TSimd.MultiplyAdd(TSimd.Create(a[56 + k]), wa, c7a);
                    w += TSimd.Lanes;
                }
            }

            Store(c0a, c, m.COctet, 0, 0);
            Store(c1a, c, m.COctet, 1, 0);
            Store(c2a, c, m.COctet, 2, 0);
            Store(c3a, c, m.COctet, 3, 0);
            Store(c4a, c, m.COctet, 4, 0);
            Store(c5a, c, m.COctet, 5, 0);
            Store(c6a, c, m.COctet, 6, 0);
            Store(c7a, c, m.COctet, 7, 0);
        }
    }

    // A vector of sixteen lanes holds two octets of outputs, one of eight an octet, one of four half an octet.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(float* c, nint octet, int pixel, int vector) => TSimd.Lanes == 16
        ? TSimd.LoadPair(c + (pixel * 8) + (2 * vector * octet), c + (pixel * 8) + (((2 * vector) + 1) * octet))
        : TSimd.Load(c + (pixel * 8) + (vector * TSimd.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector value, float* c, nint octet, int pixel, int vector)
    {
        if (TSimd.Lanes == 16)
        {
            TSimd.StorePair(value, c + (pixel * 8) + (2 * vector * octet), c + (pixel * 8) + (((2 * vector) + 1) * octet));
        }
        else
        {
            TSimd.Store(value, c + (pixel * 8) + (vector * TSimd.Lanes));
        }
    }
}
