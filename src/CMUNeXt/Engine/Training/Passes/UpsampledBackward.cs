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
        nint perRow = (Input.Octets + convolution.ProductRoom + convolution.Backward.Room) * (nint)Input.Width * 8;
        nint gradientRow = Window<TSimd, TVector>.Size(1, 1, Output.Width, Margin);
        rows = convolution.RowsFor(perRow + (2 * gradientRow), 5 * gradientRow);
        bands = (Input.Height + rows - 1) / rows;
        Input.ReserveGradient(ImageSlots);
    }

    public override nint SumsSize => (nint)Input.Octets * Quads * OuterProducts<TSimd, TVector>.OctetsSize;

    public override nint Scratch => ((Input.Octets + convolution.ProductRoom + convolution.Backward.Room) * Octet)
        + Window<TSimd, TVector>.Size(1, LargeRows, Output.Width, Margin) + Window<TSimd, TVector>.Size(1, 1, Output.Width, Margin);

    public override BatchSize Batch => Input.Batch;

    protected override int ImageUnits => bands;

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    // Sums of outer products with four octets of products; those of a group begin anew.
    private int Quads => convolution.Groups * QuadsOfGroup;

    private int QuadsOfGroup => ((convolution.OctetsOf(0) * 9) + 3) / 4;

    // Two rows for each small one, and two more on either side.
    private int LargeRows => (2 * rows) + 4;

    private int Pixels => ((rows * Input.Width) + 15) / 16 * 16;

    private nint Octet => (Pixels * 8) + 16;

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
                for (int i = 0; i < channels.Octets * 8; i++)
                {
                    if (channels[i] >= 0)
                    {
                        convolution.Weight.Gradient[product + (channels[i] * 9)] =
                            Shared[((((nint)i / 8 * Quads) + quad) * OuterProducts<TSimd, TVector>.OctetsSize) + (i % 8 * 32)
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
        float* products = x + (Input.Octets * Octet);
        float* dx = products + (convolution.ProductRoom * Octet);
        Window<TSimd, TVector> dy = new(dx + (convolution.Backward.Room * Octet), LargeRows, Output.Width, Margin);
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
            for (int octet = 0; octet < Input.Octets; octet++)
            {
                Input.Read(octet, pixel, count * width, x + (octet * Octet));
            }

            for (int group = 0; group < convolution.Groups; group++)
            {
                int octets = convolution.OctetsOf(group);
                for (int octet = 0; octet < octets; octet++)
                {
                    dy.FillGradient(
                        0, Output, (group * UpsampledConvolution<TSimd, TVector>.GroupOctets) + octet, image, (2 * first) - 2,
                        (2 * count) + 4);
                    for (int r = 0; r < count; r++)
                    {
                        SumRow(dy, r, first + r == 0, first + r == Input.Height - 1, blend,
                            products + (octet * Octet) + ((nint)r * width * 8), octets * Octet);
                    }
                }

                for (int input = 0; input < Input.Octets; input++)
                {
                    for (int quad = 0; quad * 4 < octets * 9; quad++)
                    {
                        OuterProducts<TSimd, TVector>.AddOctets(
                            x + (input * Octet),
                            products + (quad * 4 * Octet),
                            Octet,
                            (octets * 9) - (quad * 4),
                            count * width,
                            sums + (((input * Quads) + (group * QuadsOfGroup) + quad) * OuterProducts<TSimd, TVector>.OctetsSize));
                    }
                }

                convolution.Backward.Multiply<TSimd, TVector>(
                    products, Octet, 0, dx, Octet, 0, 1, ((count * width) + 15) / 16 * 16, convolution.ProductsOf(group),
                    (0, convolution.Backward.Room), group > 0);
            }

            for (int octet = 0; octet < Input.Octets; octet++)
            {
                Input.WriteGradient(slot, octet, pixel, count * width, dx + (octet * Octet));
            }
        }
    }

    // The gradients of the nine products of a row of one octet; the window begins two rows above the large rows of the band's first.
    private void SumRow(
        in Window<TSimd, TVector> dy, int r, bool first, bool last, in Window<TSimd, TVector> blend, float* products, nint tap)
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
                Upsampling<TSimd, TVector>.BackColumns(blend.At(0, 0), column, Input.Width, products + (((row * 3) + column) * tap));
            }
        }
    }
}
