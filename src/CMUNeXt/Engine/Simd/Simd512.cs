using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CMUNeXt.Engine.Simd;

/// <summary>AVX-512: vectors of 16, 32 registers.</summary>
internal readonly unsafe struct Simd512 : ISimd<Vector512<float>>
{
    public static int Lanes => 16;

    public static int Rows => 16;

    public static int PanelOctets => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPair(float* first, float* second) =>
        Vector256.Load(first).ToVector512Unsafe().WithUpper(Vector256.Load(second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair(Vector512<float> value, float* first, float* second)
    {
        value.GetLower().Store(first);
        value.GetUpper().Store(second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WherePositive(Vector512<float> condition, Vector512<float> value) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(condition, Vector512<float>.Zero), value, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    /// <remarks>The table of quartics stays in ten registers.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, nint count)
    {
        float* table = NormalTail.Table;
        Vector512<float> a0 = Vector512.Load(table + 0), b0 = Vector512.Load(table + 16);
        Vector512<float> a1 = Vector512.Load(table + 32), b1 = Vector512.Load(table + 48);
        Vector512<float> a2 = Vector512.Load(table + 64), b2 = Vector512.Load(table + 80);
        Vector512<float> a3 = Vector512.Load(table + 96), b3 = Vector512.Load(table + 112);
        Vector512<float> a4 = Vector512.Load(table + 128), b4 = Vector512.Load(table + 144);
        Vector512<float> end = Vector512.Create(NormalTail.End);
        Vector512<float> inverse = Vector512.Create(1 / NormalTail.Interval);
        Vector512<float> interval = Vector512.Create(-NormalTail.Interval);

        // Adding 2^23 rounds to an integer and leaves it in the lowest bits, from which the permutations take it.
        Vector512<float> magic = Vector512.Create(8388608f);
        for (nint n = 0; n < count; n += 16)
        {
            Vector512<float> x = Vector512.Load(values + n);
            Vector512<float> u = Vector512.MinNative(Vector512.Abs(x), end);
            Vector512<float> index = Vector512.FusedMultiplyAdd(u, inverse, magic);
            Vector512<float> d = Vector512.FusedMultiplyAdd(index - magic, interval, u);
            Vector512<int> i = index.AsInt32();
            Vector512<float> p = Avx512F.PermuteVar16x32x2(a4, i, b4);
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a3, i, b3));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a2, i, b2));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a1, i, b1));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a0, i, b0));
            Avx512F.FusedMultiplyAddNegated(u, p, Vector512.MaxNative(x, Vector512<float>.Zero)).Store(values + n);
        }
    }

    public static void MultiplyPanel(in MatrixOperands operands, int octets)
    {
        switch (octets)
        {
            case 4:
                MatrixKernels<Simd512, Vector512<float>>.Run8x2(operands);
                break;
            case 2:
                MatrixKernels<Simd512, Vector512<float>>.Run16x1(operands);
                break;
            default:
                MatrixKernels<Simd256, Vector256<float>>.Run16x1(operands);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluAffine(float* source, float* target, nint count, float* scale, float* shift)
    {
        float* table = NormalTail.Table;
        Vector512<float> a0 = Vector512.Load(table + 0), b0 = Vector512.Load(table + 16);
        Vector512<float> a1 = Vector512.Load(table + 32), b1 = Vector512.Load(table + 48);
        Vector512<float> a2 = Vector512.Load(table + 64), b2 = Vector512.Load(table + 80);
        Vector512<float> a3 = Vector512.Load(table + 96), b3 = Vector512.Load(table + 112);
        Vector512<float> a4 = Vector512.Load(table + 128), b4 = Vector512.Load(table + 144);
        Vector512<float> end = Vector512.Create(NormalTail.End);
        Vector512<float> inverse = Vector512.Create(1 / NormalTail.Interval);
        Vector512<float> interval = Vector512.Create(-NormalTail.Interval);
        Vector512<float> magic = Vector512.Create(8388608f);
        Vector512<float> factor = Vector512.Load(scale), summand = Vector512.Load(shift);
        for (nint n = 0; n < count; n += 16)
        {
            Vector512<float> x = Vector512.Load(source + n);
            Vector512<float> u = Vector512.MinNative(Vector512.Abs(x), end);
            Vector512<float> index = Vector512.FusedMultiplyAdd(u, inverse, magic);
            Vector512<float> d = Vector512.FusedMultiplyAdd(index - magic, interval, u);
            Vector512<int> i = index.AsInt32();
            Vector512<float> p = Avx512F.PermuteVar16x32x2(a4, i, b4);
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a3, i, b3));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a2, i, b2));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a1, i, b1));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a0, i, b0));
            Vector512<float> y = Avx512F.FusedMultiplyAddNegated(u, p, Vector512.MaxNative(x, Vector512<float>.Zero));
            Vector512.FusedMultiplyAdd(y, factor, summand).Store(target + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c)
    {
        float* table = NormalTail.Table;
        Vector512<float> a0 = Vector512.Load(table + 0), b0 = Vector512.Load(table + 16);
        Vector512<float> a1 = Vector512.Load(table + 32), b1 = Vector512.Load(table + 48);
        Vector512<float> a2 = Vector512.Load(table + 64), b2 = Vector512.Load(table + 80);
        Vector512<float> a3 = Vector512.Load(table + 96), b3 = Vector512.Load(table + 112);
        Vector512<float> a4 = Vector512.Load(table + 128), b4 = Vector512.Load(table + 144);
        table = NormalTail.DerivativeTable;
        Vector512<float> c0 = Vector512.Load(table + 0), d0 = Vector512.Load(table + 16);
        Vector512<float> c1 = Vector512.Load(table + 32), d1 = Vector512.Load(table + 48);
        Vector512<float> c2 = Vector512.Load(table + 64), d2 = Vector512.Load(table + 80);
        Vector512<float> c3 = Vector512.Load(table + 96), d3 = Vector512.Load(table + 112);
        Vector512<float> c4 = Vector512.Load(table + 128), d4 = Vector512.Load(table + 144);
        Vector512<float> end = Vector512.Create(NormalTail.End);
        Vector512<float> inverse = Vector512.Create(1 / NormalTail.Interval);
        Vector512<float> interval = Vector512.Create(-NormalTail.Interval);
        Vector512<float> magic = Vector512.Create(8388608f);
        Vector512<float> factorA = Vector512.Load(a), factorB = Vector512.Load(b), summand = Vector512.Load(c);
        for (nint n = 0; n < count; n += 16)
        {
            Vector512<float> v = Vector512.Load(x + n);
            Vector512<float> u = Vector512.MinNative(Vector512.Abs(v), end);
            Vector512<float> index = Vector512.FusedMultiplyAdd(u, inverse, magic);
            Vector512<float> d = Vector512.FusedMultiplyAdd(index - magic, interval, u);
            Vector512<int> i = index.AsInt32();
            Vector512<float> p = Avx512F.PermuteVar16x32x2(a4, i, b4);
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a3, i, b3));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a2, i, b2));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a1, i, b1));
            p = Vector512.FusedMultiplyAdd(p, d, Avx512F.PermuteVar16x32x2(a0, i, b0));
            Vector512<float> q = Avx512F.PermuteVar16x32x2(c4, i, d4);
            q = Vector512.FusedMultiplyAdd(q, d, Avx512F.PermuteVar16x32x2(c3, i, d3));
            q = Vector512.FusedMultiplyAdd(q, d, Avx512F.PermuteVar16x32x2(c2, i, d2));
            q = Vector512.FusedMultiplyAdd(q, d, Avx512F.PermuteVar16x32x2(c1, i, d1));
            q = Vector512.FusedMultiplyAdd(q, d, Avx512F.PermuteVar16x32x2(c0, i, d0));

            // For a negative x the derivative is q, for a positive one 1 - q.
            Vector512<float> derivative = Vector512.ConditionalSelect(Vector512.GreaterThan(v, Vector512<float>.Zero), Vector512<float>.One - q, q);
            Vector512<float> y = Avx512F.FusedMultiplyAddNegated(u, p, Vector512.MaxNative(v, Vector512<float>.Zero));
            Vector512<float> g = Vector512.FusedMultiplyAdd(factorA, Vector512.Load(gradient + n), Vector512.FusedMultiplyAdd(factorB, y, summand));
            (derivative * g).Store(target + n);
        }
    }
}
