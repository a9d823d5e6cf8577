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
        // Locals: the compiler cannot know that a store leaves the operands as they are.
        nint rest = m.AGroup - TInput.Depth, aheadStride = 2 * m.AheadStride * sizeof(float);
        int groups = m.Groups, pixels = m.Pixels;
        float* a = m.A, c = m.C;
        byte* ahead = (byte*)m.Ahead;
        for (int pixel = 0; pixel < pixels; pixel += 16)
        {
            float* w = m.W;
            Vector512<float> c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15;
            c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = c8 = c9 = c10 = c11 = c12 = c13 = c14 = c15 = Vector512<float>.Zero;

            // The pointer walks, so that a pixel's place is a constant.
            float* x = a;
            for (int i = 0; i < groups; i++)
            {
                for (int k = 0; k < TInput.Depth; k += 2)
                {
                    Sse.Prefetch0(ahead);
                    ahead += aheadStride;
                    Vector512<float> v = Vector512.Load(w);
                    c0 = Vector512.FusedMultiplyAdd(Pair(x), v, c0);
                    c1 = Vector512.FusedMultiplyAdd(Pair(x + TInput.PixelStride), v, c1);
                    c2 = Vector512.FusedMultiplyAdd(Pair(x + (2 * TInput.PixelStride)), v, c2);
                    c3 = Vector512.FusedMultiplyAdd(Pair(x + (3 * TInput.PixelStride)), v, c3);
                    c4 = Vector512.FusedMultiplyAdd(Pair(x + (4 * TInput.PixelStride)), v, c4);
                    c5 = Vector512.FusedMultiplyAdd(Pair(x + (5 * TInput.PixelStride)), v, c5);
                    c6 = Vector512.FusedMultiplyAdd(Pair(x + (6 * TInput.PixelStride)), v, c6);
                    c7 = Vector512.FusedMultiplyAdd(Pair(x + (7 * TInput.PixelStride)), v, c7);
                    c8 = Vector512.FusedMultiplyAdd(Pair(x + (8 * TInput.PixelStride)), v, c8);
                    c9 = Vector512.FusedMultiplyAdd(Pair(x + (9 * TInput.PixelStride)), v, c9);
                    c10 = Vector512.FusedMultiplyAdd(Pair(x + (10 * TInput.PixelStride)), v, c10);
                    c11 = Vector512.FusedMultiplyAdd(Pair(x + (11 * TInput.PixelStride)), v, c11);
                    c12 = Vector512.FusedMultiplyAdd(Pair(x + (12 * TInput.PixelStride)), v, c12);
                    c13 = Vector512.FusedMultiplyAdd(Pair(x + (13 * TInput.PixelStride)), v, c13);
                    c14 = Vector512.FusedMultiplyAdd(Pair(x + (14 * TInput.PixelStride)), v, c14);
                    c15 = Vector512.FusedMultiplyAdd(Pair(x + (15 * TInput.PixelStride)), v, c15);
                    w += 16;
                    x += 2;
                }

                x += rest;
            }

            Store(c0, c1, bias, c, adds);
            Store(c2, c3, bias, c + 16, adds);
            Store(c4, c5, bias, c + 32, adds);
            Store(c6, c7, bias, c + 48, adds);
            Store(c8, c9, bias, c + 64, adds);
            Store(c10, c11, bias, c + 80, adds);
            Store(c12, c13, bias, c + 96, adds);
            Store(c14, c15, bias, c + 112, adds);
            a += 16 * TInput.PixelStride;
            c += 128;
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
