using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Computes an upsampled convolution, and the statistics of its result. A unit is some rows of a small image.</summary>
internal sealed unsafe class UpsampledForward<TSimd, TVector> : Pass
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly UpsampledConvolution<TSimd, TVector> convolution;
    private readonly int rows;
    private readonly int bands;

    public UpsampledForward(UpsampledConvolution<TSimd, TVector> convolution)
    {
        this.convolution = convolution;
        nint perRow = (Input.Blocks + convolution.ProductRoom) * (nint)Input.Width * 8;
        rows = convolution.RowsFor(perRow, 2 * perRow);
        bands = (Input.Height + rows - 1) / rows;
        convolution.Output.Reserve(ImageSlots);
    }

    public override nint Scratch => ((Input.Blocks + convolution.ProductRoom) * BlockStride) + (8 * Line);

    public override BatchSize Batch => Input.Batch;

    protected override int ImageUnits => bands;

    private Source<TSimd, TVector> Input => convolution.Input;

    // The pixels of a band and of a row on either side.
    private int Pixels => ((((rows + 2) * Input.Width) + 15) / 16) * 16;

    private nint BlockStride => (Pixels * 8) + 16;

    private nint Line => (Input.Width + 4) * 8;

    public override void Prepare() => convolution.PackForward();

    public override void Finish() => convolution.Output.Finish(ImageSlots);

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int width = Input.Width;
        float* products = scratch + (Input.Blocks * BlockStride);
        float* lines = products + (convolution.ProductRoom * BlockStride);
        convolution.Output.Begin(slot, 0, convolution.Output.Blocks);
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / bands;
            int first = unit % bands * rows;
            int end = Math.Min(first + rows, Input.Height);
            int top = Math.Max(first - 1, 0);
            int count = Math.Min(end + 1, Input.Height) - top;
            for (int block = 0; block < Input.Blocks; block++)
            {
                Input.Read(block, (((nint)image * Input.Height) + top) * width, count * width, scratch + (block * BlockStride));
            }

            for (int group = 0; group < convolution.Groups; group++)
            {
                convolution.Forward.Multiply<TSimd, TVector>(
                    scratch, BlockStride, 0, products, BlockStride, 0, 1, ((count * width) + 15) / 16 * 16, (0, Input.Blocks),
                    convolution.ProductsOf(group), false);
                for (int y = first; y < end; y++)
                {
                    SumRow(slot, image, group, y, products - ((nint)top * width * 8), lines);
                }
            }
        }
    }

    private void SumRow(int slot, int image, int group, int y, float* products, float* lines)
    {
        int width = Input.Width;
        int height = Input.Height;
        int blocks = convolution.BlocksOf(group);
        nint rowStride = (nint)width * 8;
        nint above = Math.Max(y - 1, 0) * rowStride;
        nint below = Math.Min(y + 1, height - 1) * rowStride;
        float* large = lines + (6 * Line);
        for (int block = 0; block < blocks; block++)
        {
            for (int column = 0; column < 3; column++)
            {
                float* p = products + (((column * blocks) + block) * BlockStride);
                Upsampling<TSimd, TVector>.SumRows(
                    p + above, p + (y * rowStride), p + below, 3 * blocks * BlockStride, y == 0, y == height - 1, width,
                    lines + (column * Line) + 8,
                    lines + ((3 + column) * Line) + 8);
            }

            nint pixel = (((nint)image * 2 * height) + (2 * y)) * 2 * width;
            for (int odd = 0; odd < 2; odd++)
            {
                float* l = lines + (3 * odd * Line) + 8;
                Upsampling<TSimd, TVector>.SumColumns<PlainSums>(l, l + Line, l + (2 * Line), width, null, large);
                convolution.Output.Write(
                    slot, (group * UpsampledConvolution<TSimd, TVector>.GroupBlocks) + block, pixel + (odd * 2 * width), 2 * width, large);
            }
        }
    }
}
