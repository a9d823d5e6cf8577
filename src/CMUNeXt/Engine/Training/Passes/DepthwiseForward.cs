using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Computes a depthwise convolution, and the statistics of its result. A unit is some rows of an image.</summary>
internal sealed unsafe class DepthwiseForward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly Depthwise<TSimd, TVector> depthwise;

    public DepthwiseForward(Depthwise<TSimd, TVector> depthwise)
    {
        this.depthwise = depthwise;
        depthwise.Output.Reserve(ImageSlots);
    }

    public override nint Scratch =>
        InputSize + Window<TSimd, TVector>.Size(1, 1, depthwise.Input.Width, 0) + (DepthwiseKernels<TSimd, TVector>.Pixels * 8);

    public override BatchSize Batch => depthwise.Input.Batch;

    protected override int ImageUnits => depthwise.Bands;

    private int Margin => depthwise.Kernel / 2;

    private int WindowRows => depthwise.Rows + (2 * Margin);

    private nint InputSize => Window<TSimd, TVector>.Size(1, WindowRows, depthwise.Input.Width, Margin);

    public override void Prepare() => depthwise.Pack();

    public override void Finish() => depthwise.Output.Finish(ImageSlots);

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        Source<TSimd, TVector> input = depthwise.Input;
        Stage<TSimd, TVector> output = depthwise.Output;
        int width = input.Width;
        Window<TSimd, TVector> x = new(scratch, WindowRows, width, Margin);
        float* y = scratch + InputSize;
        output.Begin(slot, 0, output.Blocks);
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / depthwise.Bands;
            int first = unit % depthwise.Bands * depthwise.Rows;
            int count = Math.Min(depthwise.Rows, input.Height - first);
            nint pixel = (((nint)image * input.Height) + first) * width;
            for (int block = 0; block < input.Blocks; block++)
            {
                x.Fill(0, input, block, image, first - Margin, count + (2 * Margin));
                for (int r = 0; r < count; r++)
                {
                    DepthwiseKernels<TSimd, TVector>.Row(
                        x.At(0, r) - (Margin * 8), x.RowStride, depthwise.Weights(block), depthwise.Kernel, depthwise.Biases(block), y,
                        width);
                    output.Write(slot, block, pixel + (r * width), width, y);
                }
            }
        }
    }
}
