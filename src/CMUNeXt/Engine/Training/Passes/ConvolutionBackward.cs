using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Backward through a 3x3 convolution: the gradients of its weights, of its bias where it has one, and of its input where that is
/// trained. A unit is some rows of an image.
/// </summary>
internal sealed unsafe class ConvolutionBackward<TSimd, TVector> : Pass, IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly Convolution<TSimd, TVector> convolution;
    private readonly PackedWeights? weights;
    private readonly int rows;
    private readonly int bands;

    /// <param name="convolution">The convolution.</param>
    /// <param name="toInput">Whether the input has a gradient.</param>
    public ConvolutionBackward(Convolution<TSimd, TVector> convolution, bool toInput)
    {
        this.convolution = convolution;
        int width = Output.Width;
        nint x = Window<TSimd, TVector>.Size(Input.Blocks, 1, width, 1);
        nint dy = Window<TSimd, TVector>.Size(convolution.Outputs.Blocks, 1, width, 1);
        nint dx = 0;
        if (toInput)
        {
            weights = new PackedWeights(Outputs, Input.Channels, 9, TSimd.Lanes);
            dx = Window<TSimd, TVector>.Size(weights.Room, 1, width, 0);
        }

        rows = convolution.RowsFor(x + dy + dx, 2 * (x + dy));
        bands = (Output.Height + rows - 1) / rows;
        if (toInput)
        {
            Input.ReserveGradient(ImageSlots);
        }
    }

    public override nint SumsSize => WeightSums + ChannelSums(Outputs.Blocks);

    public override nint Scratch => XSize + DySize + DxSize;

    public override BatchSize Batch => Output.Batch;

    protected override int ImageUnits => bands;

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    private ChannelPlaces Outputs => convolution.Outputs;

    // For each pair of input channel blocks, for each output channel block, for each row of the kernel.
    private nint WeightSums => (nint)((Input.Blocks + 1) / 2) * Outputs.Blocks * 3 * WeightGradients<TSimd, TVector>.ColumnsSize;

    private nint XSize => Window<TSimd, TVector>.Size(Input.Blocks, rows + 2, Output.Width, 1);

    private nint DySize => Window<TSimd, TVector>.Size(Outputs.Blocks, rows + 2, Output.Width, 1);

    private nint DxSize => weights is null ? 0 : Window<TSimd, TVector>.Size(weights.Room, rows, Output.Width, 0);

    public override void Prepare() => weights?.Pack(WeightView.Of(convolution.FirstWeight, convolution.Inputs, 9).Transposed(9));

    public override void Finish()
    {
        if (weights is not null)
        {
            Input.FinishGradient(ImageSlots);
        }

        float* sums = Shared;
        int inputs = convolution.Inputs;
        float* gradient = convolution.Weight.Gradient + ((nint)convolution.FirstChannel * inputs * 9);
        for (int o = 0; o < Outputs.Blocks * 8; o++)
        {
            for (int i = 0; Outputs[o] >= 0 && i < Input.Blocks * 8; i++)
            {
                if (Input.Channels[i] is var channel && channel < 0)
                {
                    continue;
                }

                float* target = gradient + (((Outputs[o] * inputs) + channel) * 9);
                for (int position = 0; position < 9; position++)
                {
                    target[position] = sums[SumsPlace(i / 16, o / 8, position / 3) + (o % 8 * 48)
                        + WeightGradients<TSimd, TVector>.ColumnPlace(i / 8 % 2, position % 3) + (i % 8)];
                }
            }
        }

        float* biasSums = sums + WeightSums;
        for (int place = 0; convolution.Bias is { } bias && place < Outputs.Blocks * 8; place++)
        {
            if (Outputs[place] >= 0)
            {
                bias.Gradient[convolution.FirstChannel + Outputs[place]] = biasSums[place];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => weights?.Dispose();

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int width = Output.Width;
        int height = Output.Height;
        Window<TSimd, TVector> x = new(scratch, rows + 2, width, 1);
        Window<TSimd, TVector> dy = new(scratch + XSize, rows + 2, width, 1);
        Window<TSimd, TVector> dx = new(scratch + XSize + DySize, rows, width, 0);
        float* sums = Shared + (slot * SumsSize);
        if (weights is not null)
        {
            Input.BeginGradient(slot);
        }

        for (int unit = from; unit < to; unit++)
        {
            int image = unit / bands;
            int first = unit % bands * rows;
            int count = Math.Min(rows, height - first);
            convolution.FillInput(x, image, first - 1, count + 2);
            for (int o = 0; o < Outputs.Blocks; o++)
            {
                dy.FillGradient(o, Output, convolution.FirstBlock + o, image, first - 1, count + 2);
            }

            if (weights is not null)
            {
                weights.Multiply<TSimd, TVector>(
                    dy.Data, dy.BlockStride, dy.RowStride, dx.Data, dx.BlockStride, dx.RowStride, count,
                    Window<TSimd, TVector>.Computed(width),
                    (0, weights.InputBlocks), (0, weights.Room), false);
                WriteInput(slot, image, first, count, dx);
            }

            AddWeights(x, dy, count, sums);
        }
    }

    private nint SumsPlace(int pair, int output, int row) =>
        ((((nint)pair * Outputs.Blocks) + output) * 3 + row) * WeightGradients<TSimd, TVector>.ColumnsSize;

    private void WriteInput(int slot, int image, int first, int count, in Window<TSimd, TVector> dx)
    {
        for (int block = 0; block < Input.Blocks; block++)
        {
            for (int r = 0; r < count; r++)
            {
                Input.WriteGradient(slot, block, (((nint)image * Input.Height) + first + r) * Input.Width, Input.Width, dx.At(block, r));
            }
        }
    }

    private void AddWeights(in Window<TSimd, TVector> x, in Window<TSimd, TVector> dy, int count, float* sums)
    {
        int width = Output.Width;
        for (int i = 0; i < Input.Blocks; i += 2)
        {
            for (int o = 0; o < Outputs.Blocks; o++)
            {
                for (int row = 0; row < 3; row++)
                {
                    WeightGradients<TSimd, TVector>.AddColumns(
                        dy.At(o, 1),
                        dy.RowStride,
                        x.At(i, row) - 8,
                        i + 1 < Input.Blocks ? x.At(i + 1, row) - 8 : null,
                        x.RowStride,
                        count,
                        width,
                        sums + SumsPlace(i / 2, o, row));
                }
            }
        }

        float* biasSums = sums + WeightSums;
        for (int o = 0; convolution.Bias is not null && o < Outputs.Blocks; o++)
        {
            for (int r = 0; r < count; r++)
            {
                PixelKernels<TSimd, TVector>.AddSums(dy.At(o, 1 + r), width, biasSums + (o * 8));
            }
        }
    }
}
