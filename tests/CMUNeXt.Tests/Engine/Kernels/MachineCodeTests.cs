using System.Runtime.InteropServices;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Tests.Engine.Kernels;

public sealed class MachineCodeTests
{
    // One address among so many instructions is not noticed.
    private const int Enough = 30;

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
        InnerLoop[] vectorized = [.. loops!.Where(loop => loop.IsVectorized && !loop.IsWholeTile)];
        Assert.True(vectorized.Length > 40, $"Only {vectorized.Length} loops were found.");
        string[] faults =
        [
            .. vectorized.Where(loop => loop.Spills.Any() || loop.Addresses.Count() > loop.Instructions.Length / Enough)
                .Select(loop => $"{loop.Kernel}: {string.Join("; ", loop.Spills.Concat(loop.Addresses))}"),
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
