using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CMUNeXt.Engine.Vectors;

/// <summary>AVX2 with FMA: vectors of 8, 16 registers.</summary>
internal readonly unsafe struct Simd256 : ISimd<Vector256<float>>
{
    public static int Lanes => 8;

    public static int Rows => 12;

    public static int PanelOctets => 2;

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, nint count)
    {
        // Adding 2^23 rounds to an integer and leaves it in the lowest bits, from which the permutations take it.
        const float Magic = 8388608;
        const float Interval = NormalTail.End / 7;
        float* table = NormalTail.Septics;
        for (nint n = 0; n < count; n += Lanes)
        {
            Vector256<float> x = Vector256.Load(values + n);
            Vector256<float> u = Vector256.MinNative(Vector256.Abs(x), Vector256.Create(NormalTail.End));
            Vector256<float> index = Fma.MultiplyAdd(u, Vector256.Create(1 / Interval), Vector256.Create(Magic));
            Vector256<float> d = Fma.MultiplyAdd(index - Vector256.Create(Magic), Vector256.Create(-Interval), u);
            Vector256<float> tail = Septic(table, index.AsInt32(), d);
            Fma.MultiplyAddNegated(u, tail, Vector256.MaxNative(Vector256<float>.Zero, x)).Store(values + n);
        }
    }

    // Two neighbouring powers of the polynomial of each lane's interval.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Line(float* coefficients, Vector256<int> interval, Vector256<float> d) => Fma.MultiplyAdd(
        Avx2.PermuteVar8x32(Vector256.Load(coefficients + 8), interval), d, Avx2.PermuteVar8x32(Vector256.Load(coefficients), interval));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluAffine(float* source, float* target, nint count, float* scale, float* shift)
    {
        Vector256<float> factor = Vector256.Load(scale), summand = Vector256.Load(shift);
        new ReadOnlySpan<float>(source, (int)count).CopyTo(new Span<float>(target, (int)count));
        Gelu(target, count);
        for (nint n = 0; n < count; n += Lanes)
        {
            Fma.MultiplyAdd(Vector256.Load(target + n), factor, summand).Store(target + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c)
    {
        const float Magic = 8388608;
        const float Interval = NormalTail.End / 7;
        float* table = NormalTail.Septics;
        float* derivatives = NormalTail.DerivativeSeptics;
        Vector256<float> factorA = Vector256.Load(a), factorB = Vector256.Load(b), summand = Vector256.Load(c);
        for (nint n = 0; n < count; n += Lanes)
        {
            Vector256<float> v = Vector256.Load(x + n);
            Vector256<float> u = Vector256.MinNative(Vector256.Abs(v), Vector256.Create(NormalTail.End));
            Vector256<float> index = Fma.MultiplyAdd(u, Vector256.Create(1 / Interval), Vector256.Create(Magic));
            Vector256<float> d = Fma.MultiplyAdd(index - Vector256.Create(Magic), Vector256.Create(-Interval), u);
            Vector256<int> i = index.AsInt32();
            Vector256<float> tail = Septic(table, i, d);
            Vector256<float> q = Septic(derivatives, i, d);

            // For a negative x the derivative is q, for a positive one 1 - q.
            Vector256<float> derivative = Vector256.ConditionalSelect(
                Vector256.GreaterThan(v, Vector256<float>.Zero), Vector256<float>.One - q, q);
            Vector256<float> y = Fma.MultiplyAddNegated(u, tail, Vector256.MaxNative(Vector256<float>.Zero, v));
            Vector256<float> g = Fma.MultiplyAdd(factorA, Vector256.Load(gradient + n), Fma.MultiplyAdd(factorB, y, summand));
            (derivative * g).Store(target + n);
        }
    }

    // The polynomial of each lane's interval.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Septic(float* table, Vector256<int> interval, Vector256<float> d)
    {
        Vector256<float> square = d * d;
        Vector256<float> sum = Fma.MultiplyAdd(Line(table + 48, interval, d), square, Line(table + 32, interval, d));
        return Fma.MultiplyAdd(Fma.MultiplyAdd(sum, square, Line(table + 16, interval, d)), square, Line(table, interval, d));
    }
}
