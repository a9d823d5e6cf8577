using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Adds the sums of the tasks of each image up into those of its first, in their order, and then those of the images into those of the
/// first image, unless other ranks have images too. A task is some of the sums.
/// </summary>
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
        nint next = Of.ImageSums * Of.SumsSize;
        for (int image = 0; image < Of.Batch.Count; image++)
        {
            float* sums = Of.Shared + (image * next) + first;
            for (int slot = 1; slot < Of.ImageSums; slot++)
            {
                PixelKernels<TSimd, TVector>.Add(sums + (slot * Of.SumsSize), sums, count);
            }

            if (image > 0 && Of.Batch.Ranks is null)
            {
                PixelKernels<TSimd, TVector>.Add(sums, Of.Shared + first, count);
            }
        }
    }
}
