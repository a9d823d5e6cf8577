using System.Runtime.InteropServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Tests.Engine.Kernels;

public sealed class MachineCodeTests
{
    /// <summary>Rule for kernels: pointers walk, places are constants, and no loop has more variables than there are registers.</summary>
    [Theory]
    [InlineData(InstructionSet.Avx512)]
    [InlineData(InstructionSet.Avx2)]
    public void Inner_loops_of_kernels_neither_compute_addresses_nor_spill(InstructionSet set)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "Only for x64.");
        Assert.SkipUnless(InstructionSets.IsSupported(set), $"This machine does not have {set}.");
        InnerLoop[]? loops = MachineCode.LoopsOf(set, $"*{nameof(MachineCodeTests)}.{nameof(All_kernels_compile_and_compute)}");
        Assert.SkipWhen(loops is null, "The compiler does not list its code.");
        InnerLoop[] vectorized = [.. loops!.Where(loop => loop.IsVectorized)];
        Assert.True(vectorized.Length > 40, $"Only {vectorized.Length} loops were found.");
        string[] faults =
        [
            .. vectorized.Where(loop => loop.Faults.Any())
                .Select(loop => $"{loop.Kernel}, of {loop.Instructions.Length} instructions: {string.Join("; ", loop.Faults)}"),
        ];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    /// <summary>What the test above has done by another process, where the compiler lists its code.</summary>
    [Fact]
    public void All_kernels_compile_and_compute()
    {
        InstructionSet set = MachineCode.Wanted ?? InstructionSet.Avx2;
        Assert.SkipUnless(InstructionSets.IsSupported(set), $"This machine does not have {set}.");
        Assert.All(MachineCode.Compile(set), static logit => Assert.True(float.IsFinite(logit) && logit != 0, $"{logit}"));
    }
}
