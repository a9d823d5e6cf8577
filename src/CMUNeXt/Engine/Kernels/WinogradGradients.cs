using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// The transforms of <see cref="Winograd"/> that only training needs: of kernels, since they change with each iteration, and the transposed
/// ones of pixels and of kernels, by which F(4x4, 3x3) becomes the gradient of the kernel. With y = A'((G g) * (B'd)), * point by point,
/// the gradient of g is G'((A dy) * (B'd)).
/// </summary>
internal static unsafe class WinogradGradients<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const float A = Winograd.A;
    private const float B = Winograd.B;
    private const float A2 = A * A;
    private const float B2 = B * B;

    // The rows of G but the last: 1, A, A^2 times these.
    private const float G0 = (float)(1.0 / ((double)A2 * B2));
    private const float GA = (float)(1.0 / (2.0 * A2 * ((double)A2 - B2)));
    private const float GB = (float)(1.0 / (2.0 * B2 * ((double)B2 - A2)));

    /// <summary>Transforms kernels, one in each lane.</summary>
    /// <param name="kernels">Vectors of the nine weights.</param>
    /// <param name="kernelStride">Floats from one to the next.</param>
    /// <param name="target">Where the vectors of the 36 points go.</param>
    /// <param name="pointStride">Floats from one to the next.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Kernels(float* kernels, nint kernelStride, float* target, nint pointStride)
    {
        float* columns = stackalloc float[18 * 16];
        float* c = columns;
        for (int x = 0; x < 3; x++)
        {
            Kernel(TSimd.Load(kernels), TSimd.Load(kernels + (3 * kernelStride)), TSimd.Load(kernels + (6 * kernelStride)), c,
                3 * TSimd.Lanes);
            kernels += kernelStride;
            c += TSimd.Lanes;
        }

        c = columns;
        for (int y = 0; y < 6; y++)
        {
            Kernel(TSimd.Load(c), TSimd.Load(c + TSimd.Lanes), TSimd.Load(c + (2 * TSimd.Lanes)), target, pointStride);
            c += 3 * TSimd.Lanes;
            target += 6 * pointStride;
        }
    }

    /// <summary>Transforms the gradients of the points of kernels, one in each lane, to those of the kernels.</summary>
    /// <param name="points">Vectors of the 36 points.</param>
    /// <param name="pointStride">Floats from one to the next.</param>
    /// <param name="target">Where the vectors of the nine weights go.</param>
    /// <param name="kernelStride">Floats from one to the next.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void KernelsBack(float* points, nint pointStride, float* target, nint kernelStride)
    {
        float* columns = stackalloc float[18 * 16];
        float* c = columns;
        nint rowStride = 6 * pointStride;
        for (int x = 0; x < 6; x++)
        {
            KernelBack(points, rowStride, c, 6 * TSimd.Lanes);
            points += pointStride;
            c += TSimd.Lanes;
        }

        c = columns;
        for (int y = 0; y < 3; y++)
        {
            KernelBack(c, TSimd.Lanes, target, kernelStride);
            c += 6 * TSimd.Lanes;
            target += 3 * kernelStride;
        }
    }

    /// <summary>
    /// Transforms the 4 x 4 pixels of two tiles of one channel block to 36 points, the transposed way of <see cref="Winograd"/>'s output.
    /// </summary>
    /// <param name="first">The upper left value of the first tile.</param>
    /// <param name="second">That of the second.</param>
    /// <param name="rowStride">Floats from a row to the next.</param>
    /// <param name="target">Where the sixteen values of the first point go.</param>
    /// <param name="pointStride">Floats from a point to the next.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pixels(float* first, float* second, nint rowStride, float* target, nint pointStride)
    {
        float* columns = stackalloc float[24 * 16];
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            float* s = (lane < 8 ? first : second) + (lane % 8);
            float* t = second;
            float* c = columns;
            for (int x = 0; x < 4; x++)
            {
                Pixel(
                    TSimd.LoadPair(s, t),
                    TSimd.LoadPair(s + rowStride, t + rowStride),
                    TSimd.LoadPair(s + (2 * rowStride), t + (2 * rowStride)),
                    TSimd.LoadPair(s + (3 * rowStride), t + (3 * rowStride)),
                    c,
                    4 * TSimd.Lanes);
                s += 8;
                t += 8;
                c += TSimd.Lanes;
            }

            c = columns;
            float* points = target + lane;
            for (int y = 0; y < 6; y++)
            {
                Pixel(
                    TSimd.Load(c),
                    TSimd.Load(c + TSimd.Lanes),
                    TSimd.Load(c + (2 * TSimd.Lanes)),
                    TSimd.Load(c + (3 * TSimd.Lanes)),
                    points,
                    pointStride);
                c += 4 * TSimd.Lanes;
                points += 6 * pointStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Kernel(TVector g0, TVector g1, TVector g2, float* target, nint stride)
    {
        TSimd.Store(TSimd.Multiply(TSimd.Create(G0), g0), target);
        TVector even = TSimd.Multiply(TSimd.Create(GA), TSimd.MultiplyAdd(TSimd.Create(A2), g2, g0));
        TVector odd = TSimd.Multiply(TSimd.Create(GA * A), g1);
        TSimd.Store(TSimd.Add(even, odd), target + stride);
        TSimd.Store(TSimd.Subtract(even, odd), target + (2 * stride));
        even = TSimd.Multiply(TSimd.Create(GB), TSimd.MultiplyAdd(TSimd.Create(B2), g2, g0));
        odd = TSimd.Multiply(TSimd.Create(GB * B), g1);
        TSimd.Store(TSimd.Add(even, odd), target + (3 * stride));
        TSimd.Store(TSimd.Subtract(even, odd), target + (4 * stride));
        TSimd.Store(g2, target + (5 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KernelBack(float* source, nint from, float* target, nint stride)
    {
        TVector m1 = TSimd.Load(source + from);
        TVector m2 = TSimd.Load(source + (2 * from));
        TVector m3 = TSimd.Load(source + (3 * from));
        TVector m4 = TSimd.Load(source + (4 * from));
        TVector evenA = TSimd.Multiply(TSimd.Create(GA), TSimd.Add(m1, m2));
        TVector evenB = TSimd.Multiply(TSimd.Create(GB), TSimd.Add(m3, m4));
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(G0), TSimd.Load(source), TSimd.Add(evenA, evenB)), target);
        TVector odd = TSimd.Multiply(TSimd.Create(GB * B), TSimd.Subtract(m3, m4));
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(GA * A), TSimd.Subtract(m1, m2), odd), target + stride);
        TVector last = TSimd.MultiplyAdd(TSimd.Create(B2), evenB, TSimd.Load(source + (5 * from)));
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(A2), evenA, last), target + (2 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pixel(TVector x0, TVector x1, TVector x2, TVector x3, float* target, nint stride)
    {
        TSimd.Store(x0, target);
        TVector even = TSimd.MultiplyAdd(TSimd.Create(A2), x2, x0);
        TVector odd = TSimd.MultiplyAdd(TSimd.Create(A2), x3, x1);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(A), odd, even), target + stride);
        TSimd.Store(TSimd.MultiplySubtract(TSimd.Create(A), odd, even), target + (2 * stride));
        even = TSimd.MultiplyAdd(TSimd.Create(B2), x2, x0);
        odd = TSimd.MultiplyAdd(TSimd.Create(B2), x3, x1);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(B), odd, even), target + (3 * stride));
        TSimd.Store(TSimd.MultiplySubtract(TSimd.Create(B), odd, even), target + (4 * stride));
        TSimd.Store(x3, target + (5 * stride));
    }
}
