using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CMUNeXt.Engine.Vectors;

/// <summary>
/// Vectors of 4, as every processor has them: NEON on ARM, with its 32 registers, and whatever else the framework runs on.
/// </summary>
internal readonly unsafe struct Simd128 : ISimd<Vector128<float>>
{
    public static int Lanes => 4;

    public static int Rows => 8;

    public static int PanelBlocks => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* address)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadPair(float* first, float* second) => Vector128.Load(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair(Vector128<float> value, float* first, float* second) => value.Store(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WherePositive(Vector128<float> condition, Vector128<float> value) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(condition, Vector128<float>.Zero), value, Vector128<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplySubtract(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(-a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, nint count)
    {
        float* ratio = NormalTail.Ratio, power = NormalTail.PowerOfTwo;
        for (nint i = 0; i < count; i += Lanes)
        {
            Gelu(Vector128.Load(values + i), ratio, power).Store(values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Gelu(Vector128<float> x, float* ratio, float* power)
    {
        Vector128<float> u = Vector128.MinNative(Vector128.Abs(x), Vector128.Create(NormalTail.End));
        Vector128<float> r = RatioOf(u, ratio);
        Vector128<float> e = Exponential(u, power, out Vector128<float> scale);
        return Vector128.MaxNative(Vector128<float>.Zero, x) - (u * r * e * scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluAffine(float* source, float* target, nint count, float* scale, float* shift)
    {
        float* ratio = NormalTail.Ratio, power = NormalTail.PowerOfTwo;
        for (nint i = 0; i < count; i += Lanes)
        {
            nint lane = i % 8;
            Vector128<float> y = Gelu(Vector128.Load(source + i), ratio, power);
            Vector128.MultiplyAddEstimate(y, Vector128.Load(scale + lane), Vector128.Load(shift + lane)).Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c)
    {
        float* ratio = NormalTail.Ratio, power = NormalTail.PowerOfTwo;
        for (nint i = 0; i < count; i += Lanes)
        {
            nint lane = i % 8;
            Vector128<float> v = Vector128.Load(x + i);
            Vector128<float> y = Gelu(v, ratio, power);
            Vector128<float> inner = Vector128.MultiplyAddEstimate(Vector128.Load(b + lane), y, Vector128.Load(c + lane));
            Vector128<float> g = Vector128.MultiplyAddEstimate(Vector128.Load(a + lane), Vector128.Load(gradient + i), inner);
            (GeluDerivative(v, ratio, power) * g).Store(target + i);
        }
    }

    // q = P(u) - u p(u), p the density, for a negative x, 1 - q for a positive one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> GeluDerivative(Vector128<float> x, float* ratio, float* power)
    {
        Vector128<float> u = Vector128.MinNative(Vector128.Abs(x), Vector128.Create(NormalTail.End));
        Vector128<float> r = RatioOf(u, ratio);
        Vector128<float> e = Exponential(u, power, out Vector128<float> scale) * scale;
        Vector128<float> q = e * (r - (u * Vector128.Create(NormalTail.DensityScale)));
        return Vector128.ConditionalSelect(Vector128.GreaterThan(x, Vector128<float>.Zero), Vector128<float>.One - q, q);
    }

    // P(u) exp(u^2 / 2)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> RatioOf(Vector128<float> u, float* table)
    {
        Vector128<float> reciprocal = Vector128.Create(1f) / Vector128.MultiplyAddEstimate(u, Vector128.Create(0.5f), Vector128.Create(1f));
        Vector128<float> t = Vector128.MultiplyAddEstimate(
            reciprocal, Vector128.Create(NormalTail.RatioScale), Vector128.Create(NormalTail.RatioShift));
        Vector128<float> sum = Vector128.MultiplyAddEstimate(Sextic(t, table), t, Vector128.Load(table + 28));
        return Vector128.MultiplyAddEstimate(sum, t, Vector128.Load(table + 32));
    }

    // exp(-u^2 / 2) = 2^n 2^f, of which the first is the scale.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Exponential(Vector128<float> u, float* table, out Vector128<float> scale)
    {
        Vector128<float> power = u * u * Vector128.Create(-0.72134752f);
        Vector128<float> n = Vector128.Round(power);
        scale = ((Vector128.ConvertToInt32Native(n) + Vector128.Create(127)) << 23).AsSingle();
        return Sextic(power - n, table);
    }

    // Highest power first; unrolled, and each coefficient read where it is added.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sextic(Vector128<float> x, float* table)
    {
        Vector128<float> sum = Vector128.MultiplyAddEstimate(Vector128.Load(table), x, Vector128.Load(table + 4));
        sum = Vector128.MultiplyAddEstimate(sum, x, Vector128.Load(table + 8));
        sum = Vector128.MultiplyAddEstimate(sum, x, Vector128.Load(table + 12));
        sum = Vector128.MultiplyAddEstimate(sum, x, Vector128.Load(table + 16));
        sum = Vector128.MultiplyAddEstimate(sum, x, Vector128.Load(table + 20));
        return Vector128.MultiplyAddEstimate(sum, x, Vector128.Load(table + 24));
    }
}
