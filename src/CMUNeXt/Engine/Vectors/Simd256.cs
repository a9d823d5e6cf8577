using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CMUNeXt.Engine.Vectors;

/// <summary>AVX2 with FMA: vectors of 8, 16 registers.</summary>
internal readonly unsafe struct Simd256 : ISimd<Vector256<float>>
{
    public static int Lanes => 8;

    public static int Rows => 12;

    public static int PanelBlocks => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* address) => Sse.Prefetch0(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadPair(float* first, float* second) => Vector256.Load(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair(Vector256<float> value, float* first, float* second) => value.Store(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WherePositive(Vector256<float> condition, Vector256<float> value) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(condition, Vector256<float>.Zero), value, Vector256<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplySubtract(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Fma.MultiplyAddNegated(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, nint count)
    {
        float* table = NormalTail.Sextics;
        Vector256<float> c2 = Vector256.Load(table + 16), c3 = Vector256.Load(table + 24), c4 = Vector256.Load(table + 32);
        Vector256<float> c5 = Vector256.Load(table + 40), c6 = Vector256.Load(table + 48);
        for (nint n = 0; n < count; n += Lanes)
        {
            Gelu(Vector256.Load(values + n), table, c2, c3, c4, c5, c6).Store(values + n);
        }
    }

    // As much of the table as there are registers for; the rest is read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gelu(
        Vector256<float> x,
        float* table,
        Vector256<float> c2,
        Vector256<float> c3,
        Vector256<float> c4,
        Vector256<float> c5,
        Vector256<float> c6)
    {
        Vector256<float> u = Vector256.MinNative(Vector256.Abs(x), Vector256.Create(NormalTail.End));
        Vector256<int> interval = Interval(u, out Vector256<float> d);
        Vector256<float> tail = Fma.MultiplyAdd(Avx2.PermuteVar8x32(c6, interval), d, Avx2.PermuteVar8x32(c5, interval));
        tail = Fma.MultiplyAdd(tail, d, Avx2.PermuteVar8x32(c4, interval));
        tail = Fma.MultiplyAdd(tail, d, Avx2.PermuteVar8x32(c3, interval));
        tail = Fma.MultiplyAdd(tail, d, Avx2.PermuteVar8x32(c2, interval));
        tail = Fma.MultiplyAdd(tail, d, Coefficient(table, 1, interval));
        tail = Fma.MultiplyAdd(tail, d, Coefficient(table, 0, interval));
        return Fma.MultiplyAddNegated(u, tail, Vector256.MaxNative(Vector256<float>.Zero, x));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluAffine(float* source, float* target, nint count, float* scale, float* shift)
    {
        float* table = NormalTail.Sextics;
        Vector256<float> c2 = Vector256.Load(table + 16), c3 = Vector256.Load(table + 24), c4 = Vector256.Load(table + 32);
        Vector256<float> c5 = Vector256.Load(table + 40), c6 = Vector256.Load(table + 48);
        for (nint n = 0; n < count; n += Lanes)
        {
            Vector256<float> y = Gelu(Vector256.Load(source + n), table, c2, c3, c4, c5, c6);
            Fma.MultiplyAdd(y, Vector256.Load(scale), Vector256.Load(shift)).Store(target + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c)
    {
        float* table = NormalTail.Sextics;
        float* derivatives = NormalTail.DerivativeSeptics;
        Vector256<float> factorA = Vector256.Load(a), factorB = Vector256.Load(b), summand = Vector256.Load(c);
        for (nint n = 0; n < count; n += Lanes)
        {
            Vector256<float> v = Vector256.Load(x + n);
            Vector256<float> u = Vector256.MinNative(Vector256.Abs(v), Vector256.Create(NormalTail.End));
            Vector256<int> interval = Interval(u, out Vector256<float> d);
            Vector256<float> q = Fma.MultiplyAdd(Coefficient(derivatives, 7, interval), d, Coefficient(derivatives, 6, interval));
            q = Sextic(derivatives, interval, d, q);

            // For a negative x the derivative is q, for a positive one 1 - q.
            Vector256<float> derivative = Vector256.ConditionalSelect(
                Vector256.GreaterThan(v, Vector256<float>.Zero), Vector256<float>.One - q, q);
            Vector256<float> y = Fma.MultiplyAddNegated(u, Sextic(table, interval, d), Vector256.MaxNative(Vector256<float>.Zero, v));
            Vector256<float> g = Fma.MultiplyAdd(factorA, Vector256.Load(gradient + n), Fma.MultiplyAdd(factorB, y, summand));
            (derivative * g).Store(target + n);
        }
    }

    // The interval of each lane, in the lowest bits, and the distance from its center.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Interval(Vector256<float> u, out Vector256<float> distance)
    {
        // Adding 2^23 rounds to an integer and leaves it in the lowest bits, from which the permutations take it.
        const float Magic = 8388608;
        const float Width = NormalTail.End / 7;
        Vector256<float> index = Fma.MultiplyAdd(u, Vector256.Create(1 / Width), Vector256.Create(Magic));
        distance = Fma.MultiplyAdd(index - Vector256.Create(Magic), Vector256.Create(-Width), u);
        return index.AsInt32();
    }

    // The polynomial of each lane's interval.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sextic(float* table, Vector256<int> interval, Vector256<float> d) =>
        Sextic(table, interval, d, Coefficient(table, 6, interval));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sextic(float* table, Vector256<int> interval, Vector256<float> d, Vector256<float> sum)
    {
        sum = Fma.MultiplyAdd(sum, d, Coefficient(table, 5, interval));
        sum = Fma.MultiplyAdd(sum, d, Coefficient(table, 4, interval));
        sum = Fma.MultiplyAdd(sum, d, Coefficient(table, 3, interval));
        sum = Fma.MultiplyAdd(sum, d, Coefficient(table, 2, interval));
        sum = Fma.MultiplyAdd(sum, d, Coefficient(table, 1, interval));
        return Fma.MultiplyAdd(sum, d, Coefficient(table, 0, interval));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Coefficient(float* table, int power, Vector256<int> interval) =>
        Avx2.PermuteVar8x32(Vector256.Load(table + (power * 8)), interval);
}
