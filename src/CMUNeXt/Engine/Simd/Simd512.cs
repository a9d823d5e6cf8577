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

    public static bool PairsInputs => true;

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

    public static void MultiplyPanel<TInput>(in MatrixOperands operands, int octets)
        where TInput : IMatrixInput
    {
        switch (octets)
        {
            case 4:
                MatrixKernels<Simd512, Vector512<float>>.Run8x2<TInput>(operands);
                break;
            case 2:
                MatrixKernels<Simd512, Vector512<float>>.Run16x1<TInput>(operands);
                break;
            default:
                PairedKernel.Run16<TInput>(operands);
                break;
        }
    }
}
