using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Tests.Engine.Kernels;

/// <summary>
/// What the tests of the kernels have in common: each is done for every instruction set, and its result compared with a plain one.
/// </summary>
internal static unsafe class KernelCheck
{
    public static TheoryData<InstructionSet> InstructionSets => [.. Enum.GetValues<InstructionSet>()];

    /// <summary>Runs the check that is meant for an instruction set, or skips the test where the machine does not have it.</summary>
    public static void Run(InstructionSet set, Action avx512, Action avx2, Action vector128)
    {
        Assert.SkipUnless(CMUNeXt.Engine.Vectors.InstructionSets.IsSupported(set), $"This machine does not have {set}.");
        Action check = set switch
        {
            InstructionSet.Avx512 => avx512,
            InstructionSet.Avx2 => avx2,
            _ => vector128,
        };
        check();
    }

    /// <summary>Memory with the given values.</summary>
    public static NativeBuffer Memory(ReadOnlySpan<float> values)
    {
        NativeBuffer memory = new(values.Length);
        values.CopyTo(new Span<float>(memory.Data, values.Length));
        return memory;
    }

    /// <summary>Memory in which every value is <see cref="float.NaN"/>: what nothing writes stays so.</summary>
    public static NativeBuffer Blank(nint count)
    {
        NativeBuffer memory = new(count);
        new Span<float>(memory.Data, (int)count).Fill(float.NaN);
        return memory;
    }

    /// <summary>As many values to expect, at first <see cref="double.NaN"/>: that nothing was written there.</summary>
    public static double[] Untouched(nint count)
    {
        double[] values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }

    /// <summary>Compares all of some memory with what is expected.</summary>
    public static void Close(double[] expected, NativeBuffer actual, double tolerance, FormattableString what)
    {
        Assert.Equal(expected.Length, actual.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            float value = actual.Data[i];
            if (double.IsNaN(expected[i]) ? !float.IsNaN(value) : !(Math.Abs(value - expected[i]) <= tolerance))
            {
                Assert.Fail($"{what}: {value} at {i}, not {expected[i]}.");
            }
        }
    }
}
