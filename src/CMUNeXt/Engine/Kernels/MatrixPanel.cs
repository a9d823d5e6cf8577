using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Multiplies one panel of channel blocks of the output with the micro-kernel that fills the instruction set's registers.
/// </summary>
internal static class MatrixPanel<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>How the micro-kernels read weights.</summary>
    public static PanelLayout Layout => new(TSimd.PanelBlocks, TSimd.Lanes == 16);

    /// <summary>The pixels that the micro-kernel computes at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pixels(int blocks) => (TSimd.Lanes, blocks) switch
    {
        (16, 4) => 8,
        (16, _) => 16,
        (8, 2) => 6,
        (8, _) => 12,
        _ => 8,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<TInput>(in MatrixOperands operands, int blocks)
        where TInput : IMatrixInput
    {
        switch (TSimd.Lanes, blocks)
        {
            case (16, 2):
                MatrixKernels<TSimd, TVector>.Run16x1<TInput>(operands);
                break;
            case (16, 1):
                PairedKernel.Run16<TInput>(operands);
                break;
            case (8, 2):
                MatrixKernels<TSimd, TVector>.Run6x2<TInput>(operands);
                break;
            case (8, _):
                MatrixKernels<TSimd, TVector>.Run12x1<TInput>(operands);
                break;
            case (4, _) when AdvSimd.Arm64.IsSupported:
                LaneKernel.Run8x2<TInput>(operands);
                break;
            default:
                MatrixKernels<TSimd, TVector>.Run8x2<TInput>(operands);
                break;
        }
    }
}
