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
        /// <summary>Transforms the input of two tiles of one octet.</summary>
        /// <param name="first">The upper left value of the first tile's 6 x 6.</param>
        /// <param name="second">That of the second.</param>
        /// <param name="row">Floats from a row to the next.</param>
        /// <param name="target">Where the sixteen values of the first point go.</param>
        /// <param name="point">Floats from a point to the next.</param>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Input(float* first, float* second, nint row, float* target, nint point)
        {
            float* columns = stackalloc float[Points * 16];
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                float* s = (lane < 8 ? first : second) + (lane % 8);
                float* t = second;
                for (int x = 0; x < 6; x++)
                {
                    Input(
                        TSimd.LoadPair(s, t),
                        TSimd.LoadPair(s + row, t + row),
                        TSimd.LoadPair(s + (2 * row), t + (2 * row)),
                        TSimd.LoadPair(s + (3 * row), t + (3 * row)),
                        TSimd.LoadPair(s + (4 * row), t + (4 * row)),
                        TSimd.LoadPair(s + (5 * row), t + (5 * row)),
                        columns + (x * TSimd.Lanes),
                        6 * TSimd.Lanes);
                    s += 8;
                    t += 8;
                }

                for (int y = 0; y < 6; y++)
                {
                    float* c = columns + (y * 6 * TSimd.Lanes);
                    Input(
                        TSimd.Load(c),
                        TSimd.Load(c + TSimd.Lanes),
                        TSimd.Load(c + (2 * TSimd.Lanes)),
                        TSimd.Load(c + (3 * TSimd.Lanes)),
                        TSimd.Load(c + (4 * TSimd.Lanes)),
                        TSimd.Load(c + (5 * TSimd.Lanes)),
                        target + (y * 6 * point) + lane,
                        point);
                }
            }
        }

        /// <summary>Transforms the products of two tiles of one octet to their outputs.</summary>
        /// <param name="source">Sixteen values of the first point.</param>
        /// <param name="point">Floats from a point to the next.</param>
        /// <param name="bias">Sixteen values.</param>
        /// <param name="target">The 4 x 4 x 8 values of the first tile.</param>
        /// <param name="row">Floats from a row of a tile to the next.</param>
        /// <param name="tile">Floats from the first tile to the second.</param>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Output(float* source, nint point, float* bias, float* target, nint row = 32, nint tile = 128)
        {
            float* columns = stackalloc float[24 * 16];
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                for (int x = 0; x < 6; x++)
                {
                    float* s = source + (x * point) + lane;
                    Output(
                        TSimd.Load(s),
                        TSimd.Load(s + (6 * point)),
                        TSimd.Load(s + (12 * point)),
                        TSimd.Load(s + (18 * point)),
                        TSimd.Load(s + (24 * point)),
                        TSimd.Load(s + (30 * point)),
                        out TVector y0,
                        out TVector y1,
                        out TVector y2,
                        out TVector y3);
                    float* c = columns + (x * TSimd.Lanes);
                    TSimd.Store(y0, c);
                    TSimd.Store(y1, c + (6 * TSimd.Lanes));
                    TSimd.Store(y2, c + (12 * TSimd.Lanes));
                    TSimd.Store(y3, c + (18 * TSimd.Lanes));
                }

                TVector b = TSimd.Load(bias + lane);
                for (int y = 0; y < 4; y++)
                {
                    float* c = columns + (y * 6 * TSimd.Lanes);
                    Output(
                        TSimd.Load(c),
                        TSimd.Load(c + TSimd.Lanes),
                        TSimd.Load(c + (2 * TSimd.Lanes)),
                        TSimd.Load(c + (3 * TSimd.Lanes)),
                        TSimd.Load(c + (4 * TSimd.Lanes)),
                        TSimd.Load(c + (5 * TSimd.Lanes)),
                        out TVector x0,
                        out TVector x1,
                        out TVector x2,
                        out TVector x3);
                    float* t = target + (lane < 8 ? 0 : tile) + (lane % 8) + (y * row);
                    TSimd.StorePair(TSimd.Add(x0, b), t, t + tile);
                    TSimd.StorePair(TSimd.Add(x1, b), t + 8, t + tile + 8);
                    TSimd.StorePair(TSimd.Add(x2, b), t + 16, t + tile + 16);
                    TSimd.StorePair(TSimd.Add(x3, b), t + 24, t + tile + 24);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Input(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, float* target, nint step)
        {
            TVector product = TSimd.Create(A2 * B2);
            TVector sum = TSimd.Create(-(A2 + B2));
            TSimd.Store(TSimd.MultiplyAdd(product, d0, TSimd.MultiplyAdd(sum, d2, d4)), target);
            TVector even = TSimd.MultiplyAdd(TSimd.Create(-B2), d2, d4);
            TVector odd = TSimd.MultiplyAdd(TSimd.Create(-B2), d1, d3);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(A), odd, even), target + step);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(-A), odd, even), target + (2 * step));
            even = TSimd.MultiplyAdd(TSimd.Create(-A2), d2, d4);
            odd = TSimd.MultiplyAdd(TSimd.Create(-A2), d1, d3);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(B), odd, even), target + (3 * step));
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(-B), odd, even), target + (4 * step));
            TSimd.Store(TSimd.MultiplyAdd(product, d1, TSimd.MultiplyAdd(sum, d3, d5)), target + (5 * step));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Output(
            TVector m0, TVector m1, TVector m2, TVector m3, TVector m4, TVector m5, out TVector y0, out TVector y1, out TVector y2,
            out TVector y3)
        {
            TVector p = TSimd.Add(m1, m2);
            TVector q = TSimd.Subtract(m1, m2);
            TVector r = TSimd.Add(m3, m4);
            TVector s = TSimd.Subtract(m3, m4);
            y0 = TSimd.Add(TSimd.Add(m0, p), r);
            y1 = TSimd.MultiplyAdd(TSimd.Create(B), s, TSimd.Multiply(TSimd.Create(A), q));
            y2 = TSimd.MultiplyAdd(TSimd.Create(B2), r, TSimd.Multiply(TSimd.Create(A2), p));
            y3 = TSimd.MultiplyAdd(TSimd.Create(B2 * B), s, TSimd.MultiplyAdd(TSimd.Create(A2 * A), q, m5));
        }
    }
}
