// Written by WeightGradientKernelsTemplate in the tests, which hold it to that.
using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The micro-kernels of weight gradients: sums over pixels of the outer products of a channel block b with one to three vectors of
/// the same pixel. The sums of each of the eight values stay in registers while the pixels go by.
/// </summary>
internal static unsafe class WeightGradientKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>One vector of each pixel; the sums of a value stand a stride apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows8x1(float* b, nint bRowStride, float* p, nint pRowStride, int rows, int columns, float* sums, int stride)
    {
        TVector s0 = TSimd.Load(sums + (0 * stride));
        TVector s1 = TSimd.Load(sums + (1 * stride));
        TVector s2 = TSimd.Load(sums + (2 * stride));
        TVector s3 = TSimd.Load(sums + (3 * stride));
        TVector s4 = TSimd.Load(sums + (4 * stride));
        TVector s5 = TSimd.Load(sums + (5 * stride));
        TVector s6 = TSimd.Load(sums + (6 * stride));
        TVector s7 = TSimd.Load(sums + (7 * stride));
        for (int y = 0; y < rows; y++)
        {
            float* x = b, p0 = p;
            for (int i = 0; i < columns; i++)
            {
                TVector v = TSimd.Load(p0);
                s0 = TSimd.MultiplyAdd(TSimd.Create(x[0]), v, s0);
                s1 = TSimd.MultiplyAdd(TSimd.Create(x[1]), v, s1);
                s2 = TSimd.MultiplyAdd(TSimd.Create(x[2]), v, s2);
                s3 = TSimd.MultiplyAdd(TSimd.Create(x[3]), v, s3);
                s4 = TSimd.MultiplyAdd(TSimd.Create(x[4]), v, s4);
                s5 = TSimd.MultiplyAdd(TSimd.Create(x[5]), v, s5);
                s6 = TSimd.MultiplyAdd(TSimd.Create(x[6]), v, s6);
                s7 = TSimd.MultiplyAdd(TSimd.Create(x[7]), v, s7);
                x += 8;
                p0 += 8;
            }

            b += bRowStride;
            p += pRowStride;
        }

        TSimd.Store(s0, sums + (0 * stride));
        TSimd.Store(s1, sums + (1 * stride));
        TSimd.Store(s2, sums + (2 * stride));
        TSimd.Store(s3, sums + (3 * stride));
        TSimd.Store(s4, sums + (4 * stride));
        TSimd.Store(s5, sums + (5 * stride));
        TSimd.Store(s6, sums + (6 * stride));
        TSimd.Store(s7, sums + (7 * stride));
    }

    /// <summary>Three columns of the kernel of one block: two vectors, of which half of one is of no use; 48 sums of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns8x2(float* b, nint bRowStride, float* p, nint pRowStride, int rows, int columns, float* sums)
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
            float* x = b, p0 = p;
            for (int i = 0; i < columns; i++)
            {
                TVector va = TSimd.Load(p0);
                TVector vb = TSimd.Load(p0 + 16);
                TVector f = TSimd.Create(x[0]);
                s0a = TSimd.MultiplyAdd(f, va, s0a);
                s0b = TSimd.MultiplyAdd(f, vb, s0b);
                f = TSimd.Create(x[1]);
                s1a = TSimd.MultiplyAdd(f, va, s1a);
                s1b = TSimd.MultiplyAdd(f, vb, s1b);
                f = TSimd.Create(x[2]);
                s2a = TSimd.MultiplyAdd(f, va, s2a);
                s2b = TSimd.MultiplyAdd(f, vb, s2b);
                f = TSimd.Create(x[3]);
                s3a = TSimd.MultiplyAdd(f, va, s3a);
                s3b = TSimd.MultiplyAdd(f, vb, s3b);
                f = TSimd.Create(x[4]);
                s4a = TSimd.MultiplyAdd(f, va, s4a);
                s4b = TSimd.MultiplyAdd(f, vb, s4b);
                f = TSimd.Create(x[5]);
                s5a = TSimd.MultiplyAdd(f, va, s5a);
                s5b = TSimd.MultiplyAdd(f, vb, s5b);
                f = TSimd.Create(x[6]);
                s6a = TSimd.MultiplyAdd(f, va, s6a);
                s6b = TSimd.MultiplyAdd(f, vb, s6b);
                f = TSimd.Create(x[7]);
                s7a = TSimd.MultiplyAdd(f, va, s7a);
                s7b = TSimd.MultiplyAdd(f, vb, s7b);
                x += 8;
                p0 += 8;
            }

            b += bRowStride;
            p += pRowStride;
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

    /// <summary>Three columns of the kernel of two blocks: three vectors; 48 sums of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns8x3(float* b, nint bRowStride, float* p, float* q, nint pRowStride, int rows, int columns, float* sums)
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
            float* x = b, p0 = p, q0 = q;
            for (int i = 0; i < columns; i++)
            {
                TVector va = TSimd.Load(p0);
                TVector vb = TSimd.Load(q0);
                TVector vc = TSimd.LoadPair(p0 + 16, q0 + 16);
                TVector f = TSimd.Create(x[0]);
                s0a = TSimd.MultiplyAdd(f, va, s0a);
                s0b = TSimd.MultiplyAdd(f, vb, s0b);
                s0c = TSimd.MultiplyAdd(f, vc, s0c);
                f = TSimd.Create(x[1]);
                s1a = TSimd.MultiplyAdd(f, va, s1a);
                s1b = TSimd.MultiplyAdd(f, vb, s1b);
                s1c = TSimd.MultiplyAdd(f, vc, s1c);
                f = TSimd.Create(x[2]);
                s2a = TSimd.MultiplyAdd(f, va, s2a);
                s2b = TSimd.MultiplyAdd(f, vb, s2b);
                s2c = TSimd.MultiplyAdd(f, vc, s2c);
                f = TSimd.Create(x[3]);
                s3a = TSimd.MultiplyAdd(f, va, s3a);
                s3b = TSimd.MultiplyAdd(f, vb, s3b);
                s3c = TSimd.MultiplyAdd(f, vc, s3c);
                f = TSimd.Create(x[4]);
                s4a = TSimd.MultiplyAdd(f, va, s4a);
                s4b = TSimd.MultiplyAdd(f, vb, s4b);
                s4c = TSimd.MultiplyAdd(f, vc, s4c);
                f = TSimd.Create(x[5]);
                s5a = TSimd.MultiplyAdd(f, va, s5a);
                s5b = TSimd.MultiplyAdd(f, vb, s5b);
                s5c = TSimd.MultiplyAdd(f, vc, s5c);
                f = TSimd.Create(x[6]);
                s6a = TSimd.MultiplyAdd(f, va, s6a);
                s6b = TSimd.MultiplyAdd(f, vb, s6b);
                s6c = TSimd.MultiplyAdd(f, vc, s6c);
                f = TSimd.Create(x[7]);
                s7a = TSimd.MultiplyAdd(f, va, s7a);
                s7b = TSimd.MultiplyAdd(f, vb, s7b);
                s7c = TSimd.MultiplyAdd(f, vc, s7c);
                x += 8;
                p0 += 8;
                q0 += 8;
            }

            b += bRowStride;
            p += pRowStride;
            q += pRowStride;
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

    /// <summary>Two blocks: one vector, of two pixels at a time, so that enough sums are under way; 32 sums of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blocks8x1(float* b, float* p0, float* p1, int columns, float* sums)
    {
        TVector zero = TSimd.Create(0);
        TVector s0 = TSimd.Load(sums + 0), t0 = zero;
        TVector s1 = TSimd.Load(sums + 32), t1 = zero;
        TVector s2 = TSimd.Load(sums + 64), t2 = zero;
        TVector s3 = TSimd.Load(sums + 96), t3 = zero;
        TVector s4 = TSimd.Load(sums + 128), t4 = zero;
        TVector s5 = TSimd.Load(sums + 160), t5 = zero;
        TVector s6 = TSimd.Load(sums + 192), t6 = zero;
        TVector s7 = TSimd.Load(sums + 224), t7 = zero;
        for (int i = columns / 2; i > 0; i--)
        {
            TVector v = TSimd.LoadPair(p0, p1);
            TVector w = TSimd.LoadPair(p0 + 8, p1 + 8);
            s0 = TSimd.MultiplyAdd(TSimd.Create(b[0]), v, s0);
            t0 = TSimd.MultiplyAdd(TSimd.Create(b[8]), w, t0);
            s1 = TSimd.MultiplyAdd(TSimd.Create(b[1]), v, s1);
            t1 = TSimd.MultiplyAdd(TSimd.Create(b[9]), w, t1);
            s2 = TSimd.MultiplyAdd(TSimd.Create(b[2]), v, s2);
            t2 = TSimd.MultiplyAdd(TSimd.Create(b[10]), w, t2);
            s3 = TSimd.MultiplyAdd(TSimd.Create(b[3]), v, s3);
            t3 = TSimd.MultiplyAdd(TSimd.Create(b[11]), w, t3);
            s4 = TSimd.MultiplyAdd(TSimd.Create(b[4]), v, s4);
            t4 = TSimd.MultiplyAdd(TSimd.Create(b[12]), w, t4);
            s5 = TSimd.MultiplyAdd(TSimd.Create(b[5]), v, s5);
            t5 = TSimd.MultiplyAdd(TSimd.Create(b[13]), w, t5);
            s6 = TSimd.MultiplyAdd(TSimd.Create(b[6]), v, s6);
            t6 = TSimd.MultiplyAdd(TSimd.Create(b[14]), w, t6);
            s7 = TSimd.MultiplyAdd(TSimd.Create(b[7]), v, s7);
            t7 = TSimd.MultiplyAdd(TSimd.Create(b[15]), w, t7);
            b += 16;
            p0 += 16;
            p1 += 16;
        }

        if (columns % 2 == 1)
        {
            TVector v = TSimd.LoadPair(p0, p1);
            s0 = TSimd.MultiplyAdd(TSimd.Create(b[0]), v, s0);
            s1 = TSimd.MultiplyAdd(TSimd.Create(b[1]), v, s1);
            s2 = TSimd.MultiplyAdd(TSimd.Create(b[2]), v, s2);
            s3 = TSimd.MultiplyAdd(TSimd.Create(b[3]), v, s3);
            s4 = TSimd.MultiplyAdd(TSimd.Create(b[4]), v, s4);
            s5 = TSimd.MultiplyAdd(TSimd.Create(b[5]), v, s5);
            s6 = TSimd.MultiplyAdd(TSimd.Create(b[6]), v, s6);
            s7 = TSimd.MultiplyAdd(TSimd.Create(b[7]), v, s7);
        }

        TSimd.Store(TSimd.Add(s0, t0), sums + 0);
        TSimd.Store(TSimd.Add(s1, t1), sums + 32);
        TSimd.Store(TSimd.Add(s2, t2), sums + 64);
        TSimd.Store(TSimd.Add(s3, t3), sums + 96);
        TSimd.Store(TSimd.Add(s4, t4), sums + 128);
        TSimd.Store(TSimd.Add(s5, t5), sums + 160);
        TSimd.Store(TSimd.Add(s6, t6), sums + 192);
        TSimd.Store(TSimd.Add(s7, t7), sums + 224);
    }

    /// <summary>Four blocks: two vectors; 32 sums of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blocks8x2(float* b, float* p0, float* p1, float* p2, float* p3, int columns, float* sums)
    {
        TVector s0a = TSimd.Load(sums + 0), s0b = TSimd.Load(sums + 16);
        TVector s1a = TSimd.Load(sums + 32), s1b = TSimd.Load(sums + 48);
        TVector s2a = TSimd.Load(sums + 64), s2b = TSimd.Load(sums + 80);
        TVector s3a = TSimd.Load(sums + 96), s3b = TSimd.Load(sums + 112);
        TVector s4a = TSimd.Load(sums + 128), s4b = TSimd.Load(sums + 144);
        TVector s5a = TSimd.Load(sums + 160), s5b = TSimd.Load(sums + 176);
        TVector s6a = TSimd.Load(sums + 192), s6b = TSimd.Load(sums + 208);
        TVector s7a = TSimd.Load(sums + 224), s7b = TSimd.Load(sums + 240);
        for (int i = 0; i < columns; i++)
        {
            TVector va = TSimd.LoadPair(p0, p1);
            TVector vb = TSimd.LoadPair(p2, p3);
            TVector f = TSimd.Create(b[0]);
            s0a = TSimd.MultiplyAdd(f, va, s0a);
            s0b = TSimd.MultiplyAdd(f, vb, s0b);
            f = TSimd.Create(b[1]);
            s1a = TSimd.MultiplyAdd(f, va, s1a);
            s1b = TSimd.MultiplyAdd(f, vb, s1b);
            f = TSimd.Create(b[2]);
            s2a = TSimd.MultiplyAdd(f, va, s2a);
            s2b = TSimd.MultiplyAdd(f, vb, s2b);
            f = TSimd.Create(b[3]);
            s3a = TSimd.MultiplyAdd(f, va, s3a);
            s3b = TSimd.MultiplyAdd(f, vb, s3b);
            f = TSimd.Create(b[4]);
            s4a = TSimd.MultiplyAdd(f, va, s4a);
            s4b = TSimd.MultiplyAdd(f, vb, s4b);
            f = TSimd.Create(b[5]);
            s5a = TSimd.MultiplyAdd(f, va, s5a);
            s5b = TSimd.MultiplyAdd(f, vb, s5b);
            f = TSimd.Create(b[6]);
            s6a = TSimd.MultiplyAdd(f, va, s6a);
            s6b = TSimd.MultiplyAdd(f, vb, s6b);
            f = TSimd.Create(b[7]);
            s7a = TSimd.MultiplyAdd(f, va, s7a);
            s7b = TSimd.MultiplyAdd(f, vb, s7b);
            b += 8;
            p0 += 8;
            p1 += 8;
            p2 += 8;
            p3 += 8;
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
}
