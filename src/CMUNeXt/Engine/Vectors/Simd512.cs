using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CMUNeXt.Engine.Vectors;

/// <summary>AVX-512: vectors of 16, 32 registers.</summary>
internal readonly unsafe struct Simd512 : ISimd<Vector512<float>>
{
    public static int Lanes => 16;

    public static int Rows => 16;

    public static int PanelBlocks => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* address) => Sse.Prefetch0(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* target) => value.Store(target);

    /// <remarks><c>Vector512.Create(lower, upper)</c> would go by way of memory.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPair(float* first, float* second) =>
        Avx512F.InsertVector256(Vector256.Load(first).ToVector512Unsafe(), Vector256.Load(second), 1);

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
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplySubtract(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.FusedMultiplyAddNegated(a, b, c);

    /// <remarks>The table of quartics stays in ten registers. Two vectors at a time, so that more of them are under way.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, nint count)
    {
        float* table = NormalTail.Quartics;
        Vector512<float> a0 = Vector512.Load(table), b0 = Vector512.Load(table + 16);
        Vector512<float> a1 = Vector512.Load(table + 32), b1 = Vector512.Load(table + 48);
        Vector512<float> a2 = Vector512.Load(table + 64), b2 = Vector512.Load(table + 80);
        Vector512<float> a3 = Vector512.Load(table + 96), b3 = Vector512.Load(table + 112);
        Vector512<float> a4 = Vector512.Load(table + 128), b4 = Vector512.Load(table + 144);
        nint n = 0;
        for (nint pairs = count / 32 * 32; n < pairs; n += 32)
        {
            Gelu(Vector512.Load(values + n), a0, b0, a1, b1, a2, b2, a3, b3, a4, b4).Store(values + n);
            Gelu(Vector512.Load(values + n + 16), a0, b0, a1, b1, a2, b2, a3, b3, a4, b4).Store(values + n + 16);
        }

        if (n < count)
        {
            Gelu(Vector512.Load(values + n), a0, b0, a1, b1, a2, b2, a3, b3, a4, b4).Store(values + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gelu(
        Vector512<float> x,
        Vector512<float> a0,
        Vector512<float> b0,
        Vector512<float> a1,
        Vector512<float> b1,
        Vector512<float> a2,
        Vector512<float> b2,
        Vector512<float> a3,
        Vector512<float> b3,
        Vector512<float> a4,
        Vector512<float> b4)
    {
        // Adding 2^21 rounds to a quarter and leaves the number of quarters in the lowest bits, from which the permutations take it.
        const float Magic = 2097152;
        const byte BeyondQuarters = 0x20;

        // The smaller absolute value, without its sign.
        Vector512<float> u = Avx512DQ.Range(x, Vector512.Create(NormalTail.QuarticEnd), 0b1010);
        Vector512<int> i = (u + Vector512.Create(Magic)).AsInt32();
        Vector512<float> d = Avx512DQ.Reduce(u, BeyondQuarters);
        Vector512<float> tail = Avx512F.PermuteVar16x32x2(a4, i, b4);
        tail = Vector512.FusedMultiplyAdd(tail, d, Avx512F.PermuteVar16x32x2(a3, i, b3));
        tail = Vector512.FusedMultiplyAdd(tail, d, Avx512F.PermuteVar16x32x2(a2, i, b2));
        tail = Vector512.FusedMultiplyAdd(tail, d, Avx512F.PermuteVar16x32x2(a1, i, b1));
        tail = Vector512.FusedMultiplyAdd(tail, d, Avx512F.PermuteVar16x32x2(a0, i, b0));
        return Avx512F.FusedMultiplyAddNegated(u, tail, Vector512.MaxNative(Vector512<float>.Zero, x));
    }

    /// <summary>
    /// Puts in the place of the seven products of Strassen's multiplication, some floats apart, the left factors of another whose left
    /// operand is the GELU of the first one's result; a multiple of 16 values of each. Sums and GELU in one pass.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBetweenProducts(float* products, nint product, nint count)
    {
        float* table = NormalTail.Quartics;
        Vector512<float> a0 = Vector512.Load(table), b0 = Vector512.Load(table + 16);
        Vector512<float> a1 = Vector512.Load(table + 32), b1 = Vector512.Load(table + 48);
        Vector512<float> a2 = Vector512.Load(table + 64), b2 = Vector512.Load(table + 80);
        Vector512<float> a3 = Vector512.Load(table + 96), b3 = Vector512.Load(table + 112);
        Vector512<float> a4 = Vector512.Load(table + 128), b4 = Vector512.Load(table + 144);
        float* at1 = products, at2 = at1 + product, at3 = at2 + product, at4 = at3 + product;
        float* at5 = at4 + product, at6 = at5 + product, at7 = at6 + product;
        for (nint n = 0; n < count; n += 16)
        {
            Vector512<float> p1 = Vector512.Load(at1 + n);
            Vector512<float> p5 = Vector512.Load(at5 + n);
            Vector512<float> u2 = p1 + Vector512.Load(at6 + n);
            Vector512<float> u3 = u2 + Vector512.Load(at7 + n);
            Vector512<float> y11 = Gelu(p1 + Vector512.Load(at2 + n), a0, b0, a1, b1, a2, b2, a3, b3, a4, b4);
            Vector512<float> y12 = Gelu(u2 + p5 + Vector512.Load(at3 + n), a0, b0, a1, b1, a2, b2, a3, b3, a4, b4);
            Vector512<float> y21 = Gelu(u3 - Vector512.Load(at4 + n), a0, b0, a1, b1, a2, b2, a3, b3, a4, b4);
            Vector512<float> y22 = Gelu(u3 + p5, a0, b0, a1, b1, a2, b2, a3, b3, a4, b4);
            Vector512<float> s1 = y21 + y22;
            Vector512<float> s2 = s1 - y11;
            y11.Store(at1 + n);
            y12.Store(at2 + n);
            (y12 - s2).Store(at3 + n);
            y22.Store(at4 + n);
            s1.Store(at5 + n);
            s2.Store(at6 + n);
            (y11 - y21).Store(at7 + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluAffine(float* source, float* target, nint count, float* scale, float* shift)
    {
        float* table = NormalTail.Quartics;
        Vector512<float> a0 = Vector512.Load(table), b0 = Vector512.Load(table + 16);
        Vector512<float> a1 = Vector512.Load(table + 32), b1 = Vector512.Load(table + 48);
        Vector512<float> a2 = Vector512.Load(table + 64), b2 = Vector512.Load(table + 80);
        Vector512<float> a3 = Vector512.Load(table + 96), b3 = Vector512.Load(table + 112);
        Vector512<float> a4 = Vector512.Load(table + 128), b4 = Vector512.Load(table + 144);
        Vector512<float> factor = Vector512.Load(scale), summand = Vector512.Load(shift);
        for (nint n = 0; n < count; n += 16)
        {
            Vector512<float> y = Gelu(Vector512.Load(source + n), a0, b0, a1, b1, a2, b2, a3, b3, a4, b4);
            Vector512.FusedMultiplyAdd(y, factor, summand).Store(target + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c)
    {
        const float Magic = 8388608;
        const float Interval = NormalTail.End / 15;
        float* table = NormalTail.Quintics;
        Vector512<float> c0 = Vector512.Load(table), c1 = Vector512.Load(table + 16), c2 = Vector512.Load(table + 32);
        Vector512<float> c3 = Vector512.Load(table + 48), c4 = Vector512.Load(table + 64), c5 = Vector512.Load(table + 80);
        table = NormalTail.DerivativeQuintics;
        Vector512<float> d0 = Vector512.Load(table), d1 = Vector512.Load(table + 16), d2 = Vector512.Load(table + 32);
        Vector512<float> d3 = Vector512.Load(table + 48), d4 = Vector512.Load(table + 64), d5 = Vector512.Load(table + 80);
        Vector512<float> factorA = Vector512.Load(a), factorB = Vector512.Load(b), summand = Vector512.Load(c);
        for (nint n = 0; n < count; n += 16)
        {
            Vector512<float> v = Vector512.Load(x + n);
            Vector512<float> u = Avx512DQ.Range(v, Vector512.Create(NormalTail.End), 0b1010);
            Vector512<float> index = Vector512.FusedMultiplyAdd(u, Vector512.Create(1 / Interval), Vector512.Create(Magic));
            Vector512<float> d = Vector512.FusedMultiplyAdd(index - Vector512.Create(Magic), Vector512.Create(-Interval), u);
            Vector512<float> square = d * d;
            Vector512<int> i = index.AsInt32();
            Vector512<float> tail = Quintic(i, d, square, c0, c1, c2, c3, c4, c5);
            Vector512<float> q = Quintic(i, d, square, d0, d1, d2, d3, d4, d5);

            // For a negative x the derivative is q, for a positive one 1 - q.
            Vector512<float> derivative = Vector512.ConditionalSelect(
                Vector512.GreaterThan(v, Vector512<float>.Zero), Vector512<float>.One - q, q);
            Vector512<float> y = Avx512F.FusedMultiplyAddNegated(u, tail, Vector512.MaxNative(Vector512<float>.Zero, v));
            Vector512<float> g = Vector512.FusedMultiplyAdd(
                factorA, Vector512.Load(gradient + n), Vector512.FusedMultiplyAdd(factorB, y, summand));
            (derivative * g).Store(target + n);
        }
    }

    // The polynomial of each lane's interval.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quintic(
        Vector512<int> interval,
        Vector512<float> d,
        Vector512<float> square,
        Vector512<float> c0,
        Vector512<float> c1,
        Vector512<float> c2,
        Vector512<float> c3,
        Vector512<float> c4,
        Vector512<float> c5)
    {
        Vector512<float> high = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(c5, interval), d, Avx512F.PermuteVar16x32(c4, interval));
        Vector512<float> middle = Vector512.FusedMultiplyAdd(
            Avx512F.PermuteVar16x32(c3, interval), d, Avx512F.PermuteVar16x32(c2, interval));
        Vector512<float> low = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(c1, interval), d, Avx512F.PermuteVar16x32(c0, interval));
        return Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(high, square, middle), square, low);
    }
}
