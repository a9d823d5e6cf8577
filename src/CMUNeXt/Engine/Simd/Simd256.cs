using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CMUNeXt.Engine.Simd;

/// <summary>AVX2 with FMA: vectors of 8, 16 registers.</summary>
internal readonly unsafe struct Simd256 : ISimd<Vector256<float>>
{
    public static int Lanes => 8;

    public static int Rows => 12;

    public static int PanelOctets => 2;

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
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, nint count)
    {
        for (nint i = 0; i < count; i += Lanes)
        {
            Gelu(Vector256.Load(values + i)).Store(values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gelu(Vector256<float> x)
    {
        Vector256<float> u = Vector256.MinNative(Vector256.Abs(x), Vector256.Create(NormalTail.End));
        Vector256<float> reciprocal = Vector256.Create(1f) / Vector256.MultiplyAddEstimate(u, Vector256.Create(0.5f), Vector256.Create(1f));
        Vector256<float> t = Vector256.MultiplyAddEstimate(
            reciprocal, Vector256.Create(NormalTail.RatioScale), Vector256.Create(NormalTail.RatioShift));
        ReadOnlySpan<float> ratio = NormalTail.Ratio;
        Vector256<float> r = Vector256.Create(ratio[0]);
        for (int i = 1; i < ratio.Length; i++)
        {
            r = Vector256.MultiplyAddEstimate(r, t, Vector256.Create(ratio[i]));
        }

        // exp(-u^2 / 2) = 2^n 2^f
        Vector256<float> power = u * u * Vector256.Create(-0.72134752f);
        Vector256<float> n = Vector256.Round(power);
        Vector256<float> f = power - n;
        ReadOnlySpan<float> exponential = NormalTail.PowerOfTwo;
        Vector256<float> e = Vector256.Create(exponential[0]);
        for (int i = 1; i < exponential.Length; i++)
        {
            e = Vector256.MultiplyAddEstimate(e, f, Vector256.Create(exponential[i]));
        }

        Vector256<float> scale = ((Vector256.ConvertToInt32Native(n) + Vector256.Create(127)) << 23).AsSingle();
        return Vector256.MaxNative(x, Vector256<float>.Zero) - (u * r * e * scale);
    }

    public static void MultiplyPanel(in MatrixOperands operands, int octets)
    {
        if (octets == 2)
        {
            MatrixKernels<Simd256, Vector256<float>>.Run6x2(operands);
        }
        else
        {
            MatrixKernels<Simd256, Vector256<float>>.Run12x1(operands);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluAffine(float* source, float* target, nint count, float* scale, float* shift)
    {
        for (nint i = 0; i < count; i += Lanes)
        {
            nint lane = i % 8;
            Vector256.MultiplyAddEstimate(Gelu(Vector256.Load(source + i)), Vector256.Load(scale + lane), Vector256.Load(shift + lane)).Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluBackward(float* x, float* gradient, float* target, nint count, float* a, float* b, float* c)
    {
        for (nint i = 0; i < count; i += Lanes)
        {
            nint lane = i % 8;
            Vector256<float> v = Vector256.Load(x + i);
            Vector256<float> inner = Vector256.MultiplyAddEstimate(Vector256.Load(b + lane), Gelu(v), Vector256.Load(c + lane));
            (GeluDerivative(v) * Vector256.MultiplyAddEstimate(Vector256.Load(a + lane), Vector256.Load(gradient + i), inner)).Store(target + i);
        }
    }

    // q = P(u) - u p(u), p the density, for a negative x, 1 - q for a positive one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> GeluDerivative(Vector256<float> x)
    {
        Vector256<float> u = Vector256.MinNative(Vector256.Abs(x), Vector256.Create(NormalTail.End));
        Vector256<float> reciprocal = Vector256.Create(1f) / Vector256.MultiplyAddEstimate(u, Vector256.Create(0.5f), Vector256.Create(1f));
        Vector256<float> t = Vector256.MultiplyAddEstimate(reciprocal, Vector256.Create(NormalTail.RatioScale), Vector256.Create(NormalTail.RatioShift));
        Vector256<float> r = Polynomial(NormalTail.Ratio, t);
        Vector256<float> power = u * u * Vector256.Create(-0.72134752f);
        Vector256<float> n = Vector256.Round(power);
        Vector256<float> e = Polynomial(NormalTail.PowerOfTwo, power - n)
            * ((Vector256.ConvertToInt32Native(n) + Vector256.Create(127)) << 23).AsSingle();
        Vector256<float> q = e * (r - (u * Vector256.Create(NormalTail.DensityScale)));
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), Vector256<float>.One - q, q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Polynomial(ReadOnlySpan<float> coefficients, Vector256<float> x)
    {
        Vector256<float> sum = Vector256.Create(coefficients[0]);
        for (int i = 1; i < coefficients.Length; i++)
        {
            sum = Vector256.MultiplyAddEstimate(sum, x, Vector256.Create(coefficients[i]));
        }

        return sum;
    }
}
