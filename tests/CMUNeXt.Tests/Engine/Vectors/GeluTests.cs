using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Tests.Engine.Vectors;

public sealed unsafe class GeluTests
{
    private delegate void Kernel(float* x, float* ones, float* zeros, float* result, float* derivative, int count);

    [Theory]
    [InlineData(InstructionSet.Avx512)]
    [InlineData(InstructionSet.Avx2)]
    [InlineData(InstructionSet.Vector128)]
    public void Value_and_derivative_are_exact_to_a_few_times_1e_7(InstructionSet set)
    {
        Assert.SkipUnless(InstructionSets.IsSupported(set), $"This machine does not have {set}.");
        Kernel kernel = set switch
        {
            InstructionSet.Avx512 => Run<Simd512, System.Runtime.Intrinsics.Vector512<float>>,
            InstructionSet.Avx2 => Run<Simd256, System.Runtime.Intrinsics.Vector256<float>>,
            _ => Run<Simd128, System.Runtime.Intrinsics.Vector128<float>>,
        };
        const int Count = 1 << 16;
        using NativeBuffer x = new(Count);
        using NativeBuffer value = new(Count);
        using NativeBuffer derivative = new(Count);
        using NativeBuffer constants = new(32);
        new Span<float>(constants.Data, 16).Fill(1);
        for (int i = 0; i < Count; i++)
        {
            x.Data[i] = (i - (Count / 2)) * (20f / Count);
        }

        x.Data[0] = -1e30f;
        x.Data[1] = 1e30f;
        kernel(x.Data, constants.Data, constants.Data + 16, value.Data, derivative.Data, Count);
        for (int i = 0; i < Count; i++)
        {
            double v = x.Data[i];
            Assert.InRange(Math.Abs(value.Data[i] - PlainGelu.Of(v)), 0, 2e-7 * Math.Max(1, Math.Abs(v)));
            Assert.InRange(Math.Abs(derivative.Data[i] - PlainGelu.Derivative(v)), 0, 4e-7);
        }
    }

    /// <summary>Their error alone, with coefficients as they are stored and everything else in double precision.</summary>
    [Fact]
    public void Polynomials_of_the_tail_are_within_3e_8()
    {
        Check(NormalTail.Quartics, intervals: 32, degree: 4, NormalTail.QuarticEnd);
        Check(NormalTail.Quintics, intervals: 16, degree: 5, NormalTail.End);
        Check(NormalTail.Sextics, intervals: 8, degree: 6, NormalTail.End);

        static void Check(float* table, int intervals, int degree, float end)
        {
            float width = end / (intervals - 1);
            for (double u = 0; u < end; u += 1e-4)
            {
                int interval = (int)Math.Round(u / width);
                double tail = 0;
                for (int power = degree; power >= 0; power--)
                {
                    tail = (tail * (u - (interval * (double)width))) + table[(power * intervals) + interval];
                }

                Assert.InRange((u * tail) + PlainGelu.Of(-u), -3e-8, 3e-8);
            }
        }
    }

    private static void Run<TSimd, TVector>(float* x, float* ones, float* zeros, float* result, float* derivative, int count)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        TSimd.GeluAffine(x, result, count, ones, zeros);
        using NativeBuffer gradients = new(count);
        new Span<float>(gradients.Data, count).Fill(1);
        TSimd.GeluBackward(x, gradients.Data, derivative, count, ones, zeros, zeros);
    }
}
