using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Strassen's product of matrices of 2 x 2 blocks, C = A B, with seven products of blocks instead of eight, in Winograd's form with fifteen
/// sums (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, section 23.1). The factors of the products are
/// <code>
/// A11   A12   A12 - A21 - A22 + A11   A22                     A21 + A22   A21 + A22 - A11   A11 - A21
/// B11   B21   B22                     B22 - B12 + B11 - B21   B12 - B11   B22 - B12 + B11   B22 - B12
/// </code>
/// and C11 = P1 + P2, C12 = P1 + P3 + P5 + P6, C21 = P1 - P4 + P6 + P7, C22 = P1 + P5 + P6 + P7.
/// </summary>
internal static unsafe class Strassen
{
    /// <summary>The number of products.</summary>
    public const int Products = 7;

    // Fewer channels than this cost more in sums than they save in products.
    private const int EnoughChannels = 64;

    /// <summary>Whether two such products, one after the other, are faster than two as they stand.</summary>
    public static bool IsWorthwhile(int inputs, int hidden, int outputs) =>
        inputs % 16 == 0 && hidden % 16 == 0 && outputs % 16 == 0 && Math.Min(inputs, outputs) >= EnoughChannels;

    /// <summary>Packs the right factors of the seven products.</summary>
    /// <param name="inputs">Inputs, of which each factor has half.</param>
    /// <param name="outputs">Outputs, of which each factor has half.</param>
    /// <param name="weight">The weight of an output and an input.</param>
    /// <param name="bias">The bias of an output.</param>
    /// <param name="matrix">Makes a matrix of so many inputs and outputs.</param>
    public static PackedMatrix[] Pack(
        int inputs, int outputs, Func<int, int, double> weight, Func<int, double> bias, Func<int, int, PackedMatrix> matrix)
    {
        int k2 = inputs / 2;
        int o2 = outputs / 2;
        PackedMatrix[] factors = [.. Enumerable.Range(0, Products).Select(_ => matrix(k2, o2))];
        Span<PackedOutput> columns = stackalloc PackedOutput[Products];
        for (int o = 0; o < o2; o++)
        {
            for (int i = 0; i < Products; i++)
            {
                columns[i] = factors[i].Output(o);
            }

            for (int k = 0; k < k2; k++)
            {
                (double b11, double b12) = (weight(o, k), weight(o + o2, k));
                (double b21, double b22) = (weight(o, k + k2), weight(o + o2, k + k2));
                for (int i = 0; i < Products; i++)
                {
                    columns[i].Set(k, Factor(i, b11, b12, b21, b22));
                }
            }

            // The one reaches both blocks on the left, and together they reach both on the right.
            factors[0].SetBias(o, bias(o));
            factors[4].SetBias(o, bias(o + o2) - bias(o));
        }

        return factors;
    }

    private static double Factor(int product, double b11, double b12, double b21, double b22) => product switch
    {
        0 => b11,
        1 => b21,
        2 => b22,
        3 => b22 - b12 + b11 - b21,
        4 => b12 - b11,
        5 => b22 - b12 + b11,
        _ => b22 - b12,
    };

    /// <summary>The sums, value by value; counts are multiples of sixteen.</summary>
    internal static class Sums<TSimd, TVector>
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        /// <summary>
        /// The left factors of the third, fifth, sixth and seventh product; the others are blocks. Any target may be a source.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Split(
            float* a11, float* a12, float* a21, float* a22, float* third, float* fifth, float* sixth, float* seventh, nint count)
        {
            for (nint i = 0; i < count; i += TSimd.Lanes)
            {
                TVector x11 = TSimd.Load(a11 + i);
                TVector x12 = TSimd.Load(a12 + i);
                TVector x21 = TSimd.Load(a21 + i);
                TVector s1 = TSimd.Add(x21, TSimd.Load(a22 + i));
                TVector s2 = TSimd.Subtract(s1, x11);
                TSimd.Store(TSimd.Subtract(x12, s2), third + i);
                TSimd.Store(s1, fifth + i);
                TSimd.Store(s2, sixth + i);
                TSimd.Store(TSimd.Subtract(x11, x21), seventh + i);
            }
        }

        /// <summary>The blocks of the result from the products, of which the target may be some.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Join(float* products, nint stride, float* c11, float* c12, float* c21, float* c22, nint count)
        {
            float* at2 = products + stride, at3 = at2 + stride, at4 = at3 + stride, at5 = at4 + stride, at6 = at5 + stride,
                at7 = at6 + stride;
            for (nint i = 0; i < count; i += TSimd.Lanes)
            {
                TVector p1 = TSimd.Load(products + i);
                TVector p5 = TSimd.Load(at5 + i);
                TVector u2 = TSimd.Add(p1, TSimd.Load(at6 + i));
                TVector u3 = TSimd.Add(u2, TSimd.Load(at7 + i));
                TVector y11 = TSimd.Add(p1, TSimd.Load(at2 + i));
                TVector y12 = TSimd.Add(TSimd.Add(u2, p5), TSimd.Load(at3 + i));
                TVector y21 = TSimd.Subtract(u3, TSimd.Load(at4 + i));
                TSimd.Store(y11, c11 + i);
                TSimd.Store(y12, c12 + i);
                TSimd.Store(y21, c21 + i);
                TSimd.Store(TSimd.Add(u3, p5), c22 + i);
            }
        }

        /// <summary>
        /// Puts in the place of the seven products, some floats apart, the left factors of another product whose left operand is the GELU
        /// of the first one's result; a multiple of 16 values of each.
        /// </summary>
        public static void GeluBetweenProducts(float* products, nint product, nint count)
        {
            if (TSimd.Lanes == 16)
            {
                Simd512.GeluBetweenProducts(products, product, count);
                return;
            }

            float* c11 = products;
            float* c12 = products + product;
            float* c21 = products + (6 * product);
            float* c22 = products + (3 * product);
            Join(products, product, c11, c12, c21, c22, count);
            TSimd.Gelu(c11, count);
            TSimd.Gelu(c12, count);
            TSimd.Gelu(c21, count);
            TSimd.Gelu(c22, count);
            Split(c11, c12, c21, c22, products + (2 * product), products + (4 * product), products + (5 * product), c21, count);
        }
    }
}
