using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// What training does to pixels of one channel block, value by value, and sums of them. Counts of floats are multiples of 16: an odd pixel
/// has another behind it that is there to be read and written.
/// </summary>
internal static unsafe class PixelKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The next multiple of two pixels, in floats.</summary>
    public static nint Floats(int pixels) => (pixels + 1) / 2 * 16;

    /// <summary>target = max(source scale + shift, 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AffineRelu(float* source, float* target, nint count, float* scale, float* shift)
    {
        TVector zero = TSimd.Create(0);
        for (float* end = source + count; source < end; source += 16, target += 16)
        {
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                TVector y = TSimd.MultiplyAdd(TSimd.Load(source + lane), TSimd.Load(scale + lane), TSimd.Load(shift + lane));
                TSimd.Store(TSimd.Max(zero, y), target + lane);
            }
        }
    }

    /// <summary>target += source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* source, float* target, nint count)
    {
        for (nint i = 0; i < count; i += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Add(TSimd.Load(target + i), TSimd.Load(source + i)), target + i);
        }
    }

    /// <summary>
    /// Back through ReLU and the normalization before it: target = a (gradient where x scale + shift is positive) + b x + c.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ReluBackward(
        float* x, float* gradient, float* target, nint count, float* scale, float* shift, float* a, float* b, float* c)
    {
        for (float* end = x + count; x < end; x += 16, gradient += 16, target += 16)
        {
            for (int lane = 0; lane < 16; lane += TSimd.Lanes)
            {
                TVector v = TSimd.Load(x + lane);
                TVector g = TSimd.WherePositive(
                    TSimd.MultiplyAdd(v, TSimd.Load(scale + lane), TSimd.Load(shift + lane)), TSimd.Load(gradient + lane));
                TVector rest = TSimd.MultiplyAdd(TSimd.Load(b + lane), v, TSimd.Load(c + lane));
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(a + lane), g, rest), target + lane);
            }
        }
    }

    /// <summary>Adds, for each of eight channels, the sum of the values, and then that of their squares.</summary>
    /// <remarks>
    /// The sums are made of what the values are more than those of the first pixel, so that a large mean does not cost digits.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddMoments(float* values, int pixels, double* sums)
    {
        FillOddPixel(values, pixels, values);
        nint count = Floats(pixels);
        float* folded = stackalloc float[32];
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector o = TSimd.LoadPair(values + (lane % 8), values);
            TVector first0 = TSimd.Create(0), first1 = first0, second0 = first0, second1 = first0;
            nint i = lane;
            for (nint last = count - 16; i < last; i += 32)
            {
                TVector v = TSimd.Subtract(TSimd.Load(values + i), o);
                first0 = TSimd.Add(first0, v);
                second0 = TSimd.MultiplyAdd(v, v, second0);
                v = TSimd.Subtract(TSimd.Load(values + i + 16), o);
                first1 = TSimd.Add(first1, v);
                second1 = TSimd.MultiplyAdd(v, v, second1);
            }

            if (i < count)
            {
                TVector v = TSimd.Subtract(TSimd.Load(values + i), o);
                first0 = TSimd.Add(first0, v);
                second0 = TSimd.MultiplyAdd(v, v, second0);
            }

            TSimd.Store(TSimd.Add(first0, first1), folded + lane);
            TSimd.Store(TSimd.Add(second0, second1), folded + 16 + lane);
        }

        Vector512<double> n = Vector512.Create((double)pixels);
        Vector512<double> origin = Widen(values);
        Vector512<double> first = Widen(folded) + Widen(folded + 8);
        Vector512<double> second = Widen(folded + 16) + Widen(folded + 24);
        (Vector512.Load(sums) + first + (origin * n)).Store(sums);
        (Vector512.Load(sums + 8) + second + (origin * ((2 * first) + (origin * n)))).Store(sums + 8);
    }

    /// <summary>
    /// Adds, for each of eight channels, the sum of the gradients, and then that of their products with x - mean; where x scale + shift is
    /// positive only, or everywhere where there is no scale.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddGradientSums(float* gradient, float* x, int pixels, float* mean, float* scale, float* shift, double* sums)
    {
        float* zeros = stackalloc float[8];
        FillOddPixel(gradient, pixels, zeros);
        nint count = Floats(pixels);
        float* folded = stackalloc float[32];
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            if (scale != null)
            {
                AddGradients(gradient + lane, x + lane, count, mean + lane, scale + lane, shift + lane, folded + lane);
            }
            else
            {
                AddGradients(gradient + lane, x + lane, count, mean + lane, folded + lane);
            }
        }

        (Vector512.Load(sums) + Widen(folded) + Widen(folded + 8)).Store(sums);
        (Vector512.Load(sums + 8) + Widen(folded + 16) + Widen(folded + 24)).Store(sums + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddGradients(float* gradient, float* x, nint count, float* mean, float* scale, float* shift, float* sums)
    {
        TVector m = TSimd.Load(mean), factor = TSimd.Load(scale), summand = TSimd.Load(shift);
        TVector first = TSimd.Create(0), second = first;
        for (nint i = 0; i < count; i += 16)
        {
            TVector v = TSimd.Load(x + i);
            TVector g = TSimd.WherePositive(TSimd.MultiplyAdd(v, factor, summand), TSimd.Load(gradient + i));
            first = TSimd.Add(first, g);
            second = TSimd.MultiplyAdd(g, TSimd.Subtract(v, m), second);
        }

        TSimd.Store(first, sums);
        TSimd.Store(second, sums + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddGradients(float* gradient, float* x, nint count, float* mean, float* sums)
    {
        TVector m = TSimd.Load(mean);
        TVector first = TSimd.Create(0), second = first;
        for (nint i = 0; i < count; i += 16)
        {
            TVector g = TSimd.Load(gradient + i);
            first = TSimd.Add(first, g);
            second = TSimd.MultiplyAdd(g, TSimd.Subtract(TSimd.Load(x + i), m), second);
        }

        TSimd.Store(first, sums);
        TSimd.Store(second, sums + 16);
    }

    /// <summary>The largest of 2 x 2 pixels, for each channel: target[i] from pixels 2i and 2i + 1 of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pool(float* upper, float* lower, float* target, int pixels)
    {
        for (int i = 0; i < pixels; i++)
        {
            Vector256<float> above = Vector256.Max(Vector256.Load(upper), Vector256.Load(upper + 8));
            Vector256<float> below = Vector256.Max(Vector256.Load(lower), Vector256.Load(lower + 8));
            Vector256.Max(above, below).Store(target);
            upper += 16;
            lower += 16;
            target += 8;
        }
    }

    /// <summary>Adds the gradient of a 2x2 maximum, for each channel, to that of the first of the largest of the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpool(float* upper, float* lower, float* gradient, float* upperGradient, float* lowerGradient, int pixels)
    {
        for (int i = 0; i < pixels; i++)
        {
            for (int lane = 0; lane < 8; lane += 4)
            {
                int place = (i * 16) + lane;
                Vector128<float> g = Vector128.Load(gradient + (i * 8) + lane);
                Vector128<float> a = Vector128.Load(upper + place), b = Vector128.Load(upper + place + 8);
                Vector128<float> c = Vector128.Load(lower + place), d = Vector128.Load(lower + place + 8);
                Vector128<float> most = Vector128.Max(Vector128.Max(a, b), Vector128.Max(c, d));
                Vector128<float> isA = Vector128.Equals(a, most);
                Vector128<float> isB = Vector128.AndNot(Vector128.Equals(b, most), isA);
                Vector128<float> isC = Vector128.AndNot(Vector128.Equals(c, most), isA | isB);
                Vector128<float> isD = ~(isA | isB | isC);
                AddTo(upperGradient + place, g & isA);
                AddTo(upperGradient + place + 8, g & isB);
                AddTo(lowerGradient + place, g & isC);
                AddTo(lowerGradient + place + 8, g & isD);
            }
        }
    }

    /// <summary>Adds the sum of the values to each of eight channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddSums(float* values, int pixels, float* sums)
    {
        float* folded = stackalloc float[16];
        float* zeros = stackalloc float[8];
        FillOddPixel(values, pixels, zeros);
        nint count = Floats(pixels);
        for (int lane = 0; lane < 16; lane += TSimd.Lanes)
        {
            TVector sum = TSimd.Create(0);
            for (nint i = lane; i < count; i += 16)
            {
                sum = TSimd.Add(sum, TSimd.Load(values + i));
            }

            TSimd.Store(sum, folded + lane);
        }

        for (int c = 0; c < 8; c++)
        {
            sums[c] += folded[c] + folded[c + 8];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(float* target, Vector128<float> value) => (Vector128.Load(target) + value).Store(target);

    // Eight values in double precision.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Widen(float* values) => Vector512.WidenLower(Vector256.Load(values).ToVector512Unsafe());

    // The pixel behind an odd number of pixels.
    private static void FillOddPixel(float* values, int pixels, float* source)
    {
        if (pixels % 2 == 1)
        {
            new ReadOnlySpan<float>(source, 8).CopyTo(new Span<float>(values + (pixels * 8), 8));
        }
    }
}
