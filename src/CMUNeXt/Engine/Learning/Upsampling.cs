using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning;

/// <summary>
/// Bilinear upsampling by 2 of rows of one octet, and its transpose. A row or a column is 3/4 of the nearest small one and 1/4 of the next;
/// beyond the edges the first and the last repeat.
/// </summary>
internal static unsafe class Upsampling<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>A large row from the two small ones nearest to it; both have a pixel before the first, and after the last, to write to.</summary>
    /// <param name="near">The nearest small row.</param>
    /// <param name="far">The next.</param>
    /// <param name="width">Small pixels.</param>
    /// <param name="blend">Room for a small row with a pixel more on the left and three on the right.</param>
    /// <param name="target">2 x width pixels, and one pair more to write to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(float* near, float* far, int width, float* blend, float* target)
    {
        float* row = blend + 8;
        TVector quarter = TSimd.Create(0.25f);
        TVector half = TSimd.Create(0.75f);
        nint count = PixelKernels<TSimd, TVector>.Floats(width);
        for (nint i = 0; i < count; i += TSimd.Lanes)
        {
            TSimd.Store(TSimd.MultiplyAdd(half, TSimd.Load(near + i), TSimd.Multiply(quarter, TSimd.Load(far + i))), row + i);
        }

        RepeatEnds(row, width);
        for (nint i = 0; i < count; i += TSimd.Lanes)
        {
            TVector here = TSimd.Multiply(half, TSimd.Load(row + i));
            TVector even = TSimd.MultiplyAdd(quarter, TSimd.Load(row + i - 8), here);
            TVector odd = TSimd.MultiplyAdd(quarter, TSimd.Load(row + i + 8), here);
            float* t = target + (i / 8 * 16) + (i % 8);
            TSimd.StorePair(even, t, t + 16);
            TSimd.StorePair(odd, t + 8, t + 24);
        }
    }

    /// <summary>A small row from the four large ones that took from it; these have a pixel before the first, and after the last, to write to.</summary>
    /// <param name="a">The row before the small row's first.</param>
    /// <param name="b">The small row's first.</param>
    /// <param name="c">Its second.</param>
    /// <param name="d">The row after that.</param>
    /// <param name="width">Small pixels.</param>
    /// <param name="blend">Room for a large row with a pixel more on the left and five on the right.</param>
    /// <param name="target">The small row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposedRow(float* a, float* b, float* c, float* d, int width, float* blend, float* target)
    {
        float* row = blend + 8;
        TVector quarter = TSimd.Create(0.25f);
        TVector half = TSimd.Create(0.75f);
        for (nint i = 0; i < width * 16; i += TSimd.Lanes)
        {
            TVector outer = TSimd.Multiply(quarter, TSimd.Add(TSimd.Load(a + i), TSimd.Load(d + i)));
            TSimd.Store(TSimd.MultiplyAdd(half, TSimd.Add(TSimd.Load(b + i), TSimd.Load(c + i)), outer), row + i);
        }

        RepeatEnds(row, 2 * width);
        nint count = PixelKernels<TSimd, TVector>.Floats(width);
        for (nint i = 0; i < count; i += TSimd.Lanes)
        {
            float* r = row + (i / 8 * 16) + (i % 8);
            TVector outer = TSimd.Multiply(quarter, TSimd.Add(TSimd.LoadPair(r - 8, r + 8), TSimd.LoadPair(r + 16, r + 32)));
            TSimd.Store(TSimd.MultiplyAdd(half, TSimd.Add(TSimd.LoadPair(r, r + 16), TSimd.LoadPair(r + 8, r + 24)), outer), target + i);
        }
    }

    private static void RepeatEnds(float* row, int width)
    {
        for (int i = 0; i < 8; i++)
        {
            row[i - 8] = row[i];
            row[(width * 8) + i] = row[((width - 1) * 8) + i];
        }
    }
}
