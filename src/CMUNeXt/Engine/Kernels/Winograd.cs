using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Winograd's F(4x4, 3x3): sixteen outputs of a 3x3 convolution with 36 multiplications instead of 144 (Lavin and Gray, "Fast Algorithms
/// for Convolutional Neural Networks", CVPR 2016), with the points 0, +-5/8, +-3/2 and infinity, which halve the error of 0, +-1, +-2.
/// A tile is 6 x 6 values in, 4 x 4 out.
/// </summary>
internal static unsafe class Winograd
{
    /// <summary>Products a tile.</summary>
    public const int Points = 36;

    /// <summary>The first point, and its negative.</summary>
    public const float A = 0.625f;

    /// <summary>The second point, and its negative.</summary>
    public const float B = 1.5f;

    private const float A2 = A * A;
    private const float B2 = B * B;

    /// <summary>The weights of the 36 points of a 3x3 kernel, both row by row.</summary>
    public static void TransformKernel(ReadOnlySpan<double> kernel, Span<double> points)
    {
        Span<double> columns = stackalloc double[18];
        for (int i = 0; i < 6; i++)
        {
            ReadOnlySpan<double> vertical = Row(i);
            for (int x = 0; x < 3; x++)
            {
                columns[(i * 3) + x] = (vertical[0] * kernel[x]) + (vertical[1] * kernel[3 + x]) + (vertical[2] * kernel[6 + x]);
            }
        }

        for (int i = 0; i < Points; i++)
        {
            ReadOnlySpan<double> horizontal = Row(i % 6);
            ReadOnlySpan<double> column = columns.Slice(i / 6 * 3, 3);
            points[i] = (horizontal[0] * column[0]) + (horizontal[1] * column[1]) + (horizontal[2] * column[2]);
        }
    }

    private static ReadOnlySpan<double> Row(int i)
    {
        const double a = 1.0 / (2 * A2 * (A2 - B2));
        const double b = 1.0 / (2 * B2 * (B2 - A2));
        return i switch
        {
            0 => [1.0 / (A2 * B2), 0, 0],
            1 => [a, a * A, a * A2],
            2 => [a, -a * A, a * A2],
            3 => [b, b * B, b * B2],
            4 => [b, -b * B, b * B2],
            _ => [0, 0, 1],
        };
    }

