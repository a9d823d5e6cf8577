using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning.Passes;

/// <summary>
/// The way back through a 3x3 convolution by Winograd's F(4x4, 3x3): the gradients of its weights, of its bias where it has one, and of its
/// input. Both are made of the same transform of the output's gradient: its products with the turned weights are the input's gradient,
/// and its products with the transposed transform of the input are that of the turned weights, point by point, and go back only when those
/// of all tiles have been summed up.
/// </summary>
internal sealed unsafe class WinogradBackward<TSimd, TVector> : Pass, IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // Tiles whose products are summed up at a time: four octets of them stay in the first-level cache.
    private const int SumTiles = 192;

    private static readonly NativeBuffer NoBias = new(16);

    private readonly Convolution<TSimd, TVector> convolution;
    private readonly WinogradWeights<TSimd, TVector> weights;
    private readonly TileRounds rounds;
    private readonly NativeBuffer biasSums;

    public WinogradBackward(Convolution<TSimd, TVector> convolution)
    {
        this.convolution = convolution;
        weights = new WinogradWeights<TSimd, TVector>(Outputs, Input.Channels);
        rounds = new TileRounds(Output.Capacity, Output.Height, Output.Width, Outputs.Octets + Input.Octets + weights.Room);
        biasSums = new NativeBuffer(Slots * Outputs.Octets * 8);
        Input.ReserveGradient(Slots);
    }

    public override int Phases => 2 + (3 * Rounds);

    public override nint SharedSize => (Winograd.Points * PointSums) + GradientSize + InputSize + TileMap<TSimd, TVector>.Size(weights.Room, rounds);

    public override nint Scratch => Window<TSimd, TVector>.Size(1, rounds.BandRows + 2, Output.Width, 1);

    protected override int Units => Phase == 0 ? Outputs.Octets : Phase == Phases - 1 ? Input.Octets * Quads : (Phase % 3) switch
    {
        1 => Bands * (Outputs.Octets + Input.Octets),
        2 => Winograd.Points,
        _ => Bands * Input.Octets,
    };

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    private ChannelOrder Outputs => convolution.Outputs;

    private int Rounds => rounds.Rounds(Output.Images);

    private int Round => (Phase - 1) / 3;

    private int Bands => rounds.BandsOf(Round, Output.Images);

    // Sums of outer products of an octet of inputs with four of outputs.
    private int Quads => (Outputs.Octets + 3) / 4;

    private nint PointSums => (nint)Input.Octets * Quads * OuterKernels<TSimd, TVector>.OctetsSize;

    private nint GradientSize => TileMap<TSimd, TVector>.Size(Outputs.Octets, rounds);

    private nint InputSize => TileMap<TSimd, TVector>.Size(Input.Octets, rounds);

    private float* Sums => Shared + GradientSize + InputSize + TileMap<TSimd, TVector>.Size(weights.Room, rounds);

    // Of the output's gradient, of the input, and what becomes the input's gradient.
    private TileMap<TSimd, TVector> Gradients => new(Shared, Outputs.Octets, rounds);

    private TileMap<TSimd, TVector> Inputs => new(Shared + GradientSize, Input.Octets, rounds);

    private TileMap<TSimd, TVector> Products => new(Shared + GradientSize + InputSize, weights.Room, rounds);

    public override void Prepare() => new Span<float>(biasSums.Data, (int)biasSums.Count).Clear();

    public override void Finish()
    {
        Input.FinishGradient(Math.Min(Slots, rounds.BandsOf(0, Output.Images) * Input.Octets));
        for (int place = 0; convolution.Bias is { } bias && place < Outputs.Octets * 8; place++)
        {
            if (Outputs[place] >= 0)
            {
                float sum = 0;
                for (int slot = 0; slot < Slots; slot++)
                {
                    sum += biasSums.Data[(slot * Outputs.Octets * 8) + place];
                }

                bias.Gradient[convolution.FirstChannel + Outputs[place]] = sum;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        biasSums.Dispose();
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        if (Phase == 3)
        {
            Input.BeginGradient(slot);
        }

        for (int unit = from; unit < to; unit++)
        {
            if (Phase == 0)
            {
                weights.Pack(WeightView.Of(convolution.FirstWeight, convolution.Inputs, 9).Transposed(9), unit);
                continue;
            }

            if (Phase == Phases - 1)
            {
                WriteWeights(unit / Quads, unit % Quads, scratch);
                continue;
            }

            switch (Phase % 3)
            {
                case 1:
                    int octets = Outputs.Octets + Input.Octets;
                    Transform(slot, unit / octets, unit % octets, scratch);
                    break;
                case 2:
                    Multiply(unit);
                    break;
                default:
                    WriteInput(slot, unit / Input.Octets, unit % Input.Octets, scratch);
                    break;
            }
        }
    }

    private void Transform(int slot, int band, int octet, float* scratch)
    {
        (int image, int row) = rounds.Place(Round, band);
        if (octet >= Outputs.Octets)
        {
            Window<TSimd, TVector> x = new(scratch, rounds.BandRows, Output.Width, 0);
            x.Fill(0, Input, octet - Outputs.Octets, image, row, rounds.BandRows);
            Inputs.TransformPixels(x, octet - Outputs.Octets, band);
            return;
        }

        Window<TSimd, TVector> dy = new(scratch, rounds.BandRows + 2, Output.Width, 1);
        dy.FillGradient(0, Output, convolution.FirstOctet + octet, image, row - 1, rounds.BandRows + 2);
        Gradients.TransformSurroundings(dy, octet, band);
        for (int r = 0; convolution.Bias is not null && r < rounds.BandRows; r++)
        {
            PixelKernels<TSimd, TVector>.AddSums(dy.At(0, 1 + r), Output.Width, biasSums.Data + (((slot * Outputs.Octets) + octet) * 8));
        }
    }

    private void Multiply(int point)
    {
        int tiles = Bands * rounds.BandTiles;
        TileMap<TSimd, TVector> gradients = Gradients;
        TileMap<TSimd, TVector> inputs = Inputs;
        weights.Multiply(point, gradients, Products, tiles);
        float* sums = Sums + (point * PointSums);
        if (Round == 0)
        {
            new Span<float>(sums, (int)PointSums).Clear();
        }

        for (int tile = 0; tile < tiles; tile += SumTiles)
        {
            for (int quad = 0; quad < Quads; quad++)
            {
                for (int input = 0; input < Input.Octets; input++)
                {
                    OuterKernels<TSimd, TVector>.AddOctets(
                        inputs.At(point, input, tile),
                        gradients.At(point, quad * 4, tile),
                        gradients.Octet,
                        Outputs.Octets - (quad * 4),
                        Math.Min(SumTiles, tiles - tile),
                        sums + (((input * Quads) + quad) * OuterKernels<TSimd, TVector>.OctetsSize));
                }
            }
        }
    }

    private void WriteInput(int slot, int band, int octet, float* scratch)
    {
        (int image, int row) = rounds.Place(Round, band);
        Products.TransformBack(octet, band, NoBias.Data, scratch);
        int end = Math.Min(row + rounds.BandRows, Output.Height);
        for (int y = row; y < end; y += rounds.RunRows)
        {
            int pixels = Math.Min(rounds.RunRows, end - y) * Output.Width;
            Input.WriteGradient(
                slot,
                octet,
                (((nint)image * Output.Height) + y) * Output.Width,
                pixels,
                scratch + ((nint)(y - row) * rounds.Across * TileRounds.Side * 8));
        }
    }

    // The sums of an octet of inputs and four octets of outputs.
    private void WriteWeights(int octet, int quad, float* taps)
    {
        const int Lanes = 32;
        float* sums = Sums + (((octet * Quads) + quad) * OuterKernels<TSimd, TVector>.OctetsSize);
        for (int k = 0; k < 8; k++)
        {
            if (Input.Channels[(octet * 8) + k] is var input && input < 0)
            {
                continue;
            }

            for (int lane = 0; lane < Lanes; lane += TSimd.Lanes)
            {
                WinogradGradients<TSimd, TVector>.KernelsBack(sums + (k * Lanes) + lane, PointSums, taps + lane, Lanes);
            }

            for (int n = 0; n < Lanes && (quad * Lanes) + n < Outputs.Octets * 8; n++)
            {
                int output = Outputs[(quad * Lanes) + n];
                float* target = convolution.Weight.Gradient + ((((nint)convolution.FirstChannel + output) * convolution.Inputs) + input) * 9;
                for (int tap = 0; output >= 0 && tap < 9; tap++)
                {
                    target[8 - tap] = taps[(tap * Lanes) + n];
                }
            }
        }
    }
}
