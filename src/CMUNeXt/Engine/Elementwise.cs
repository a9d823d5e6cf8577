using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine;

/// <summary>What is done to pixels of one octet, value by value.</summary>
internal static unsafe class Elementwise<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>target = source x scale + shift, for exactly the pixels given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Affine(float* source, float* target, int pixels, float* scale, float* shift)
    {
        int i = 0;
        for (; i + 16 <= pixels * 8; i += 16)
        {
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                TVector y = TSimd.MultiplyAdd(TSimd.Load(source + i + lane), TSimd.Load(scale + lane), TSimd.Load(shift + lane));
                TSimd.Store(y, target + i + lane);
            }
        }

        for (; i < pixels * 8; i++)
        {
            target[i] = MathF.FusedMultiplyAdd(source[i], scale[i % 8], shift[i % 8]);
        }
    }

    /// <summary>row = row x scale + shift + residual, for exactly the pixels given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AffineWithResidual(float* row, float* residual, int pixels, float* scale, float* shift)
    {
        int i = 0;
        for (; i + 16 <= pixels * 8; i += 16)
        {
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                TVector y = TSimd.MultiplyAdd(TSimd.Load(row + i + lane), TSimd.Load(scale + lane), TSimd.Load(shift + lane));
                TSimd.Store(TSimd.Add(y, TSimd.Load(residual + i + lane)), row + i + lane);
            }
        }

        for (; i < pixels * 8; i++)
        {
            row[i] = MathF.FusedMultiplyAdd(row[i], scale[i % 8], shift[i % 8]) + residual[i];
        }
    }

    /// <summary>target = max(source, 0), for exactly the pixels given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Relu(float* source, float* target, int pixels)
    {
        TVector zero = TSimd.Create(0);
        int i = 0;
        for (; i + TSimd.Lanes <= pixels * 8; i += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Max(TSimd.Load(source + i), zero), target + i);
        }

        for (; i < pixels * 8; i++)
        {
            target[i] = MathF.Max(source[i], 0);
        }
    }

    /// <summary>The largest of 2 x 2 pixels: target[i] from pixels 2i and 2i + 1 of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxPool(float* upper, float* lower, float* target, int pixels)
    {
        for (int i = 0; i < pixels; i++)
        {
            for (int lane = 0; lane < 8; lane += 4)
            {
                float* a = upper + (i * 16) + lane;
                float* b = lower + (i * 16) + lane;
                Simd128.Store(
                    Simd128.Max(
                        Simd128.Max(Simd128.Load(a), Simd128.Load(a + 8)),
                        Simd128.Max(Simd128.Load(b), Simd128.Load(b + 8))),
                    target + (i * 8) + lane);
            }
        }
    }
}
