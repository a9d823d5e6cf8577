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
        for (nint i = 0; i < count; i += Lanes)
        {
            Gelu(Vector128.Load(values + i)).Store(values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Gelu(Vector128<float> x)
    {
        Vector128<float> u = Vector128.MinNative(Vector128.Abs(x), Vector128.Create(NormalTail.End));
        Vector128<float> reciprocal = Vector128.Create(1f) / Vector128.MultiplyAddEstimate(u, Vector128.Create(0.5f), Vector128.Create(1f));
        Vector128<float> t = Vector128.MultiplyAddEstimate(
            reciprocal, Vector128.Create(NormalTail.RatioScale), Vector128.Create(NormalTail.RatioShift));
        ReadOnlySpan<float> ratio = NormalTail.Ratio;
        Vector128<float> r = Vector128.Create(ratio[0]);
        for (int i = 1; i < ratio.Length; i++)
        {
            r = Vector128.MultiplyAddEstimate(r, t, Vector128.Create(ratio[i]));
        }

        // exp(-u^2 / 2) = 2^n 2^f
        Vector128<float> power = u * u * Vector128.Create(-0.72134752f);
        Vector128<float> n = Vector128.Round(power);
        Vector128<float> f = power - n;
        ReadOnlySpan<float> exponential = NormalTail.PowerOfTwo;
        Vector128<float> e = Vector128.Create(exponential[0]);
        for (int i = 1; i < exponential.Length; i++)
        {
            e = Vector128.MultiplyAddEstimate(e, f, Vector128.Create(exponential[i]));
        }

        Vector128<float> scale = ((Vector128.ConvertToInt32Native(n) + Vector128.Create(127)) << 23).AsSingle();
        return Vector128.MaxNative(Vector128<float>.Zero, x) - (u * r * e * scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluAffine(float* source, float* target, nint count, float* scale, float* shift)
    {
        for (nint i = 0; i < count; i += Lanes)
        {
            nint lane = i % 8;
            Vector128.MultiplyAddEstimate(Gelu(Vector128.Load(source + i)), Vector128.Load(scale + lane), Vector128.Load(shift + lane))
                .Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c)
    {
        for (nint i = 0; i < count; i += Lanes)
        {
            nint lane = i % 8;
            Vector128<float> v = Vector128.Load(x + i);
            Vector128<float> inner = Vector128.MultiplyAddEstimate(Vector128.Load(b + lane), Gelu(v), Vector128.Load(c + lane));
            (GeluDerivative(v) * Vector128.MultiplyAddEstimate(Vector128.Load(a + lane), Vector128.Load(gradient + i), inner)).Store(
                target + i);
        }
    }

    // q = P(u) - u p(u), p the density, for a negative x, 1 - q for a positive one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> GeluDerivative(Vector128<float> x)
    {
        Vector128<float> u = Vector128.MinNative(Vector128.Abs(x), Vector128.Create(NormalTail.End));
        Vector128<float> reciprocal = Vector128.Create(1f) / Vector128.MultiplyAddEstimate(u, Vector128.Create(0.5f), Vector128.Create(1f));
        Vector128<float> t = Vector128.MultiplyAddEstimate(
            reciprocal, Vector128.Create(NormalTail.RatioScale), Vector128.Create(NormalTail.RatioShift));
        Vector128<float> r = Polynomial(NormalTail.Ratio, t);
        Vector128<float> power = u * u * Vector128.Create(-0.72134752f);
        Vector128<float> n = Vector128.Round(power);
        Vector128<float> e = Polynomial(NormalTail.PowerOfTwo, power - n)
            * ((Vector128.ConvertToInt32Native(n) + Vector128.Create(127)) << 23).AsSingle();
        Vector128<float> q = e * (r - (u * Vector128.Create(NormalTail.DensityScale)));
        return Vector128.ConditionalSelect(Vector128.GreaterThan(x, Vector128<float>.Zero), Vector128<float>.One - q, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Polynomial(ReadOnlySpan<float> coefficients, Vector128<float> x)
    {
        Vector128<float> sum = Vector128.Create(coefficients[0]);
        for (int i = 1; i < coefficients.Length; i++)
        {
            sum = Vector128.MultiplyAddEstimate(sum, x, Vector128.Create(coefficients[i]));
        }

        return sum;
    }
}
