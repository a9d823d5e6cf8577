using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CMUNeXt.Engine.Vectors;

/// <summary>The instruction sets that the engine has kernels for.</summary>
public enum InstructionSet
{
    /// <summary>Vectors of 4: NEON on ARM, SSE on x86, or whatever the framework makes of them.</summary>
    Vector128,

    /// <summary>AVX2 with FMA: vectors of 8.</summary>
    Avx2,

    /// <summary>AVX-512: vectors of 16.</summary>
    Avx512,
}

/// <summary>What this machine has.</summary>
internal static class InstructionSets
{
    /// <summary>The widest.</summary>
    private static InstructionSet Best => IsSupported(InstructionSet.Avx512) ? InstructionSet.Avx512
        : IsSupported(InstructionSet.Avx2) ? InstructionSet.Avx2
        : InstructionSet.Vector128;

    /// <summary>The one that is asked for, or the widest where none is.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine does not have it.</exception>
    public static InstructionSet Choose(InstructionSet? wanted) =>
        wanted is { } set && !IsSupported(set)
            ? throw new PlatformNotSupportedException($"This machine does not have {set}.")
            : wanted ?? Best;

    /// <summary>Whether this machine has it.</summary>
    public static bool IsSupported(InstructionSet set) => set switch
    {
        InstructionSet.Avx512 => Avx512F.VL.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated,
        InstructionSet.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        _ => set == InstructionSet.Vector128,
    };
}
