using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Adds the sums of all tasks of a pass up into those of the first, in their order. A task is some of the sums.</summary>
internal sealed unsafe class SumsTotal<TSimd, TVector> : Step
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const int Block = 4096;

    /// <summary>The pass; set before each use.</summary>
    public Pass? Of { get; set; }

    public override int Tasks => Of is { } pass ? (int)((pass.SumsSize + Block - 1) / Block) : 0;

    public override nint Scratch => 0;

    public override void Run(int task, float* scratch)
    {
        nint first = (nint)task * Block;
        nint count = Math.Min(Block, Of!.SumsSize - first);
        float* target = Of.Shared + first;
        int slots = Of.Tasks;
        for (int slot = 1; slot < slots; slot++)
        {
            PixelKernels<TSimd, TVector>.Add(target + (slot * Of.SumsSize), target, count);
        }
    }
}
