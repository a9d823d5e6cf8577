using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Backward through an upsampled convolution: the gradients of its weights and of its input. A unit is some rows of a small image.
/// </summary>
internal sealed unsafe class UpsampledBackward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const int Margin = 2;

    private readonly UpsampledConvolution<TSimd, TVector> convolution;
    private readonly int rows;
    private readonly int bands;

    public UpsampledBackward(UpsampledConvolution<TSimd, TVector> convolution)
    {
        this.convolution = convolution;
        nint perRow = (Input.Blocks + convolution.ProductRoom + convolution.Backward.Room) * (nint)Input.Width * 8;
        nint gradientRow = Window<TSimd, TVector>.Size(1, 1, Output.Width, Margin);
        rows = convolution.RowsFor(perRow + (2 * gradientRow), 5 * gradientRow);
        bands = (Input.Height + rows - 1) / rows;
        Input.ReserveGradient(ImageSlots);
    }

    public override nint SumsSize => (nint)Input.Blocks * Quads * WeightGradients<TSimd, TVector>.BlocksSize;

    public override nint Scratch => ((Input.Blocks + convolution.ProductRoom + convolution.Backward.Room) * BlockStride)
        + Window<TSimd, TVector>.Size(1, LargeRows, Output.Width, Margin) + Window<TSimd, TVector>.Size(1, 1, Output.Width, Margin);

    public override BatchSize Batch => Input.Batch;

    protected override int ImageUnits => bands;

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    // Sums of outer products with four channel blocks of products; those of a group begin anew.
    private int Quads => convolution.Groups * QuadsOfGroup;

    private int QuadsOfGroup => ((convolution.BlocksOf(0) * 9) + 3) / 4;

    // Two rows for each small one, and two more on either side.
    private int LargeRows => (2 * rows) + 4;

    private int Pixels => ((rows * Input.Width) + 15) / 16 * 16;

    private nint BlockStride => (Pixels * 8) + 16;

    public override void Prepare() => convolution.PackBackward();

    public override void Finish()
    {
        Input.FinishGradient(ImageSlots);
        ChannelPlaces channels = Input.Channels;
        for (int group = 0; group < convolution.Groups; group++)
        {
            (int first, int count) = convolution.ProductsOf(group);
            for (int place = 0; place < count * 8; place++)
            {
                if (convolution.Product((first * 8) + place) is var product && product < 0)
                {
                    continue;
                }

                int quad = (group * QuadsOfGroup) + (place / 32);
                for (int i = 0; i < channels.Blocks * 8; i++)
                {
                    if (channels[i] >= 0)
                    {
                        convolution.Weight.Gradient[product + (channels[i] * 9)] =
                            Shared[((((nint)i / 8 * Quads) + quad) * WeightGradients<TSimd, TVector>.BlocksSize) + (i % 8 * 32)
                                + (place % 32)];
                    }
                }
            }
        }
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int width = Input.Width;
        float* x = scratch;
        float* products = x + (Input.Blocks * BlockStride);
        float* dx = products + (convolution.ProductRoom * BlockStride);
        Window<TSimd, TVector> dy = new(dx + (convolution.Backward.Room * BlockStride), LargeRows, Output.Width, Margin);
        Window<TSimd, TVector> blend = new(
            dy.Data + Window<TSimd, TVector>.Size(1, LargeRows, Output.Width, Margin), 1, Output.Width, Margin);
        float* sums = Shared + (slot * SumsSize);
        Input.BeginGradient(slot);
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / bands;
            int first = unit % bands * rows;
            int count = Math.Min(rows, Input.Height - first);
            nint pixel = (((nint)image * Input.Height) + first) * width;
            for (int block = 0; block < Input.Blocks; block++)
            {
                Input.Read(block, pixel, count * width, x + (block * BlockStride));
            }

            for (int group = 0; group < convolution.Groups; group++)
            {
                int blocks = convolution.BlocksOf(group);
                for (int block = 0; block < blocks; block++)
                {
                    dy.FillGradient(
                        0, Output, (group * UpsampledConvolution<TSimd, TVector>.GroupBlocks) + block, image, (2 * first) - 2,
                        (2 * count) + 4);
                    for (int r = 0; r < count; r++)
                    {
                        SumRow(dy, r, first + r == 0, first + r == Input.Height - 1, blend,
                            products + (block * BlockStride) + ((nint)r * width * 8), blocks * BlockStride);
                    }
                }

                for (int input = 0; input < Input.Blocks; input++)
                {
                    for (int quad = 0; quad * 4 < blocks * 9; quad++)
                    {
                        WeightGradients<TSimd, TVector>.AddBlocks(
                            x + (input * BlockStride),
                            products + (quad * 4 * BlockStride),
                            BlockStride,
                            (blocks * 9) - (quad * 4),
                            count * width,
                            sums + (((input * Quads) + (group * QuadsOfGroup) + quad) * WeightGradients<TSimd, TVector>.BlocksSize));
                    }
                }

                convolution.Backward.Multiply<TSimd, TVector>(
                    products, BlockStride, 0, dx, BlockStride, 0, 1, ((count * width) + 15) / 16 * 16, convolution.ProductsOf(group),
                    (0, convolution.Backward.Room), group > 0);
            }

            for (int block = 0; block < Input.Blocks; block++)
            {
                Input.WriteGradient(slot, block, pixel, count * width, dx + (block * BlockStride));
            }
        }
    }

    // The gradients of the nine products of a row of one channel block; the window begins two rows above the large rows of the band's
    // first.
    private void SumRow(
        in Window<TSimd, TVector> dy, int r, bool first, bool last, in Window<TSimd, TVector> blend, float* products, nint stride)
    {
        for (int row = 0; row < 3; row++)
        {
            // What the kernel's row saw of the upsampled rows before, of and after the small row.
            float* b = dy.At(0, (2 * r) + 3 - row);
            float* c = dy.At(0, (2 * r) + 4 - row);
            float* a = first ? b : dy.At(0, (2 * r) + 2 - row);
            float* d = last ? c : dy.At(0, (2 * r) + 5 - row);
            Upsampling<TSimd, TVector>.BackRows(a, b, c, d, (nint)Output.Width * 8, blend.At(0, 0));
            blend.ClearMargins(0, 0);
            for (int column = 0; column < 3; column++)
            {
                Upsampling<TSimd, TVector>.BackColumns(blend.At(0, 0), column, Input.Width, products + (((row * 3) + column) * stride));
            }
        }
    }
}
