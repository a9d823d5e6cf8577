using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning;

/// <summary>
/// The micro-kernels of weight gradients: sums over pixels of the outer products of an octet with four others, which are four octets of
/// the same pixel, or one octet of four pixels side by side.
/// </summary>
internal static unsafe class OuterKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The floats of one sum: 8 x 4 octets.</summary>
    public const int Size = 256;

    /// <summary>sums[k][j][l] += the sum over pixels of b[k] p_j[l].</summary>
    /// <param name="b">The first pixel's octet.</param>
    /// <param name="bRow">Floats from its row to the next.</param>
    /// <param name="p0">The first pixel's first octet to multiply with, then the others.</param>
    /// <param name="p1">The second.</param>
    /// <param name="p2">The third.</param>
    /// <param name="p3">The fourth.</param>
    /// <param name="pRow">Floats from their rows to the next.</param>
    /// <param name="rows">Rows of pixels.</param>
    /// <param name="columns">Pixels in a row.</param>
    /// <param name="sums">8 x 4 x 8 values.</param>
    public static void Add(float* b, nint bRow, float* p0, float* p1, float* p2, float* p3, nint pRow, int rows, int columns, float* sums)
    {
        if (TSimd.Lanes == 16)
        {
            Run8x2(b, bRow, p0, p1, p2, p3, pRow, rows, columns, sums);
            return;
        }

        for (int lane = 0; lane < 8; lane += TSimd.Lanes)
        {
            Run8x1(b, bRow, p0 + lane, pRow, rows, columns, sums + lane);
            Run8x1(b, bRow, p1 + lane, pRow, rows, columns, sums + 8 + lane);
            Run8x1(b, bRow, p2 + lane, pRow, rows, columns, sums + 16 + lane);
            Run8x1(b, bRow, p3 + lane, pRow, rows, columns, sums + 24 + lane);
        }
    }

    /// <summary>The same for a row of pixels and octets that lie one after the other; where there are fewer than four, the rest of the sums is of no use.</summary>
    /// <param name="b">The first pixel's octet.</param>
    /// <param name="p">The first pixel's first octet to multiply with.</param>
    /// <param name="octet">Floats to the next.</param>
    /// <param name="octets">The octets that there are.</param>
    /// <param name="pixels">Pixels.</param>
    /// <param name="sums">8 x 4 x 8 values.</param>
    public static void AddOctets(float* b, float* p, nint octet, int octets, int pixels, float* sums) => Add(
        b, 0, p, octets > 1 ? p + octet : p, octets > 2 ? p + (2 * octet) : p, octets > 3 ? p + (3 * octet) : p, 0, 1, pixels, sums);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run8x2(float* b, nint bRow, float* p0, float* p1, float* p2, float* p3, nint pRow, int rows, int columns, float* sums)
    {
        TVector s0a = TSimd.Load(sums + 0), s0b = TSimd.Load(sums + 16);
        TVector s1a = TSimd.Load(sums + 32), s1b = TSimd.Load(sums + 48);
        TVector s2a = TSimd.Load(sums + 64), s2b = TSimd.Load(sums + 80);
        TVector s3a = TSimd.Load(sums + 96), s3b = TSimd.Load(sums + 112);
        TVector s4a = TSimd.Load(sums + 128), s4b = TSimd.Load(sums + 144);
        TVector s5a = TSimd.Load(sums + 160), s5b = TSimd.Load(sums + 176);
        TVector s6a = TSimd.Load(sums + 192), s6b = TSimd.Load(sums + 208);
        TVector s7a = TSimd.Load(sums + 224), s7b = TSimd.Load(sums + 240);
        for (int y = 0; y < rows; y++)
        {
            for (nint i = 0; i < columns * 8; i += 8)
            {
                TVector va = TSimd.LoadPair(p0 + i, p1 + i);
                TVector vb = TSimd.LoadPair(p2 + i, p3 + i);
                TVector x = TSimd.Create(b[i + 0]);
                s0a = TSimd.MultiplyAdd(x, va, s0a);
                s0b = TSimd.MultiplyAdd(x, vb, s0b);
                x = TSimd.Create(b[i + 1]);
                s1a = TSimd.MultiplyAdd(x, va, s1a);
                s1b = TSimd.MultiplyAdd(x, vb, s1b);
                x = TSimd.Create(b[i + 2]);
                s2a = TSimd.MultiplyAdd(x, va, s2a);
                s2b = TSimd.MultiplyAdd(x, vb, s2b);
                x = TSimd.Create(b[i + 3]);
                s3a = TSimd.MultiplyAdd(x, va, s3a);
                s3b = TSimd.MultiplyAdd(x, vb, s3b);
                x = TSimd.Create(b[i + 4]);
                s4a = TSimd.MultiplyAdd(x, va, s4a);
                s4b = TSimd.MultiplyAdd(x, vb, s4b);
                x = TSimd.Create(b[i + 5]);
                s5a = TSimd.MultiplyAdd(x, va, s5a);
                s5b = TSimd.MultiplyAdd(x, vb, s5b);
                x = TSimd.Create(b[i + 6]);
                s6a = TSimd.MultiplyAdd(x, va, s6a);
                s6b = TSimd.MultiplyAdd(x, vb, s6b);
                x = TSimd.Create(b[i + 7]);
                s7a = TSimd.MultiplyAdd(x, va, s7a);
                s7b = TSimd.MultiplyAdd(x, vb, s7b);
            }

            b += bRow;
            p0 += pRow;
            p1 += pRow;
            p2 += pRow;
            p3 += pRow;
        }

        TSimd.Store(s0a, sums + 0);
        TSimd.Store(s0b, sums + 16);
        TSimd.Store(s1a, sums + 32);
        TSimd.Store(s1b, sums + 48);
        TSimd.Store(s2a, sums + 64);
        TSimd.Store(s2b, sums + 80);
        TSimd.Store(s3a, sums + 96);
        TSimd.Store(s3b, sums + 112);
        TSimd.Store(s4a, sums + 128);
        TSimd.Store(s4b, sums + 144);
        TSimd.Store(s5a, sums + 160);
        TSimd.Store(s5b, sums + 176);
        TSimd.Store(s6a, sums + 192);
        TSimd.Store(s6b, sums + 208);
        TSimd.Store(s7a, sums + 224);
        TSimd.Store(s7b, sums + 240);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run8x1(float* b, nint bRow, float* p, nint pRow, int rows, int columns, float* sums)
    {
        TVector s0 = TSimd.Load(sums + 0);
        TVector s1 = TSimd.Load(sums + 32);
        TVector s2 = TSimd.Load(sums + 64);
        TVector s3 = TSimd.Load(sums + 96);
        TVector s4 = TSimd.Load(sums + 128);
        TVector s5 = TSimd.Load(sums + 160);
        TVector s6 = TSimd.Load(sums + 192);
        TVector s7 = TSimd.Load(sums + 224);
        for (int y = 0; y < rows; y++)
        {
            for (nint i = 0; i < columns * 8; i += 8)
            {
                TVector v = TSimd.Load(p + i);
                s0 = TSimd.MultiplyAdd(TSimd.Create(b[i + 0]), v, s0);
                s1 = TSimd.MultiplyAdd(TSimd.Create(b[i + 1]), v, s1);
                s2 = TSimd.MultiplyAdd(TSimd.Create(b[i + 2]), v, s2);
                s3 = TSimd.MultiplyAdd(TSimd.Create(b[i + 3]), v, s3);
                s4 = TSimd.MultiplyAdd(TSimd.Create(b[i + 4]), v, s4);
                s5 = TSimd.MultiplyAdd(TSimd.Create(b[i + 5]), v, s5);
                s6 = TSimd.MultiplyAdd(TSimd.Create(b[i + 6]), v, s6);
                s7 = TSimd.MultiplyAdd(TSimd.Create(b[i + 7]), v, s7);
            }

            b += bRow;
            p += pRow;
        }

        TSimd.Store(s0, sums + 0);
        TSimd.Store(s1, sums + 32);
        TSimd.Store(s2, sums + 64);
        TSimd.Store(s3, sums + 96);
        TSimd.Store(s4, sums + 128);
        TSimd.Store(s5, sums + 160);
        TSimd.Store(s6, sums + 192);
        TSimd.Store(s7, sums + 224);
    }
}
