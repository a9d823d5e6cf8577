using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Tests.Engine.Kernels;

public sealed unsafe class ElementwiseTests
{
    private const double Tolerance = 1e-6;

    // Pixels that each kernel is tried with at most, and those around the target, which it may not write.
    private const int MostPixels = 40;
    private const int Around = 3;

    private static readonly float[] Scale = Formula.Input(1, 8);
    private static readonly float[] Shift = Formula.Input(2, 8);

    public static TheoryData<InstructionSet> InstructionSets => KernelCheck.InstructionSets;

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Affine_is_source_x_scale_plus_shift(InstructionSet set) => KernelCheck.Run(
        set, CheckAffine<Simd512, Vector512<float>>, CheckAffine<Simd256, Vector256<float>>, CheckAffine<Simd128, Vector128<float>>);

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void AffineWithResidual_is_row_x_scale_plus_shift_plus_residual(InstructionSet set) => KernelCheck.Run(
        set, CheckResidual<Simd512, Vector512<float>>, CheckResidual<Simd256, Vector256<float>>, CheckResidual<Simd128, Vector128<float>>);

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Relu_is_the_larger_of_source_and_0(InstructionSet set) => KernelCheck.Run(
        set, CheckRelu<Simd512, Vector512<float>>, CheckRelu<Simd256, Vector256<float>>, CheckRelu<Simd128, Vector128<float>>);

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void CopyTile_copies_only_the_rows_and_columns_given(InstructionSet set) => KernelCheck.Run(
        set, CheckCopy<Simd512, Vector512<float>>, CheckCopy<Simd256, Vector256<float>>, CheckCopy<Simd128, Vector128<float>>);

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void MaxPoolTile_takes_the_largest_of_2_x_2_for_only_the_rows_and_columns_given(InstructionSet set) => KernelCheck.Run(
        set, CheckMaxPool<Simd512, Vector512<float>>, CheckMaxPool<Simd256, Vector256<float>>, CheckMaxPool<Simd128, Vector128<float>>);

    private delegate void PixelsKernel(float* source, float* target, int pixels, float* scale, float* shift);

    private delegate void TileKernel(float* tile, float* target, nint row, int rows, int columns);

    private static void CheckAffine<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        CheckPixels(
            Elementwise<TSimd, TVector>.Affine,
            (source, target, channel) => (source * Scale[channel]) + Shift[channel],
            inPlace: false);

    private static void CheckResidual<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        CheckPixels(
            (source, target, pixels, scale, shift) => Elementwise<TSimd, TVector>.AffineWithResidual(target, source, pixels, scale, shift),
            (source, target, channel) => (target * Scale[channel]) + Shift[channel] + source,
            inPlace: true);

    private static void CheckRelu<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        CheckPixels(
            (source, target, pixels, _, _) => Elementwise<TSimd, TVector>.Relu(source, target, pixels),
            (source, target, channel) => Math.Max(source, 0),
            inPlace: false);

    private static void CheckPixels(PixelsKernel kernel, Func<double, double, int, double> plain, bool inPlace)
    {
        using PerChannel scale = new(8, channel => Scale[channel]);
        using PerChannel shift = new(8, channel => Shift[channel]);
        for (int pixels = 0; pixels <= MostPixels; pixels++)
        {
            float[] values = Formula.Input(3, pixels * 8);
            float[] before = Formula.Input(4, pixels * 8);
            using NativeBuffer source = KernelCheck.Memory(values);
            using NativeBuffer target = KernelCheck.Blank((pixels + (2 * Around)) * 8);
            double[] expected = KernelCheck.Untouched(target.Count);
            float* place = target.Data + (Around * 8);
            for (int i = 0; i < pixels * 8; i++)
            {
                place[i] = inPlace ? before[i] : float.NaN;
                expected[(Around * 8) + i] = plain(values[i], before[i], i % 8);
            }

            kernel(source.Data, place, pixels, scale.At(0), shift.At(0));
            KernelCheck.Close(expected, target, Tolerance, $"{pixels} pixels");
        }
    }

    private static void CheckCopy<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        CheckTile(Elementwise<TSimd, TVector>.CopyTile, 4, (tile, y, x, channel) => tile[(y * 32) + (x * 8) + channel]);

    private static void CheckMaxPool<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        CheckTile(Elementwise<TSimd, TVector>.MaxPoolTile, 2, (tile, y, x, channel) =>
        {
            int upper = (2 * y * 32) + (2 * x * 8) + channel;
            int lower = upper + 32;
            return Math.Max(Math.Max(tile[upper], tile[upper + 8]), Math.Max(tile[lower], tile[lower + 8]));
        });

    private static void CheckTile(TileKernel kernel, int size, Func<float[], int, int, int, float> plain)
    {
        const int Row = (4 + Around) * 8;
        float[] values = Formula.Input(5, 4 * 4 * 8);
        using NativeBuffer tile = KernelCheck.Memory(values);
        for (int rows = 0; rows <= size; rows++)
        {
            for (int columns = 0; columns <= size; columns++)
            {
                using NativeBuffer target = KernelCheck.Blank((4 + (2 * Around)) * Row);
                double[] expected = KernelCheck.Untouched(target.Count);
                int place = (Around * Row) + 8;
                for (int i = 0; i < rows * columns * 8; i++)
                {
                    (int y, int x) = Math.DivRem(i / 8, columns);
                    expected[place + (y * Row) + (x * 8) + (i % 8)] = plain(values, y, x, i % 8);
                }

                kernel(tile.Data, target.Data + place, Row, rows, columns);
                KernelCheck.Close(expected, target, 0, $"{rows} rows, {columns} columns");
            }
        }
    }
}
