using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The micro-kernels of the weight gradients of 3x3 convolutions: sums over pixels of the outer products of an octet with the three taps,
/// pixels side by side, of one or two others.
/// </summary>
internal static unsafe class TapKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The floats of the sums of an octet with the three taps of two others.</summary>
    public const int TapsSize = 384;

    /// <summary>
    /// sums[k][...] += the sum over pixels of b[k] and, of each of the two octets, three pixels side by side: the first two of the one,
    /// then of the other, then the third of both.
    /// </summary>
    /// <param name="b">The first pixel's octet.</param>
    /// <param name="bRow">Floats from its row to the next.</param>
    /// <param name="p">The first of the three pixels, of the first octet.</param>
    /// <param name="q">The same of the second octet; null where there is none.</param>
    /// <param name="pRow">Floats from their rows to the next.</param>
    /// <param name="rows">Rows of pixels.</param>
    /// <param name="columns">Pixels in a row.</param>
    /// <param name="sums">8 x 6 x 8 values; see <see cref="TapPlace"/>.</param>
    public static void AddTaps(float* b, nint bRow, float* p, float* q, nint pRow, int rows, int columns, float* sums)
    {
        if (TSimd.Lanes == 16)
        {
            if (q != null)
            {
                Run8x3(b, bRow, p, q, pRow, rows, columns, sums);
            }
            else
            {
                Run8x2(b, bRow, p, pRow, rows, columns, sums);
            }

            return;
        }

        for (int i = 0; i < (q == null ? 3 : 6); i++)
        {
            float* source = i < 3 ? p : q;
            for (int lane = 0; lane < 8; lane += TSimd.Lanes)
            {
                OuterKernels<TSimd, TVector>.Run8x1(
                    b, bRow, source + (i % 3 * 8) + lane, pRow, rows, columns, sums + TapPlace(i / 3, i % 3) + lane, 48);
            }
        }
    }

    /// <summary>Where the sums of an octet, 0 or 1, and a tap, 0 to 2, begin among the 48 of each b.</summary>
    public static int TapPlace(int octet, int tap) => tap < 2 ? (octet * 16) + (tap * 8) : 32 + (octet * 8);

    // The three taps of one octet are two vectors, of which half of one is of no use.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run8x2(float* b, nint bRow, float* p, nint pRow, int rows, int columns, float* sums)
    {
        TVector s0a = TSimd.Load(sums + 0), s0b = TSimd.Load(sums + 32);
        TVector s1a = TSimd.Load(sums + 48), s1b = TSimd.Load(sums + 80);
        TVector s2a = TSimd.Load(sums + 96), s2b = TSimd.Load(sums + 128);
        TVector s3a = TSimd.Load(sums + 144), s3b = TSimd.Load(sums + 176);
        TVector s4a = TSimd.Load(sums + 192), s4b = TSimd.Load(sums + 224);
        TVector s5a = TSimd.Load(sums + 240), s5b = TSimd.Load(sums + 272);
        TVector s6a = TSimd.Load(sums + 288), s6b = TSimd.Load(sums + 320);
        TVector s7a = TSimd.Load(sums + 336), s7b = TSimd.Load(sums + 368);
        for (int y = 0; y < rows; y++)
        {
            float* y0 = b, p0 = p;
            for (int i = 0; i < columns; i++)
            {
                TVector va = TSimd.Load(p0);
                TVector vb = TSimd.Load(p0 + 16);
                TVector x = TSimd.Create(y0[0]);
                s0a = TSimd.MultiplyAdd(x, va, s0a);
                s0b = TSimd.MultiplyAdd(x, vb, s0b);
                x = TSimd.Create(y0[1]);
                s1a = TSimd.MultiplyAdd(x, va, s1a);
                s1b = TSimd.MultiplyAdd(x, vb, s1b);
                x = TSimd.Create(y0[2]);
                s2a = TSimd.MultiplyAdd(x, va, s2a);
                s2b = TSimd.MultiplyAdd(x, vb, s2b);
                x = TSimd.Create(y0[3]);
                s3a = TSimd.MultiplyAdd(x, va, s3a);
                s3b = TSimd.MultiplyAdd(x, vb, s3b);
                x = TSimd.Create(y0[4]);
                s4a = TSimd.MultiplyAdd(x, va, s4a);
                s4b = TSimd.MultiplyAdd(x, vb, s4b);
                x = TSimd.Create(y0[5]);
                s5a = TSimd.MultiplyAdd(x, va, s5a);
                s5b = TSimd.MultiplyAdd(x, vb, s5b);
                x = TSimd.Create(y0[6]);
                s6a = TSimd.MultiplyAdd(x, va, s6a);
                s6b = TSimd.MultiplyAdd(x, vb, s6b);
                x = TSimd.Create(y0[7]);
                s7a = TSimd.MultiplyAdd(x, va, s7a);
                s7b = TSimd.MultiplyAdd(x, vb, s7b);
                y0 += 8;
                p0 += 8;
            }

            b += bRow;
            p += pRow;
        }

        TSimd.Store(s0a, sums + 0);
        TSimd.Store(s0b, sums + 32);
        TSimd.Store(s1a, sums + 48);
        TSimd.Store(s1b, sums + 80);
        TSimd.Store(s2a, sums + 96);
        TSimd.Store(s2b, sums + 128);
        TSimd.Store(s3a, sums + 144);
        TSimd.Store(s3b, sums + 176);
        TSimd.Store(s4a, sums + 192);
        TSimd.Store(s4b, sums + 224);
        TSimd.Store(s5a, sums + 240);
        TSimd.Store(s5b, sums + 272);
        TSimd.Store(s6a, sums + 288);
        TSimd.Store(s6b, sums + 320);
        TSimd.Store(s7a, sums + 336);
        TSimd.Store(s7b, sums + 368);
    }

    // The three taps of two octets are three vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run8x3(float* b, nint bRow, float* p, float* q, nint pRow, int rows, int columns, float* sums)
    {
        TVector s0a = TSimd.Load(sums + 0), s0b = TSimd.Load(sums + 16), s0c = TSimd.Load(sums + 32);
        TVector s1a = TSimd.Load(sums + 48), s1b = TSimd.Load(sums + 64), s1c = TSimd.Load(sums + 80);
        TVector s2a = TSimd.Load(sums + 96), s2b = TSimd.Load(sums + 112), s2c = TSimd.Load(sums + 128);
        TVector s3a = TSimd.Load(sums + 144), s3b = TSimd.Load(sums + 160), s3c = TSimd.Load(sums + 176);
        TVector s4a = TSimd.Load(sums + 192), s4b = TSimd.Load(sums + 208), s4c = TSimd.Load(sums + 224);
        TVector s5a = TSimd.Load(sums + 240), s5b = TSimd.Load(sums + 256), s5c = TSimd.Load(sums + 272);
        TVector s6a = TSimd.Load(sums + 288), s6b = TSimd.Load(sums + 304), s6c = TSimd.Load(sums + 320);
        TVector s7a = TSimd.Load(sums + 336), s7b = TSimd.Load(sums + 352), s7c = TSimd.Load(sums + 368);
        for (int y = 0; y < rows; y++)
        {
            float* y0 = b, p0 = p, q0 = q;
            for (int i = 0; i < columns; i++)
            {
                TVector va = TSimd.Load(p0);
                TVector vb = TSimd.Load(q0);
                TVector vc = TSimd.LoadPair(p0 + 16, q0 + 16);
                TVector x = TSimd.Create(y0[0]);
                s0a = TSimd.MultiplyAdd(x, va, s0a);
                s0b = TSimd.MultiplyAdd(x, vb, s0b);
                s0c = TSimd.MultiplyAdd(x, vc, s0c);
                x = TSimd.Create(y0[1]);
                s1a = TSimd.MultiplyAdd(x, va, s1a);
                s1b = TSimd.MultiplyAdd(x, vb, s1b);
                s1c = TSimd.MultiplyAdd(x, vc, s1c);
                x = TSimd.Create(y0[2]);
                s2a = TSimd.MultiplyAdd(x, va, s2a);
                s2b = TSimd.MultiplyAdd(x, vb, s2b);
                s2c = TSimd.MultiplyAdd(x, vc, s2c);
                x = TSimd.Create(y0[3]);
                s3a = TSimd.MultiplyAdd(x, va, s3a);
                s3b = TSimd.MultiplyAdd(x, vb, s3b);
                s3c = TSimd.MultiplyAdd(x, vc, s3c);
                x = TSimd.Create(y0[4]);
                s4a = TSimd.MultiplyAdd(x, va, s4a);
                s4b = TSimd.MultiplyAdd(x, vb, s4b);
                s4c = TSimd.MultiplyAdd(x, vc, s4c);
                x = TSimd.Create(y0[5]);
                s5a = TSimd.MultiplyAdd(x, va, s5a);
                s5b = TSimd.MultiplyAdd(x, vb, s5b);
                s5c = TSimd.MultiplyAdd(x, vc, s5c);
                x = TSimd.Create(y0[6]);
                s6a = TSimd.MultiplyAdd(x, va, s6a);
                s6b = TSimd.MultiplyAdd(x, vb, s6b);
                s6c = TSimd.MultiplyAdd(x, vc, s6c);
                x = TSimd.Create(y0[7]);
                s7a = TSimd.MultiplyAdd(x, va, s7a);
                s7b = TSimd.MultiplyAdd(x, vb, s7b);
                s7c = TSimd.MultiplyAdd(x, vc, s7c);
                y0 += 8;
                p0 += 8;
                q0 += 8;
            }

            b += bRow;
            p += pRow;
            q += pRow;
        }

        TSimd.Store(s0a, sums + 0);
        TSimd.Store(s0b, sums + 16);
        TSimd.Store(s0c, sums + 32);
        TSimd.Store(s1a, sums + 48);
        TSimd.Store(s1b, sums + 64);
        TSimd.Store(s1c, sums + 80);
        TSimd.Store(s2a, sums + 96);
        TSimd.Store(s2b, sums + 112);
        TSimd.Store(s2c, sums + 128);
        TSimd.Store(s3a, sums + 144);
        TSimd.Store(s3b, sums + 160);
        TSimd.Store(s3c, sums + 176);
        TSimd.Store(s4a, sums + 192);
        TSimd.Store(s4b, sums + 208);
        TSimd.Store(s4c, sums + 224);
        TSimd.Store(s5a, sums + 240);
        TSimd.Store(s5b, sums + 256);
        TSimd.Store(s5c, sums + 272);
        TSimd.Store(s6a, sums + 288);
        TSimd.Store(s6b, sums + 304);
        TSimd.Store(s6c, sums + 320);
        TSimd.Store(s7a, sums + 336);
        TSimd.Store(s7b, sums + 352);
        TSimd.Store(s7c, sums + 368);
    }
}
