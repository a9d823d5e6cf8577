using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Tests.Engine.Kernels;

public sealed unsafe class PackedMatrixTests
{
    // Sums of up to forty products of values below 1.
    private const double Tolerance = 1e-5;

    // Floats between groups and between channel blocks, which nothing may use.
    private const int Gap = 5;

    public static TheoryData<InstructionSet> InstructionSets => KernelCheck.InstructionSets;

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Products_of_blocks_equal_the_plain_sums(InstructionSet set) => KernelCheck.Run(
        set, CheckBlocks<Simd512, Vector512<float>>, CheckBlocks<Simd256, Vector256<float>>, CheckBlocks<Simd128, Vector128<float>>);

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Products_of_planes_equal_the_plain_sums(InstructionSet set) => KernelCheck.Run(
        set, CheckPlanes<Simd512, Vector512<float>>, CheckPlanes<Simd256, Vector256<float>>, CheckPlanes<Simd128, Vector128<float>>);

    private static void CheckBlocks<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        for (int groups = 1; groups <= 5; groups++)
        {
            Check<TSimd, TVector, BlockInput>(groups);
        }
    }

    private static void CheckPlanes<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        Check<TSimd, TVector, PlaneInput>(3);
        Check<TSimd, TVector, PlaneInput>(9);
    }

    // Up to nine channel blocks of outputs, so that there are panels of every width; with the fewest pixels the last channel block is not
    // full.
    private static void Check<TSimd, TVector, TInput>(int groups)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
        where TInput : IMatrixInput
    {
        for (int blocks = 1; blocks <= 9; blocks++)
        {
            for (int pixels = TSimd.Rows; pixels <= 3 * TSimd.Rows; pixels += TSimd.Rows)
            {
                int outputs = (blocks * 8) - (pixels == TSimd.Rows ? 3 : 0);
                new Product<TSimd, TVector, TInput>(groups, outputs, pixels).Check();
            }
        }
    }

    private sealed class Product<TSimd, TVector, TInput>(int groups, int outputs, int pixels)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
        where TInput : IMatrixInput
    {
        private readonly int blocks = (outputs + 7) / 8;
        private readonly float[] weights = Formula.Input(1, outputs * groups * TInput.Depth);
        private readonly float[] biases = Formula.Input(2, outputs);
        private readonly int aGroup = (pixels * TInput.PixelStride) + TInput.Depth - TInput.PixelStride + Gap;
        private readonly int cBlockStride = (pixels * 8) + Gap;
        private readonly float[] added = Formula.Input(4, (outputs + 7) / 8 * ((pixels * 8) + Gap));

        public void Check()
        {
            float[] values = Formula.Input(3, groups * aGroup);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = i % aGroup < aGroup - Gap ? values[i] : float.NaN;
            }

            double[,,] sums = Sums(values);
            using NativeBuffer a = KernelCheck.Memory(values);
            using PackedMatrix matrix = Pack();
            int[] borders = [.. Borders()];
            foreach (int first in borders)
            {
                foreach (int end in borders.Where(border => border > first))
                {
                    for (int input = 0; input < groups; input++)
                    {
                        for (int count = 1; count <= groups - input; count++)
                        {
                            Check(matrix, a, sums, (input, count), (first, end - first), add: false);
                            Check(matrix, a, sums, (input, count), (first, end - first), add: true);
                        }
                    }
                }
            }
        }

        private void Check(
            PackedMatrix matrix, NativeBuffer a, double[,,] sums, (int First, int Count) inputs, (int First, int Count) range, bool add)
        {
            float[] before = added[..(range.Count * cBlockStride)];
            double[] expected = KernelCheck.Untouched(before.Length);
            for (int i = 0; i < before.Length; i++)
            {
                int pixel = i % cBlockStride / 8;
                if (pixel >= pixels)
                {
                    before[i] = float.NaN;
                    continue;
                }

                int output = ((range.First + (i / cBlockStride)) * 8) + (i % cBlockStride % 8);
                expected[i] = add ? before[i] : output < outputs ? biases[output] : 0;
                for (int group = inputs.First; group < inputs.First + inputs.Count; group++)
                {
                    expected[i] += sums[group, pixel, output];
                }
            }

            using NativeBuffer c = KernelCheck.Memory(before);
            matrix.Multiply<TSimd, TVector, TInput>(a.Data + (inputs.First * aGroup), aGroup, pixels, c.Data, cBlockStride, inputs, range,
                add);
            KernelCheck.Close(
                expected,
                c,
                Tolerance,
                $"{groups} groups, {outputs} outputs, {pixels} pixels, inputs {inputs}, outputs {range}, add: {add}");
        }

        private PackedMatrix Pack()
        {
            PackedMatrix matrix = new(groups, TInput.Depth, outputs, MatrixPanel<TSimd, TVector>.Layout);
            int inputs = groups * TInput.Depth;
            for (int output = 0; output < outputs; output++)
            {
                matrix.SetBias(output, biases[output]);
                for (int input = 0; input < inputs; input++)
                {
                    matrix.Output(output).Set(input, weights[(output * inputs) + input]);
                }
            }

            return matrix;
        }

        // What each group of inputs adds to each output of each pixel.
        private double[,,] Sums(float[] a)
        {
            double[,,] sums = new double[groups, pixels, blocks * 8];
            for (int group = 0; group < groups; group++)
            {
                for (int pixel = 0; pixel < pixels; pixel++)
                {
                    for (int output = 0; output < outputs; output++)
                    {
                        for (int k = 0; k < TInput.Depth; k++)
                        {
                            double value = a[(group * aGroup) + (pixel * TInput.PixelStride) + k];
                            sums[group, pixel, output] += value * weights[(((output * groups) + group) * TInput.Depth) + k];
                        }
                    }
                }
            }

            return sums;
        }

        // The channel blocks where a panel starts, and the end: as many panels of the widest kind as fit, then one of each narrower kind
        // that fits.
        private IEnumerable<int> Borders()
        {
            int block = 0;
            for (int width = TSimd.PanelBlocks; width >= 1; width /= 2)
            {
                for (; blocks - block >= width; block += width)
                {
                    yield return block;
                }
            }

            yield return blocks;
        }
    }
}