    /// <summary>The two transforms of tiles, on vectors that hold channels of one tile or of two.</summary>
    internal static class Transforms<TSimd, TVector>
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        /// <summary>Transforms the input of two tiles of one channel block.</summary>
        /// <param name="first">The upper left value of the first tile's 6 x 6.</param>
        /// <param name="second">That of the second.</param>
        /// <param name="rowStride">Floats from a row to the next.</param>
        /// <param name="target">Where the sixteen values of the first point go.</param>
        /// <param name="pointStride">Floats from a point to the next.</param>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Input(float* first, float* second, nint rowStride, float* target, nint pointStride)
        {
            float* columns = stackalloc float[Points * 16];
            nint row2 = 2 * rowStride, row3 = 3 * rowStride, row4 = 4 * rowStride, row5 = 5 * rowStride;
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                float* s = (lane < 8 ? first : second) + (lane % 8);
                float* t = second;
                float* c = columns;
                for (int x = 0; x < 6; x++)
                {
                    Input(
                        TSimd.LoadPair(s, t),
                        TSimd.LoadPair(s + rowStride, t + rowStride),
                        TSimd.LoadPair(s + row2, t + row2),
                        TSimd.LoadPair(s + row3, t + row3),
                        TSimd.LoadPair(s + row4, t + row4),
                        TSimd.LoadPair(s + row5, t + row5),
                        c,
                        6 * TSimd.Lanes);
                    s += 8;
                    t += 8;
                    c += TSimd.Lanes;
                }

                c = columns;
                float* points = target + lane;
                for (int y = 0; y < 6; y++)
                {
                    Input(
                        TSimd.Load(c),
                        TSimd.Load(c + TSimd.Lanes),
                        TSimd.Load(c + (2 * TSimd.Lanes)),
                        TSimd.Load(c + (3 * TSimd.Lanes)),
                        TSimd.Load(c + (4 * TSimd.Lanes)),
                        TSimd.Load(c + (5 * TSimd.Lanes)),
                        points,
                        pointStride);
                    c += 6 * TSimd.Lanes;
                    points += 6 * pointStride;
                }
            }
        }

        /// <summary>Transforms the products of two tiles of one channel block to their outputs.</summary>
        /// <param name="source">Sixteen values of the first point.</param>
        /// <param name="pointStride">Floats from a point to the next.</param>
        /// <param name="bias">Sixteen values.</param>
        /// <param name="target">The 4 x 4 x 8 values of the first tile.</param>
        /// <param name="rowStride">Floats from a row of a tile to the next.</param>
        /// <param name="tile">Floats from the first tile to the second.</param>
        /// <remarks>
        /// The rows 0 and 2 of a tile are made of sums of the products' rows, 1 and 3 of their differences. So two rows at a time are what
        /// six columns leave in registers, and nothing goes by way of memory.
        /// </remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Output(float* source, nint pointStride, float* bias, float* target, nint rowStride = 32, nint tile = 128)
        {
            nint down = 6 * pointStride;
            for (int half = 0; half < 16; half += Math.Max(TSimd.Lanes, 8), target += tile)
            {
                for (int lane = 0; lane < 8; lane += TSimd.Lanes)
                {
                    float* t = target + lane;
                    TVector b = TSimd.Load(bias);
                    Even(source, down, out TVector m0, out TVector n0);
                    Even(source + pointStride, down, out TVector m1, out TVector n1);
                    Even(source + (2 * pointStride), down, out TVector m2, out TVector n2);
                    Even(source + (3 * pointStride), down, out TVector m3, out TVector n3);
                    Even(source + (4 * pointStride), down, out TVector m4, out TVector n4);
                    Even(source + (5 * pointStride), down, out TVector m5, out TVector n5);
                    OutputRow(m0, m1, m2, m3, m4, m5, b, t, tile);
                    OutputRow(n0, n1, n2, n3, n4, n5, b, t + (2 * rowStride), tile);
                    Odd(source, down, out m0, out n0);
                    Odd(source + pointStride, down, out m1, out n1);
                    Odd(source + (2 * pointStride), down, out m2, out n2);
                    Odd(source + (3 * pointStride), down, out m3, out n3);
                    Odd(source + (4 * pointStride), down, out m4, out n4);
                    Odd(source + (5 * pointStride), down, out m5, out n5);
                    OutputRow(m0, m1, m2, m3, m4, m5, b, t + rowStride, tile);
                    OutputRow(n0, n1, n2, n3, n4, n5, b, t + (3 * rowStride), tile);
                    source += TSimd.Lanes;
                    bias += TSimd.Lanes;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Input(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* target, nint stride)
        {
            TVector product = TSimd.Create(A2 * B2);
            TVector sum = TSimd.Create(A2 + B2);
            TSimd.Store(TSimd.MultiplyAdd(product, d0, TSimd.MultiplySubtract(sum, d2, d4)), target);
            TVector even = TSimd.MultiplySubtract(TSimd.Create(B2), d2, d4);
            TVector odd = TSimd.MultiplySubtract(TSimd.Create(B2), d1, d3);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(A), odd, even), target + stride);
            TSimd.Store(TSimd.MultiplySubtract(TSimd.Create(A), odd, even), target + (2 * stride));
            even = TSimd.MultiplySubtract(TSimd.Create(A2), d2, d4);
            odd = TSimd.MultiplySubtract(TSimd.Create(A2), d1, d3);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(B), odd, even), target + (3 * stride));
            TSimd.Store(TSimd.MultiplySubtract(TSimd.Create(B), odd, even), target + (4 * stride));
            TSimd.Store(TSimd.MultiplyAdd(product, d1, TSimd.MultiplySubtract(sum, d3, d5)), target + (5 * stride));
        }

        // The values of a column of products in the rows 0 and 2.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Even(float* s, nint down, out TVector y0, out TVector y2)
        {
            TVector p = TSimd.Add(TSimd.Load(s + down), TSimd.Load(s + (2 * down)));
            TVector r = TSimd.Add(TSimd.Load(s + (3 * down)), TSimd.Load(s + (4 * down)));
            y0 = TSimd.Add(TSimd.Add(TSimd.Load(s), p), r);
            y2 = TSimd.MultiplyAdd(TSimd.Create(B2), r, TSimd.Multiply(TSimd.Create(A2), p));
        }

        // In the rows 1 and 3.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Odd(float* s, nint down, out TVector y1, out TVector y3)
        {
            TVector p = TSimd.Subtract(TSimd.Load(s + down), TSimd.Load(s + (2 * down)));
            TVector r = TSimd.Subtract(TSimd.Load(s + (3 * down)), TSimd.Load(s + (4 * down)));
            y1 = TSimd.MultiplyAdd(TSimd.Create(B), r, TSimd.Multiply(TSimd.Create(A), p));
            y3 = TSimd.MultiplyAdd(TSimd.Create(B2 * B), r, TSimd.MultiplyAdd(TSimd.Create(A2 * A), p, TSimd.Load(s + (5 * down))));
        }

        // A row of a tile from its six columns.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void OutputRow(
            TVector m0, TVector m1, TVector m2, TVector m3, TVector m4, TVector m5, TVector bias, float* t, nint tile)
        {
            TVector p = TSimd.Add(m1, m2);
            TVector q = TSimd.Subtract(m1, m2);
            TVector r = TSimd.Add(m3, m4);
            TVector s = TSimd.Subtract(m3, m4);
            TVector y0 = TSimd.Add(TSimd.Add(m0, p), r);
            TVector y1 = TSimd.MultiplyAdd(TSimd.Create(B), s, TSimd.Multiply(TSimd.Create(A), q));
            TVector y2 = TSimd.MultiplyAdd(TSimd.Create(B2), r, TSimd.Multiply(TSimd.Create(A2), p));
            TVector y3 = TSimd.MultiplyAdd(TSimd.Create(B2 * B), s, TSimd.MultiplyAdd(TSimd.Create(A2 * A), q, m5));
            TSimd.StorePair(TSimd.Add(y0, bias), t, t + tile);
            TSimd.StorePair(TSimd.Add(y1, bias), t + 8, t + tile + 8);
            TSimd.StorePair(TSimd.Add(y2, bias), t + 16, t + tile + 16);
            TSimd.StorePair(TSimd.Add(y3, bias), t + 24, t + tile + 24);
        }
    }
}
