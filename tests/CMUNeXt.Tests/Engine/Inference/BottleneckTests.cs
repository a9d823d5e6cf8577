using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Tests.Engine.Kernels;

namespace CMUNeXt.Tests.Engine.Inference;

public sealed unsafe class BottleneckTests
{
    private const double Tolerance = 1e-5;

    // Floats between channel blocks, which nothing may use.
    private const int Gap = 16;

    public static TheoryData<InstructionSet> InstructionSets => KernelCheck.InstructionSets;

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Direct_products_equal_the_plain_sums(InstructionSet set) => KernelCheck.Run(
        set, CheckDirect<Simd512, Vector512<float>>, CheckDirect<Simd256, Vector256<float>>, CheckDirect<Simd128, Vector128<float>>);

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Products_by_Strassen_equal_the_plain_sums(InstructionSet set) => KernelCheck.Run(
        set, CheckStrassen<Simd512, Vector512<float>>, CheckStrassen<Simd256, Vector256<float>>, CheckStrassen<Simd128, Vector128<float>>);

    // Panels of every width, the last channel block not full, one slice of the hidden channels and several.
    private static void CheckDirect<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        Check<TSimd, TVector>(8, 32, 8, strassen: false);
        Check<TSimd, TVector>(5, 20, 3, strassen: false);
        Check<TSimd, TVector>(24, 300, 40, strassen: false);
    }

    private static void CheckStrassen<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        Check<TSimd, TVector>(16, 16, 16, strassen: true);
        Check<TSimd, TVector>(48, 80, 112, strassen: true);
        Check<TSimd, TVector>(64, 352, 80, strassen: true);
    }

    private static void Check<TSimd, TVector>(int inputs, int hidden, int outputs, bool strassen)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        float[] expand = [.. Formula.Input(1, inputs * hidden).Select(v => v / MathF.Sqrt(inputs))];
        float[] expandBias = Formula.Input(2, hidden);
        float[] project = [.. Formula.Input(3, hidden * outputs).Select(v => v / MathF.Sqrt(hidden))];
        float[] projectBias = Formula.Input(4, outputs);
        double Expand(int o, int k) => expand[(o * inputs) + k];
        double ExpandBias(int o) => expandBias[o];
        double Project(int o, int k) => project[(o * hidden) + k];
        double ProjectBias(int o) => projectBias[o];
        Bottleneck<TSimd, TVector> bottleneck = strassen
            ? new StrassenBottleneck<TSimd, TVector>(
                Strassen.Pack(inputs, hidden, Expand, ExpandBias, Matrix<TSimd, TVector>),
                Strassen.Pack(hidden, outputs, Project, ProjectBias, Matrix<TSimd, TVector>))
            : new DirectBottleneck<TSimd, TVector>(
                Pack<TSimd, TVector>(inputs, hidden, Expand, ExpandBias), Pack<TSimd, TVector>(hidden, outputs, Project, ProjectBias));
        Assert.Equal((outputs + 7) / 8, bottleneck.OutputBlocks);
        Assert.Equal(0, bottleneck.Chunk % bottleneck.PixelStep);
        for (int pixels = bottleneck.PixelStep; pixels <= bottleneck.Chunk; pixels += bottleneck.PixelStep)
        {
            int block = (pixels * 8) + Gap;
            float[] values = Formula.Input(5, (inputs + 7) / 8 * block);
            double[] expected = KernelCheck.Untouched((outputs + 7) / 8 * block);
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                double[] middle = [.. Enumerable.Range(0, hidden).Select(o => PlainGelu.Of(
                    expandBias[o] + Enumerable.Range(0, inputs).Sum(k => Expand(o, k) * values[Place(k, pixel, block)])))];
                for (int o = 0; o < (outputs + 7) / 8 * 8; o++)
                {
                    expected[Place(o, pixel, block)] = o < outputs
                        ? PlainGelu.Of(projectBias[o] + Enumerable.Range(0, hidden).Sum(k => Project(o, k) * middle[k]))
                        : 0;
                }
            }

            using NativeBuffer a = KernelCheck.Memory(values);
            using NativeBuffer scratch = KernelCheck.Blank(bottleneck.Scratch(pixels) + Gap);
            using NativeBuffer z = KernelCheck.Blank(expected.Length);
            bottleneck.Run(a.Data, block, pixels, scratch.Data, z.Data, block);
            KernelCheck.Close(expected, z, Tolerance, $"{inputs} to {hidden} to {outputs} channels, {pixels} pixels");
            Assert.Equal(Gap, new ReadOnlySpan<float>(scratch.Data + bottleneck.Scratch(pixels), Gap).Count(float.NaN));
        }
    }

    private static int Place(int channel, int pixel, int block) => (channel / 8 * block) + (pixel * 8) + (channel % 8);

    private static PackedMatrix Matrix<TSimd, TVector>(int inputs, int outputs)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged =>
        new((inputs + 7) / 8, BlockInput.Depth, outputs, MatrixPanel<TSimd, TVector>.Layout);

    private static PackedMatrix Pack<TSimd, TVector>(int inputs, int outputs, Func<int, int, double> weight, Func<int, double> bias)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        PackedMatrix matrix = Matrix<TSimd, TVector>(inputs, outputs);
        for (int o = 0; o < outputs; o++)
        {
            matrix.SetBias(o, bias(o));
            for (int k = 0; k < inputs; k++)
            {
                matrix.Output(o).Set(k, weight(o, k));
            }
        }

        return matrix;
    }
}
