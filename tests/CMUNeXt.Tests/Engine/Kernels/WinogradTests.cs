using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Tests.Engine.Kernels;

public sealed unsafe class WinogradTests
{
    private const int Width = 13;
    private const int Height = 11;
    private const int Gap = 5;
    private const int Point = 16 + Gap;

    // A kernel of 3 x 3 weights for each of 8 outputs and 8 inputs.
    private static readonly float[] Kernels = Formula.Input(1, 8 * 8 * 9);
    private static readonly float[] Image = Formula.Input(2, Height * Width * 8);
    private static readonly float[] Bias = Formula.Input(3, 8);

    public static TheoryData<InstructionSet> InstructionSets => KernelCheck.InstructionSets;

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Two_tiles_equal_the_direct_convolution(InstructionSet set) => KernelCheck.Run(
        set, Check<Simd512, Vector512<float>>, Check<Simd256, Vector256<float>>, Check<Simd128, Vector128<float>>);

    private static void Check<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        // Beside each other, one above the other, at any distance, twice the same.
        Check<TSimd, TVector>((0, 0), (0, 4));
        Check<TSimd, TVector>((0, 7), (4, 0));
        Check<TSimd, TVector>((5, 2), (1, 7));
        Check<TSimd, TVector>((3, 3), (3, 3));
    }

    private static void Check<TSimd, TVector>((int Y, int X) first, (int Y, int X) second)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        using NativeBuffer image = KernelCheck.Memory(Image);
        using NativeBuffer points = KernelCheck.Blank(Winograd.Points * Point);
        using NativeBuffer products = KernelCheck.Blank(Winograd.Points * Point);
        using PerChannel bias = new(8, channel => Bias[channel]);
        using NativeBuffer output = KernelCheck.Blank((2 * 128) + Gap);

        Winograd.Transforms<TSimd, TVector>.Input(
            image.Data + (((first.Y * Width) + first.X) * 8),
            image.Data + (((second.Y * Width) + second.X) * 8),
            Width * 8,
            points.Data,
            Point);
        for (int i = 0; i < points.Count; i++)
        {
            Assert.Equal(i % Point >= 16, float.IsNaN(points.Data[i]));
        }

        Multiply(points.Data, products.Data);
        Winograd.Transforms<TSimd, TVector>.Output(products.Data, Point, bias.At(0), output.Data);

        double[] expected = KernelCheck.Untouched(output.Count);
        Convolve(first).CopyTo(expected, 0);
        Convolve(second).CopyTo(expected, 128);
        double largest = expected[..256].Max(Math.Abs);
        KernelCheck.Close(expected, output, 1e-5 * largest, $"tiles at {first} and {second}");
    }

    // For each point, each of the two tiles and each output, the sum over the inputs.
    private static void Multiply(float* points, float* products)
    {
        double[] weights = new double[Winograd.Points];
        double[] sums = new double[Winograd.Points * 16];
        for (int output = 0; output < 8; output++)
        {
            for (int input = 0; input < 8; input++)
            {
                Winograd.TransformKernel([.. Enumerable.Range(0, 9).Select(position => (double)Weight(output, input, position))], weights);
                for (int point = 0; point < Winograd.Points; point++)
                {
                    for (int tile = 0; tile < 2; tile++)
                    {
                        sums[(point * 16) + (tile * 8) + output] += weights[point] * points[(point * Point) + (tile * 8) + input];
                    }
                }
            }
        }

        for (int i = 0; i < sums.Length; i++)
        {
            products[(i / 16 * Point) + (i % 16)] = (float)sums[i];
        }
    }

    // 4 x 4 pixels x 8 outputs.
    private static double[] Convolve((int Y, int X) tile)
    {
        double[] result = new double[128];
        for (int i = 0; i < result.Length; i++)
        {
            int output = i % 8;
            result[i] = Bias[output];
            for (int position = 0; position < 9; position++)
            {
                int y = tile.Y + (i / 32) + (position / 3);
                int x = tile.X + (i / 8 % 4) + (position % 3);
                for (int input = 0; input < 8; input++)
                {
                    result[i] += (double)Weight(output, input, position) * Image[(((y * Width) + x) * 8) + input];
                }
            }
        }

        return result;
    }

    private static float Weight(int output, int input, int position) => Kernels[(((output * 8) + input) * 9) + position];
}
