using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The micro-kernel for eight output channels in vectors of sixteen lanes: lanes 2n and 2n + 1 sum the products of output n with the even
/// and the odd inputs, and are added at the end. One broadcast of 64 bits brings two inputs.
/// </summary>
internal static unsafe class PairedKernel
{
    /// <summary>16 pixels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run16<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        Vector512<float> bias = m.Bias != null
            ? Avx512F.InsertVector256(Vector256.Load(m.Bias).ToVector512Unsafe(), Vector256.Load(m.Bias), 1)
            : Vector512<float>.Zero;

        // A choice by lanes: a branch, or a call, where the sums are stored makes the compiler keep them in memory.
        Vector512<float> adds = m.Bias != null ? Vector512<float>.Zero : Vector512<int>.AllBitsSet.AsSingle();
        float* ahead = m.Ahead;
        for (int pixel = 0; pixel < m.Pixels; pixel += 16)
        {
            float* a = m.A + (pixel * TInput.PixelStride);
            float* w = m.W;
            Vector512<float> c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15;
            c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = c8 = c9 = c10 = c11 = c12 = c13 = c14 = c15 = Vector512<float>.Zero;
            for (int group = 0; group < m.Groups; group++)
            {
                for (int k = 0; k < TInput.Depth; k += 2)
                {
                    Sse.Prefetch0(ahead);
                    ahead += 2 * m.AheadStep;
                    Vector512<float> x = Vector512.Load(w);
                    c0 = Vector512.FusedMultiplyAdd(Pair(a + k), x, c0);
                    c1 = Vector512.FusedMultiplyAdd(Pair(a + TInput.PixelStride + k), x, c1);
                    c2 = Vector512.FusedMultiplyAdd(Pair(a + (2 * TInput.PixelStride) + k), x, c2);
                    c3 = Vector512.FusedMultiplyAdd(Pair(a + (3 * TInput.PixelStride) + k), x, c3);
                    c4 = Vector512.FusedMultiplyAdd(Pair(a + (4 * TInput.PixelStride) + k), x, c4);
                    c5 = Vector512.FusedMultiplyAdd(Pair(a + (5 * TInput.PixelStride) + k), x, c5);
                    c6 = Vector512.FusedMultiplyAdd(Pair(a + (6 * TInput.PixelStride) + k), x, c6);
                    c7 = Vector512.FusedMultiplyAdd(Pair(a + (7 * TInput.PixelStride) + k), x, c7);
                    c8 = Vector512.FusedMultiplyAdd(Pair(a + (8 * TInput.PixelStride) + k), x, c8);
                    c9 = Vector512.FusedMultiplyAdd(Pair(a + (9 * TInput.PixelStride) + k), x, c9);
                    c10 = Vector512.FusedMultiplyAdd(Pair(a + (10 * TInput.PixelStride) + k), x, c10);
                    c11 = Vector512.FusedMultiplyAdd(Pair(a + (11 * TInput.PixelStride) + k), x, c11);
                    c12 = Vector512.FusedMultiplyAdd(Pair(a + (12 * TInput.PixelStride) + k), x, c12);
                    c13 = Vector512.FusedMultiplyAdd(Pair(a + (13 * TInput.PixelStride) + k), x, c13);
                    c14 = Vector512.FusedMultiplyAdd(Pair(a + (14 * TInput.PixelStride) + k), x, c14);
                    c15 = Vector512.FusedMultiplyAdd(Pair(a + (15 * TInput.PixelStride) + k), x, c15);
                    w += 16;
                }

                a += m.AGroup;
            }

            float* c = m.C + (pixel * 8);
            Store(c0, c1, bias, c, adds);
            Store(c2, c3, bias, c + 16, adds);
            Store(c4, c5, bias, c + 32, adds);
            Store(c6, c7, bias, c + 48, adds);
            Store(c8, c9, bias, c + 64, adds);
            Store(c10, c11, bias, c + 80, adds);
            Store(c12, c13, bias, c + 96, adds);
            Store(c14, c15, bias, c + 112, adds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pair(float* inputs) => Vector512.Create(*(double*)inputs).AsSingle();

    // Two pixels, whose eight channels each lie side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> first, Vector512<float> second, Vector512<float> bias, float* c, Vector512<float> adds)
    {
        Vector512<float> sum =
            Avx512F.PermuteVar16x32x2(first, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), second)
            + Avx512F.PermuteVar16x32x2(first, Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), second);
        (sum + Vector512.ConditionalSelect(adds, Vector512.Load(c), bias)).Store(c);
    }
}
