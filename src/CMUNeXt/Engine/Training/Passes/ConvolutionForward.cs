using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Computes a 3x3 convolution, and the statistics of its result. A unit is some rows of an image.</summary>
internal sealed unsafe class ConvolutionForward<TSimd, TVector> : Pass, IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly Convolution<TSimd, TVector> convolution;
    private readonly PackedWeights weights;
    private readonly int rows;
    private readonly int bands;

    public ConvolutionForward(Convolution<TSimd, TVector> convolution)
    {
        this.convolution = convolution;
        weights = new PackedWeights(Input.Channels, convolution.Outputs, 9, TSimd.Lanes);
        int width = Output.Width;
        nint perRow = Window<TSimd, TVector>.Size(Input.Blocks, 1, width, 1) + Window<TSimd, TVector>.Size(weights.Room, 1, width, 0);
        rows = convolution.RowsFor(perRow, 2 * Window<TSimd, TVector>.Size(Input.Blocks, 1, width, 1));
        bands = (Output.Height + rows - 1) / rows;
        Output.Reserve(ImageSlots);
    }

    /// <summary>Whether the output's statistics are complete with this pass.</summary>
    public bool CompletesOutput { get; init; } = true;

    public override nint Scratch => Window<TSimd, TVector>.Size(Input.Blocks, rows + 2, Output.Width, 1)
        + Window<TSimd, TVector>.Size(weights.Room, rows, Output.Width, 0);

    public override BatchSize Batch => Output.Batch;

    protected override int ImageUnits => bands;

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    public override void Prepare() => weights.Pack(
        WeightView.Of(convolution.FirstWeight, convolution.Inputs, 9),
        convolution.Bias is { } bias ? bias.Value + convolution.FirstChannel : null);

    public override void Finish()
    {
        if (CompletesOutput)
        {
            Output.Finish(ImageSlots);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => weights.Dispose();

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int width = Output.Width;
        Window<TSimd, TVector> x = new(scratch, rows + 2, width, 1);
        Window<TSimd, TVector> y = new(scratch + Window<TSimd, TVector>.Size(Input.Blocks, rows + 2, width, 1), rows, width, 0);
        Output.Begin(slot, convolution.FirstBlock, weights.OutputBlocks);
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / bands;
            int first = unit % bands * rows;
            int count = Math.Min(rows, Output.Height - first);
            convolution.FillInput(x, image, first - 1, count + 2);
            weights.Multiply<TSimd, TVector>(
                x.Data, x.BlockStride, x.RowStride, y.Data, y.BlockStride, y.RowStride, count, Window<TSimd, TVector>.Computed(width),
                (0, weights.InputBlocks),
                (0, weights.Room), false);
            nint pixel = (((nint)image * Output.Height) + first) * width;
            for (int block = 0; block < weights.OutputBlocks; block++)
            {
                for (int r = 0; r < count; r++)
                {
                    Output.Write(slot, convolution.FirstBlock + block, pixel + (r * width), width, y.At(block, r));
                }
            }
        }
    }
}
