using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CMUNeXt.Engine.Simd;

/// <summary>AVX2 with FMA: vectors of 8, 16 registers.</summary>
internal readonly unsafe struct Simd256 : ISimd<Vector256<float>>
{
    public static int Lanes => 8;

    public static int Rows => 12;

    public static int PanelOctets => 2;

    public static bool PairsInputs => false;

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

    public static void MultiplyPanel<TInput>(in MatrixOperands operands, int octets)
        where TInput : IMatrixInput
    {
        if (octets == 2)
        {
            MatrixKernels<Simd256, Vector256<float>>.Run6x2<TInput>(operands);
        }
        else
        {
            MatrixKernels<Simd256, Vector256<float>>.Run12x1<TInput>(operands);
        }
    }
}
