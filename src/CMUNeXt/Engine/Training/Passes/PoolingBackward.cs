using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Backward through a 2x2 maximum pooling: adds each gradient to that of the first of the largest values, and so completes the
/// gradient of a stage that was read elsewhere too. A unit is a row of the small image.
/// </summary>
internal sealed unsafe class PoolingBackward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly Stage<TSimd, TVector> input;
    private readonly PlainSource<TSimd, TVector> output;

    public PoolingBackward(Stage<TSimd, TVector> input, PlainSource<TSimd, TVector> output)
    {
        this.input = input;
        this.output = output;
        input.ReserveGradient(ImageSlots);
    }

    public override nint Scratch => 4 * RowSize;

    public override BatchSize Batch => output.Batch;

    protected override int ImageUnits => output.Height;

    private nint RowSize => (input.Width + 2) * 8;

    public override void Finish() => input.FinishLateGradient(ImageSlots);

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int width = input.Width;
        float* upper = scratch;
        float* lower = scratch + RowSize;
        float* upperGradient = scratch + (2 * RowSize);
        float* lowerGradient = scratch + (3 * RowSize);
        input.BeginLateGradient(slot);
        for (int unit = from; unit < to; unit++)
        {
            nint first = (nint)2 * unit * width;
            for (int block = 0; block < input.Blocks; block++)
            {
                input.Read(block, first, width, upper);
                input.Read(block, first + width, width, lower);
                new ReadOnlySpan<float>(input.Gradient!.At(block, first), width * 8).CopyTo(new Span<float>(upperGradient, width * 8));
                new ReadOnlySpan<float>(input.Gradient!.At(block, first + width), width * 8).CopyTo(
                    new Span<float>(lowerGradient, width * 8));
                float* gradient = output.Gradient!.At(block, (nint)unit * output.Width);
                PixelKernels<TSimd, TVector>.Unpool(upper, lower, gradient, upperGradient, lowerGradient, output.Width);
                input.WriteLateGradient(slot, block, first, width, upperGradient);
                input.WriteLateGradient(slot, block, first + width, width, lowerGradient);
            }
        }
    }
}
