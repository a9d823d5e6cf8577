using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The micro-kernel of ARM's Advanced SIMD, which multiplies by one lane of a vector: a load brings four inputs of a pixel, and none of
/// them has to be copied into all lanes first. Thirty-two registers hold 8 x 2 sums, the inputs and the weights.
/// </summary>
internal static unsafe class LaneKernel
{
    /// <summary>8 pixels x 2 vectors of output channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run8x2<TInput>(in MatrixOperands m)
        where TInput : IMatrixInput
    {
        // Locals: the compiler cannot know that a store leaves the operands as they are.
        nint rest = m.AGroup - TInput.Depth;
        nint* offsets = m.Offsets;
        int groups = m.Groups, pixels = m.Pixels;
        float* a = m.A, c = m.C, bias = m.Bias;
        for (int pixel = 0; pixel < pixels; pixel += 8)
        {
            float* w = m.W;
            Vector128<float> c0a, c0b, c1a, c1b, c2a, c2b, c3a, c3b, c4a, c4b, c5a, c5b, c6a, c6b, c7a, c7b;
            if (bias != null)
            {
                c0a = c1a = c2a = c3a = c4a = c5a = c6a = c7a = Vector128.Load(bias);
                c0b = c1b = c2b = c3b = c4b = c5b = c6b = c7b = Vector128.Load(bias + 4);
            }
            else
            {
                (c0a, c0b, c1a, c1b) = (Vector128.Load(c), Vector128.Load(c + 4), Vector128.Load(c + 8), Vector128.Load(c + 12));
                (c2a, c2b, c3a, c3b) = (Vector128.Load(c + 16), Vector128.Load(c + 20), Vector128.Load(c + 24), Vector128.Load(c + 28));
                (c4a, c4b, c5a, c5b) = (Vector128.Load(c + 32), Vector128.Load(c + 36), Vector128.Load(c + 40), Vector128.Load(c + 44));
                (c6a, c6b, c7a, c7b) = (Vector128.Load(c + 48), Vector128.Load(c + 52), Vector128.Load(c + 56), Vector128.Load(c + 60));
            }

            float* x = a;
            for (int i = 0; i < groups; i++)
            {
                if (TInput.IsScattered)
                {
                    x = a + offsets[i];
                }

                for (int k = 0; k < TInput.Depth; k += 4)
                {
                    Vector128<float> x0 = Vector128.Load(x), x1 = Vector128.Load(x + TInput.PixelStride);
                    Vector128<float> x2 = Vector128.Load(x + (2 * TInput.PixelStride)), x3 = Vector128.Load(x + (3 * TInput.PixelStride));
                    Vector128<float> x4 = Vector128.Load(x + (4 * TInput.PixelStride)), x5 = Vector128.Load(x + (5 * TInput.PixelStride));
                    Vector128<float> x6 = Vector128.Load(x + (6 * TInput.PixelStride)), x7 = Vector128.Load(x + (7 * TInput.PixelStride));
                    Vector128<float> wa = Vector128.Load(w), wb = Vector128.Load(w + 4);
                    (c0a, c0b) = (Add(c0a, wa, x0, 0), Add(c0b, wb, x0, 0));
                    (c1a, c1b) = (Add(c1a, wa, x1, 0), Add(c1b, wb, x1, 0));
                    (c2a, c2b) = (Add(c2a, wa, x2, 0), Add(c2b, wb, x2, 0));
                    (c3a, c3b) = (Add(c3a, wa, x3, 0), Add(c3b, wb, x3, 0));
                    (c4a, c4b) = (Add(c4a, wa, x4, 0), Add(c4b, wb, x4, 0));
                    (c5a, c5b) = (Add(c5a, wa, x5, 0), Add(c5b, wb, x5, 0));
                    (c6a, c6b) = (Add(c6a, wa, x6, 0), Add(c6b, wb, x6, 0));
                    (c7a, c7b) = (Add(c7a, wa, x7, 0), Add(c7b, wb, x7, 0));
                    (wa, wb) = (Vector128.Load(w + 8), Vector128.Load(w + 12));
                    (c0a, c0b) = (Add(c0a, wa, x0, 1), Add(c0b, wb, x0, 1));
                    (c1a, c1b) = (Add(c1a, wa, x1, 1), Add(c1b, wb, x1, 1));
                    (c2a, c2b) = (Add(c2a, wa, x2, 1), Add(c2b, wb, x2, 1));
                    (c3a, c3b) = (Add(c3a, wa, x3, 1), Add(c3b, wb, x3, 1));
                    (c4a, c4b) = (Add(c4a, wa, x4, 1), Add(c4b, wb, x4, 1));
                    (c5a, c5b) = (Add(c5a, wa, x5, 1), Add(c5b, wb, x5, 1));
                    (c6a, c6b) = (Add(c6a, wa, x6, 1), Add(c6b, wb, x6, 1));
                    (c7a, c7b) = (Add(c7a, wa, x7, 1), Add(c7b, wb, x7, 1));
                    (wa, wb) = (Vector128.Load(w + 16), Vector128.Load(w + 20));
                    (c0a, c0b) = (Add(c0a, wa, x0, 2), Add(c0b, wb, x0, 2));
                    (c1a, c1b) = (Add(c1a, wa, x1, 2), Add(c1b, wb, x1, 2));
                    (c2a, c2b) = (Add(c2a, wa, x2, 2), Add(c2b, wb, x2, 2));
                    (c3a, c3b) = (Add(c3a, wa, x3, 2), Add(c3b, wb, x3, 2));
                    (c4a, c4b) = (Add(c4a, wa, x4, 2), Add(c4b, wb, x4, 2));
                    (c5a, c5b) = (Add(c5a, wa, x5, 2), Add(c5b, wb, x5, 2));
                    (c6a, c6b) = (Add(c6a, wa, x6, 2), Add(c6b, wb, x6, 2));
                    (c7a, c7b) = (Add(c7a, wa, x7, 2), Add(c7b, wb, x7, 2));
                    (wa, wb) = (Vector128.Load(w + 24), Vector128.Load(w + 28));
                    (c0a, c0b) = (Add(c0a, wa, x0, 3), Add(c0b, wb, x0, 3));
                    (c1a, c1b) = (Add(c1a, wa, x1, 3), Add(c1b, wb, x1, 3));
                    (c2a, c2b) = (Add(c2a, wa, x2, 3), Add(c2b, wb, x2, 3));
                    (c3a, c3b) = (Add(c3a, wa, x3, 3), Add(c3b, wb, x3, 3));
                    (c4a, c4b) = (Add(c4a, wa, x4, 3), Add(c4b, wb, x4, 3));
                    (c5a, c5b) = (Add(c5a, wa, x5, 3), Add(c5b, wb, x5, 3));
                    (c6a, c6b) = (Add(c6a, wa, x6, 3), Add(c6b, wb, x6, 3));
                    (c7a, c7b) = (Add(c7a, wa, x7, 3), Add(c7b, wb, x7, 3));
                    w += 32;
                    x += 4;
                }

                x += TInput.IsScattered ? 0 : rest;
            }

            Store(c0a, c0b, c);
            Store(c1a, c1b, c + 8);
            Store(c2a, c2b, c + 16);
            Store(c3a, c3b, c + 24);
            Store(c4a, c4b, c + 32);
            Store(c5a, c5b, c + 40);
            Store(c6a, c6b, c + 48);
            Store(c7a, c7b, c + 56);
            a += 8 * TInput.PixelStride;
            c += 64;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add(
        Vector128<float> sum, Vector128<float> weights, Vector128<float> inputs, [ConstantExpected(Max = (byte)3)] byte lane) =>
        AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(sum, weights, inputs, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<float> first, Vector128<float> second, float* target)
    {
        first.Store(target);
        second.Store(target + 4);
    }
}
