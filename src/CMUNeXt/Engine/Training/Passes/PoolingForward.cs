using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>2x2 maximum pooling. A unit is a row of the small image.</summary>
internal sealed unsafe class PoolingForward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public required Source<TSimd, TVector> Input { get; init; }

    public required BatchMap Output { get; init; }

    public override nint Scratch => 2 * RowSize;

    public override BatchSize Batch => Output.Batch;

    protected override int ImageUnits => Output.Height;

    private nint RowSize => (Input.Width + 2) * 8;

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        for (int unit = from; unit < to; unit++)
        {
            for (int block = 0; block < Output.Blocks; block++)
            {
                Input.Read(block, (nint)2 * unit * Input.Width, Input.Width, scratch);
                Input.Read(block, ((nint)(2 * unit) + 1) * Input.Width, Input.Width, scratch + RowSize);
                PixelKernels<TSimd, TVector>.Pool(scratch, scratch + RowSize, Output.At(block, (nint)unit * Output.Width), Output.Width);
            }
        }
    }
}
