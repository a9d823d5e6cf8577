using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>What is done to pixels of one channel block, value by value.</summary>
internal static unsafe class Elementwise<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>target = source x scale + shift, for exactly the pixels given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Affine(float* source, float* target, int pixels, float* scale, float* shift)
    {
        for (float* end = source + (pixels / 2 * 16); source < end; source += 16, target += 16)
        {
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                TVector y = TSimd.MultiplyAdd(TSimd.Load(source + lane), TSimd.Load(scale + lane), TSimd.Load(shift + lane));
                TSimd.Store(y, target + lane);
            }
        }

        for (int i = 0; i < pixels % 2 * 8; i++)
        {
            target[i] = MathF.FusedMultiplyAdd(source[i], scale[i], shift[i]);
        }
    }

    /// <summary>row = row x scale + shift + residual, for exactly the pixels given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AffineWithResidual(float* row, float* residual, int pixels, float* scale, float* shift)
    {
        for (float* end = row + (pixels / 2 * 16); row < end; row += 16, residual += 16)
        {
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                TVector y = TSimd.MultiplyAdd(TSimd.Load(row + lane), TSimd.Load(scale + lane), TSimd.Load(shift + lane));
                TSimd.Store(TSimd.Add(y, TSimd.Load(residual + lane)), row + lane);
            }
        }

        for (int i = 0; i < pixels % 2 * 8; i++)
        {
            row[i] = MathF.FusedMultiplyAdd(row[i], scale[i], shift[i]) + residual[i];
        }
    }

    /// <summary>target = max(source, 0), for exactly the pixels given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Relu(float* source, float* target, int pixels)
    {
        TVector zero = TSimd.Create(0);
        for (float* end = source + (pixels / 2 * 16); source < end; source += 16, target += 16)
        {
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                TSimd.Store(TSimd.Max(zero, TSimd.Load(source + lane)), target + lane);
            }
        }

        for (int i = 0; i < pixels % 2 * 8; i++)
        {
            target[i] = MathF.Max(source[i], 0);
        }
    }

    /// <summary>Brings pixels near, one cache line for two of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* pixels, int count)
    {
        for (int i = 0; i < count * 8; i += 16)
        {
            TSimd.Prefetch(pixels + i);
        }
    }

    /// <summary>Copies what lies within the image of a tile of 4 x 4 pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyTile(float* tile, float* target, nint rowStride, int rows, int columns)
    {
        if (columns == 4)
        {
            for (int r = 0; r < rows; r++)
            {
                for (int i = 0; i < 32; i += TSimd.Lanes)
                {
                    TSimd.Store(TSimd.Load(tile + (r * 32) + i), target + (r * rowStride) + i);
                }
            }

            return;
        }

        for (int r = 0; r < rows; r++)
        {
            new ReadOnlySpan<float>(tile + (r * 32), columns * 8).CopyTo(new Span<float>(target + (r * rowStride), columns * 8));
        }
    }

    /// <summary>The largest of each 2 x 2 pixels of a tile of 4 x 4; not a number where one of them is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MaxPoolTile(float* tile, float* target, nint rowStride, int rows, int columns)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                float* a = tile + (r * 64) + (c * 16);
                Vector256<float> upper = Vector256.Max(Vector256.Load(a), Vector256.Load(a + 8));
                Vector256<float> lower = Vector256.Max(Vector256.Load(a + 32), Vector256.Load(a + 40));
                Vector256.Max(upper, lower).Store(target + (r * rowStride) + (c * 8));
            }
        }
    }
}
