using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Backward through a depthwise convolution and the residual around it: the gradients of its weights and bias, and of its input, to
/// which the gradient of the residual is added as it is. A unit is some rows of an image.
/// </summary>
internal sealed unsafe class DepthwiseBackward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly Depthwise<TSimd, TVector> depthwise;

    public DepthwiseBackward(Depthwise<TSimd, TVector> depthwise)
    {
        this.depthwise = depthwise;
        depthwise.Input.ReserveGradient(ImageSlots);
    }

    public override nint SumsSize => depthwise.Input.Blocks * BlockSums;

    public override nint Scratch =>
        (2 * WindowSize) + Window<TSimd, TVector>.Size(1, 1, depthwise.Input.Width, 0) + (DepthwiseKernels<TSimd, TVector>.Pixels * 8);

    public override BatchSize Batch => depthwise.Input.Batch;

    protected override int ImageUnits => depthwise.Bands;

    private int Area => depthwise.Kernel * depthwise.Kernel;

    // Sixteen values for each kernel position, then eight for the bias.
    private nint BlockSums => (Area * 16) + 16;

    private int Margin => depthwise.Kernel / 2;

    private int WindowRows => depthwise.Rows + (2 * Margin);

    private nint WindowSize => Window<TSimd, TVector>.Size(1, WindowRows, depthwise.Input.Width, Margin);

    public override void Finish()
    {
        depthwise.Input.FinishGradient(ImageSlots);
        float* sums = Shared;
        ChannelPlaces channels = depthwise.Input.Channels;
        for (int place = 0; place < channels.Blocks * 8; place++)
        {
            if (channels[place] is var c && c < 0)
            {
                continue;
            }

            float* s = sums + (place / 8 * BlockSums) + (place % 8);
            for (int position = 0; position < Area; position++)
            {
                depthwise.Weight.Gradient[(c * Area) + position] = s[position * 16] + s[(position * 16) + 8];
            }

            depthwise.Bias.Gradient[c] = s[Area * 16];
        }
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        Source<TSimd, TVector> input = depthwise.Input;
        Stage<TSimd, TVector> output = depthwise.Output;
        int width = input.Width;
        Window<TSimd, TVector> x = new(scratch, WindowRows, width, Margin);
        Window<TSimd, TVector> dy = new(scratch + WindowSize, WindowRows, width, Margin);
        float* dx = scratch + (2 * WindowSize);
        input.BeginGradient(slot);
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / depthwise.Bands;
            int first = unit % depthwise.Bands * depthwise.Rows;
            int count = Math.Min(depthwise.Rows, input.Height - first);
            nint pixel = (((nint)image * input.Height) + first) * width;
            for (int block = 0; block < input.Blocks; block++)
            {
                float* sums = Shared + (slot * SumsSize) + (block * BlockSums);
                x.Fill(0, input, block, image, first - Margin, count + (2 * Margin));
                dy.FillGradient(0, output, block, image, first - Margin, count + (2 * Margin));
                DepthwiseGradients<TSimd, TVector>.AddWeights(
                    x.At(0, 0) - (Margin * 8), x.RowStride, dy.At(0, Margin), dy.RowStride, count, width, depthwise.Kernel, sums);
                for (int r = 0; r < count; r++)
                {
                    PixelKernels<TSimd, TVector>.AddSums(dy.At(0, Margin + r), width, sums + (Area * 16));
                    DepthwiseKernels<TSimd, TVector>.Row(
                        dy.At(0, r) - (Margin * 8), dy.RowStride, depthwise.Turned(block), depthwise.Kernel, depthwise.NoBiases, dx, width);
                    PixelKernels<TSimd, TVector>.Add(
                        output.Gradient!.At(block, pixel + (r * width)), dx, PixelKernels<TSimd, TVector>.Floats(width));
                    input.WriteGradient(slot, block, pixel + (r * width), width, dx);
                }
            }
        }
    }
}
