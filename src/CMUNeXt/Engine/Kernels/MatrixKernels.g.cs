// Written by MatrixKernelsTemplate in the tests, which hold it to that.
using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The micro-kernels of matrix multiplication: the sums of a few pixels and one or two vectors of output channels stay in registers
/// while the input channels go by, one pixel's value at a time multiplied with all of them. Sixteen registers hold 6 x 2 or 12 x 1
/// sums, thirty-two 8 x 2 or 16 x 1.
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
        // Locals: the compiler cannot know that a store leaves the operands as they are.
        nint rest = m.AGroup - TInput.Depth, stride = m.CBlockStride, aheadStride = m.AheadStride * sizeof(float);
        nint* offsets = m.Offsets;
        int groups = m.Groups, pixels = m.Pixels;
        float* a = m.A, c = m.C, bias = m.Bias;
        byte* ahead = (byte*)m.Ahead;
        for (int pixel = 0; pixel < pixels; pixel += 8)
        {
            float* w = m.W;
            TVector c0a, c0b, c1a, c1b, c2a, c2b, c3a, c3b, c4a, c4b, c5a, c5b, c6a, c6b, c7a, c7b;
            if (bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = TSimd.Load(bias);
                c0b = c1b = c2b = c3b = c4b = c5b = c6b = c7b = TSimd.Load(bias + TSimd.Lanes);
            }
            else
            {
                c0a = Load(c, stride, 0);
                c0b = Load(c, stride, 1);
                c1a = Load(c + 8, stride, 0);
                c1b = Load(c + 8, stride, 1);
                c2a = Load(c + 16, stride, 0);
                c2b = Load(c + 16, stride, 1);
                c3a = Load(c + 24, stride, 0);
                c3b = Load(c + 24, stride, 1);
                c4a = Load(c + 32, stride, 0);
                c4b = Load(c + 32, stride, 1);
                c5a = Load(c + 40, stride, 0);
                c5b = Load(c + 40, stride, 1);
                c6a = Load(c + 48, stride, 0);
                c6b = Load(c + 48, stride, 1);
                c7a = Load(c + 56, stride, 0);
                c7b = Load(c + 56, stride, 1);
            }

            // The pointer walks, so that a pixel's place is a constant.
            float* x = a;
            for (int i = 0; i < groups; i++)
            {
                if (TInput.IsScattered)
                {
                    x = a + offsets[i];
                }

                for (int k = 0; k < TInput.Depth; k++)
                {
                    if (TInput.Prefetches)
                    {
                        TSimd.Prefetch((float*)ahead);
                        ahead += aheadStride;
                    }

                    TVector wa = TSimd.Load(w);
                    TVector wb = TSimd.Load(w + TSimd.Lanes);
                    TVector v = TSimd.Create(x[0]);
                    c0a = TSimd.MultiplyAdd(v, wa, c0a);
                    c0b = TSimd.MultiplyAdd(v, wb, c0b);
                    v = TSimd.Create(x[TInput.PixelStride]);
                    c1a = TSimd.MultiplyAdd(v, wa, c1a);
                    c1b = TSimd.MultiplyAdd(v, wb, c1b);
                    v = TSimd.Create(x[2 * TInput.PixelStride]);
                    c2a = TSimd.MultiplyAdd(v, wa, c2a);
                    c2b = TSimd.MultiplyAdd(v, wb, c2b);
                    v = TSimd.Create(x[3 * TInput.PixelStride]);
                    c3a = TSimd.MultiplyAdd(v, wa, c3a);
                    c3b = TSimd.MultiplyAdd(v, wb, c3b);
                    v = TSimd.Create(x[4 * TInput.PixelStride]);
                    c4a = TSimd.MultiplyAdd(v, wa, c4a);
                    c4b = TSimd.MultiplyAdd(v, wb, c4b);
                    v = TSimd.Create(x[5 * TInput.PixelStride]);
                    c5a = TSimd.MultiplyAdd(v, wa, c5a);
                    c5b = TSimd.MultiplyAdd(v, wb, c5b);
                    v = TSimd.Create(x[6 * TInput.PixelStride]);
                    c6a = TSimd.MultiplyAdd(v, wa, c6a);
                    c6b = TSimd.MultiplyAdd(v, wb, c6b);
                    v = TSimd.Create(x[7 * TInput.PixelStride]);
                    c7a = TSimd.MultiplyAdd(v, wa, c7a);
                    c7b = TSimd.MultiplyAdd(v, wb, c7b);
                    w += 2 * TSimd.Lanes;
                    x++;
                }

                x += TInput.IsScattered ? 0 : rest;
            }

            Store(c0a, c, stride, 0);
            Store(c0b, c, stride, 1);
            Store(c1a, c + 8, stride, 0);
            Store(c1b, c + 8, stride, 1);
            Store(c2a, c + 16, stride, 0);
            Store(c2b, c + 16, stride, 1);
            Store(c3a, c + 24, stride, 0);
            Store(c3b, c + 24, stride, 1);
            Store(c4a, c + 32, stride, 0);
            Store(c4b, c + 32, stride, 1);
            Store(c5a, c + 40, stride, 0);
            Store(c5b, c + 40, stride, 1);
            Store(c6a, c + 48, stride, 0);
            Store(c6b, c + 48, stride, 1);
            Store(c7a, c + 56, stride, 0);
            Store(c7b, c + 56, stride, 1);
            a += 8 * TInput.PixelStride;
            c += 64;
        }
    }

    /// <summary>16 pixels x 1 vector of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run16x1<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        // Locals: the compiler cannot know that a store leaves the operands as they are.
        nint rest = m.AGroup - TInput.Depth, stride = m.CBlockStride, aheadStride = m.AheadStride * sizeof(float);
        nint* offsets = m.Offsets;
        int groups = m.Groups, pixels = m.Pixels;
        float* a = m.A, c = m.C, bias = m.Bias;
        byte* ahead = (byte*)m.Ahead;
        for (int pixel = 0; pixel < pixels; pixel += 16)
        {
            float* w = m.W;
            TVector c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a, c8a, c9a, c10a, c11a, c12a, c13a, c14a, c15a;
            if (bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = c8a = c9a = c10a = c11a = c12a = c13a = c14a = c15a = TSimd.Load(bias);
            }
            else
            {
                c0a = Load(c, stride, 0);
                c1a = Load(c + 8, stride, 0);
                c2a = Load(c + 16, stride, 0);
                c3a = Load(c + 24, stride, 0);
                c4a = Load(c + 32, stride, 0);
                c5a = Load(c + 40, stride, 0);
                c6a = Load(c + 48, stride, 0);
                c7a = Load(c + 56, stride, 0);
                c8a = Load(c + 64, stride, 0);
                c9a = Load(c + 72, stride, 0);
                c10a = Load(c + 80, stride, 0);
                c11a = Load(c + 88, stride, 0);
                c12a = Load(c + 96, stride, 0);
                c13a = Load(c + 104, stride, 0);
                c14a = Load(c + 112, stride, 0);
                c15a = Load(c + 120, stride, 0);
            }

            // The pointer walks, so that a pixel's place is a constant.
            float* x = a;
            for (int i = 0; i < groups; i++)
            {
                if (TInput.IsScattered)
                {
                    x = a + offsets[i];
                }

                for (int k = 0; k < TInput.Depth; k++)
                {
                    if (TInput.Prefetches)
                    {
                        TSimd.Prefetch((float*)ahead);
                        ahead += aheadStride;
                    }

                    TVector wa = TSimd.Load(w);
                    c0a = TSimd.MultiplyAdd(TSimd.Create(x[0]), wa, c0a);
                    c1a = TSimd.MultiplyAdd(TSimd.Create(x[TInput.PixelStride]), wa, c1a);
                    c2a = TSimd.MultiplyAdd(TSimd.Create(x[2 * TInput.PixelStride]), wa, c2a);
                    c3a = TSimd.MultiplyAdd(TSimd.Create(x[3 * TInput.PixelStride]), wa, c3a);
                    c4a = TSimd.MultiplyAdd(TSimd.Create(x[4 * TInput.PixelStride]), wa, c4a);
                    c5a = TSimd.MultiplyAdd(TSimd.Create(x[5 * TInput.PixelStride]), wa, c5a);
                    c6a = TSimd.MultiplyAdd(TSimd.Create(x[6 * TInput.PixelStride]), wa, c6a);
                    c7a = TSimd.MultiplyAdd(TSimd.Create(x[7 * TInput.PixelStride]), wa, c7a);
                    c8a = TSimd.MultiplyAdd(TSimd.Create(x[8 * TInput.PixelStride]), wa, c8a);
                    c9a = TSimd.MultiplyAdd(TSimd.Create(x[9 * TInput.PixelStride]), wa, c9a);
                    c10a = TSimd.MultiplyAdd(TSimd.Create(x[10 * TInput.PixelStride]), wa, c10a);
                    c11a = TSimd.MultiplyAdd(TSimd.Create(x[11 * TInput.PixelStride]), wa, c11a);
                    c12a = TSimd.MultiplyAdd(TSimd.Create(x[12 * TInput.PixelStride]), wa, c12a);
                    c13a = TSimd.MultiplyAdd(TSimd.Create(x[13 * TInput.PixelStride]), wa, c13a);
                    c14a = TSimd.MultiplyAdd(TSimd.Create(x[14 * TInput.PixelStride]), wa, c14a);
                    c15a = TSimd.MultiplyAdd(TSimd.Create(x[15 * TInput.PixelStride]), wa, c15a);
                    w += TSimd.Lanes;
                    x++;
                }

                x += TInput.IsScattered ? 0 : rest;
            }

            Store(c0a, c, stride, 0);
            Store(c1a, c + 8, stride, 0);
            Store(c2a, c + 16, stride, 0);
            Store(c3a, c + 24, stride, 0);
            Store(c4a, c + 32, stride, 0);
            Store(c5a, c + 40, stride, 0);
            Store(c6a, c + 48, stride, 0);
            Store(c7a, c + 56, stride, 0);
            Store(c8a, c + 64, stride, 0);
            Store(c9a, c + 72, stride, 0);
            Store(c10a, c + 80, stride, 0);
            Store(c11a, c + 88, stride, 0);
            Store(c12a, c + 96, stride, 0);
            Store(c13a, c + 104, stride, 0);
            Store(c14a, c + 112, stride, 0);
            Store(c15a, c + 120, stride, 0);
            a += 16 * TInput.PixelStride;
            c += 128;
        }
    }

    /// <summary>6 pixels x 2 vectors of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run6x2<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        // Locals: the compiler cannot know that a store leaves the operands as they are.
        nint rest = m.AGroup - TInput.Depth, stride = m.CBlockStride, aheadStride = m.AheadStride * sizeof(float);
        nint* offsets = m.Offsets;
        int groups = m.Groups, pixels = m.Pixels;
        float* a = m.A, c = m.C, bias = m.Bias;
        byte* ahead = (byte*)m.Ahead;
        for (int pixel = 0; pixel < pixels; pixel += 6)
        {
            float* w = m.W;
            TVector c0a, c0b, c1a, c1b, c2a, c2b, c3a, c3b, c4a, c4b, c5a, c5b;
            if (bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = TSimd.Load(bias);
                c0b = c1b = c2b = c3b = c4b = c5b = TSimd.Load(bias + TSimd.Lanes);
            }
            else
            {
                c0a = Load(c, stride, 0);
                c0b = Load(c, stride, 1);
                c1a = Load(c + 8, stride, 0);
                c1b = Load(c + 8, stride, 1);
                c2a = Load(c + 16, stride, 0);
                c2b = Load(c + 16, stride, 1);
                c3a = Load(c + 24, stride, 0);
                c3b = Load(c + 24, stride, 1);
                c4a = Load(c + 32, stride, 0);
                c4b = Load(c + 32, stride, 1);
                c5a = Load(c + 40, stride, 0);
                c5b = Load(c + 40, stride, 1);
            }

            // The pointer walks, so that a pixel's place is a constant.
            float* x = a;
            for (int i = 0; i < groups; i++)
            {
                if (TInput.IsScattered)
                {
                    x = a + offsets[i];
                }

                for (int k = 0; k < TInput.Depth; k++)
                {
                    if (TInput.Prefetches)
                    {
                        TSimd.Prefetch((float*)ahead);
                        ahead += aheadStride;
                    }

                    TVector wa = TSimd.Load(w);
                    TVector wb = TSimd.Load(w + TSimd.Lanes);
                    TVector v = TSimd.Create(x[0]);
                    c0a = TSimd.MultiplyAdd(v, wa, c0a);
                    c0b = TSimd.MultiplyAdd(v, wb, c0b);
                    v = TSimd.Create(x[TInput.PixelStride]);
                    c1a = TSimd.MultiplyAdd(v, wa, c1a);
                    c1b = TSimd.MultiplyAdd(v, wb, c1b);
                    v = TSimd.Create(x[2 * TInput.PixelStride]);
                    c2a = TSimd.MultiplyAdd(v, wa, c2a);
                    c2b = TSimd.MultiplyAdd(v, wb, c2b);
                    v = TSimd.Create(x[3 * TInput.PixelStride]);
                    c3a = TSimd.MultiplyAdd(v, wa, c3a);
                    c3b = TSimd.MultiplyAdd(v, wb, c3b);
                    v = TSimd.Create(x[4 * TInput.PixelStride]);
                    c4a = TSimd.MultiplyAdd(v, wa, c4a);
                    c4b = TSimd.MultiplyAdd(v, wb, c4b);
                    v = TSimd.Create(x[5 * TInput.PixelStride]);
                    c5a = TSimd.MultiplyAdd(v, wa, c5a);
                    c5b = TSimd.MultiplyAdd(v, wb, c5b);
                    w += 2 * TSimd.Lanes;
                    x++;
                }

                x += TInput.IsScattered ? 0 : rest;
            }

            Store(c0a, c, stride, 0);
            Store(c0b, c, stride, 1);
            Store(c1a, c + 8, stride, 0);
            Store(c1b, c + 8, stride, 1);
            Store(c2a, c + 16, stride, 0);
            Store(c2b, c + 16, stride, 1);
            Store(c3a, c + 24, stride, 0);
            Store(c3b, c + 24, stride, 1);
            Store(c4a, c + 32, stride, 0);
            Store(c4b, c + 32, stride, 1);
            Store(c5a, c + 40, stride, 0);
            Store(c5b, c + 40, stride, 1);
            a += 6 * TInput.PixelStride;
            c += 48;
        }
    }

    /// <summary>12 pixels x 1 vector of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run12x1<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        // Locals: the compiler cannot know that a store leaves the operands as they are.
        nint rest = m.AGroup - TInput.Depth, stride = m.CBlockStride, aheadStride = m.AheadStride * sizeof(float);
        nint* offsets = m.Offsets;
        int groups = m.Groups, pixels = m.Pixels;
        float* a = m.A, c = m.C, bias = m.Bias;
        byte* ahead = (byte*)m.Ahead;
        for (int pixel = 0; pixel < pixels; pixel += 12)
        {
            float* w = m.W;
            TVector c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a, c8a, c9a, c10a, c11a;
            if (bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = c8a = c9a = c10a = c11a = TSimd.Load(bias);
            }
            else
            {
                c0a = Load(c, stride, 0);
                c1a = Load(c + 8, stride, 0);
                c2a = Load(c + 16, stride, 0);
                c3a = Load(c + 24, stride, 0);
                c4a = Load(c + 32, stride, 0);
                c5a = Load(c + 40, stride, 0);
                c6a = Load(c + 48, stride, 0);
                c7a = Load(c + 56, stride, 0);
                c8a = Load(c + 64, stride, 0);
                c9a = Load(c + 72, stride, 0);
                c10a = Load(c + 80, stride, 0);
                c11a = Load(c + 88, stride, 0);
            }

            // The pointer walks, so that a pixel's place is a constant.
            float* x = a;
            for (int i = 0; i < groups; i++)
            {
                if (TInput.IsScattered)
                {
                    x = a + offsets[i];
                }

                for (int k = 0; k < TInput.Depth; k++)
                {
                    if (TInput.Prefetches)
                    {
                        TSimd.Prefetch((float*)ahead);
                        ahead += aheadStride;
                    }

                    TVector wa = TSimd.Load(w);
                    c0a = TSimd.MultiplyAdd(TSimd.Create(x[0]), wa, c0a);
                    c1a = TSimd.MultiplyAdd(TSimd.Create(x[TInput.PixelStride]), wa, c1a);
                    c2a = TSimd.MultiplyAdd(TSimd.Create(x[2 * TInput.PixelStride]), wa, c2a);
                    c3a = TSimd.MultiplyAdd(TSimd.Create(x[3 * TInput.PixelStride]), wa, c3a);
                    c4a = TSimd.MultiplyAdd(TSimd.Create(x[4 * TInput.PixelStride]), wa, c4a);
                    c5a = TSimd.MultiplyAdd(TSimd.Create(x[5 * TInput.PixelStride]), wa, c5a);
                    c6a = TSimd.MultiplyAdd(TSimd.Create(x[6 * TInput.PixelStride]), wa, c6a);
                    c7a = TSimd.MultiplyAdd(TSimd.Create(x[7 * TInput.PixelStride]), wa, c7a);
                    c8a = TSimd.MultiplyAdd(TSimd.Create(x[8 * TInput.PixelStride]), wa, c8a);
                    c9a = TSimd.MultiplyAdd(TSimd.Create(x[9 * TInput.PixelStride]), wa, c9a);
                    c10a = TSimd.MultiplyAdd(TSimd.Create(x[10 * TInput.PixelStride]), wa, c10a);
                    c11a = TSimd.MultiplyAdd(TSimd.Create(x[11 * TInput.PixelStride]), wa, c11a);
                    w += TSimd.Lanes;
                    x++;
                }

                x += TInput.IsScattered ? 0 : rest;
            }

            Store(c0a, c, stride, 0);
            Store(c1a, c + 8, stride, 0);
            Store(c2a, c + 16, stride, 0);
            Store(c3a, c + 24, stride, 0);
            Store(c4a, c + 32, stride, 0);
            Store(c5a, c + 40, stride, 0);
            Store(c6a, c + 48, stride, 0);
            Store(c7a, c + 56, stride, 0);
            Store(c8a, c + 64, stride, 0);
            Store(c9a, c + 72, stride, 0);
            Store(c10a, c + 80, stride, 0);
            Store(c11a, c + 88, stride, 0);
            a += 12 * TInput.PixelStride;
            c += 96;
        }
    }

    /// <summary>8 pixels x 1 vector of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run8x1<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        // Locals: the compiler cannot know that a store leaves the operands as they are.
        nint rest = m.AGroup - TInput.Depth, stride = m.CBlockStride, aheadStride = m.AheadStride * sizeof(float);
        nint* offsets = m.Offsets;
        int groups = m.Groups, pixels = m.Pixels;
        float* a = m.A, c = m.C, bias = m.Bias;
        byte* ahead = (byte*)m.Ahead;
        for (int pixel = 0; pixel < pixels; pixel += 8)
        {
            float* w = m.W;
            TVector c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a;
            if (bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = TSimd.Load(bias);
            }
            else
            {
                c0a = Load(c, stride, 0);
                c1a = Load(c + 8, stride, 0);
                c2a = Load(c + 16, stride, 0);
                c3a = Load(c + 24, stride, 0);
                c4a = Load(c + 32, stride, 0);
                c5a = Load(c + 40, stride, 0);
                c6a = Load(c + 48, stride, 0);
                c7a = Load(c + 56, stride, 0);
            }

            // The pointer walks, so that a pixel's place is a constant.
            float* x = a;
            for (int i = 0; i < groups; i++)
            {
                if (TInput.IsScattered)
                {
                    x = a + offsets[i];
                }

                for (int k = 0; k < TInput.Depth; k++)
                {
                    if (TInput.Prefetches)
                    {
                        TSimd.Prefetch((float*)ahead);
                        ahead += aheadStride;
                    }

                    TVector wa = TSimd.Load(w);
                    c0a = TSimd.MultiplyAdd(TSimd.Create(x[0]), wa, c0a);
                    c1a = TSimd.MultiplyAdd(TSimd.Create(x[TInput.PixelStride]), wa, c1a);
                    c2a = TSimd.MultiplyAdd(TSimd.Create(x[2 * TInput.PixelStride]), wa, c2a);
                    c3a = TSimd.MultiplyAdd(TSimd.Create(x[3 * TInput.PixelStride]), wa, c3a);
                    c4a = TSimd.MultiplyAdd(TSimd.Create(x[4 * TInput.PixelStride]), wa, c4a);
                    c5a = TSimd.MultiplyAdd(TSimd.Create(x[5 * TInput.PixelStride]), wa, c5a);
                    c6a = TSimd.MultiplyAdd(TSimd.Create(x[6 * TInput.PixelStride]), wa, c6a);
                    c7a = TSimd.MultiplyAdd(TSimd.Create(x[7 * TInput.PixelStride]), wa, c7a);
                    w += TSimd.Lanes;
                    x++;
                }

                x += TInput.IsScattered ? 0 : rest;
            }

            Store(c0a, c, stride, 0);
            Store(c1a, c + 8, stride, 0);
            Store(c2a, c + 16, stride, 0);
            Store(c3a, c + 24, stride, 0);
            Store(c4a, c + 32, stride, 0);
            Store(c5a, c + 40, stride, 0);
            Store(c6a, c + 48, stride, 0);
            Store(c7a, c + 56, stride, 0);
            a += 8 * TInput.PixelStride;
            c += 64;
        }
    }

    // A vector of sixteen lanes holds two channel blocks of outputs, one of eight a channel block, one of four half a channel
    // block.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(float* c, nint stride, int vector)
    {
        float* first = c + (vector * TSimd.Lanes / 8 * stride) + (vector * TSimd.Lanes % 8);
        return TSimd.LoadPair(first, first + stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector value, float* c, nint stride, int vector)
    {
        float* first = c + (vector * TSimd.Lanes / 8 * stride) + (vector * TSimd.Lanes % 8);
        TSimd.StorePair(value, first, first + stride);
    }
}
