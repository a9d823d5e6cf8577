using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// The way back through a 3x3 convolution by Winograd's F(4x4, 3x3): the gradients of its weights, of its bias where it has one, and of its
/// input. Both are made of the same transform of the output's gradient: its products with the turned weights are the input's gradient,
/// and its products with the transposed transform of the input are that of the turned weights, point by point, and go back only when those
/// of all tiles have been summed up. Each task does all of it for bands of its own, or all tasks do it together round by round.
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
        rounds = new TileRounds(Output.Capacity, Output.Height, Output.Width, Outputs.Octets + Input.Octets + weights.Room, convolution.IsNarrow);
        biasSums = new NativeBuffer(Slots * Outputs.Octets * 8);
        Input.ReserveGradient(Slots);
    }

    public override int Phases => convolution.IsNarrow ? 2 : 2 + (3 * Rounds);

    public override nint SumsSize => convolution.IsNarrow ? AllSums : 0;

    public override nint SharedSize => convolution.IsNarrow ? AllSums * Slots : AllSums + MapsSize;

    public override nint Scratch => WindowSize + (convolution.IsNarrow ? MapsSize : 0);

    protected override int Units => Phase == 0 ? Outputs.Octets
        : convolution.IsNarrow ? Rounds
        : Phase == Phases - 1 ? Input.Octets * Quads
        : (Phase % 3) switch
        {
            1 => Bands * (Outputs.Octets + Input.Octets),
            2 => Winograd.Points,
            _ => Bands * Input.Octets,
        };

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    private ChannelPlaces Outputs => convolution.Outputs;

    private int Rounds => rounds.Rounds(Output.Images);

    private int Round => (Phase - 1) / 3;

    private int Bands => rounds.BandsOf(Round, Output.Images);

    // Sums of outer products of an octet of inputs with four of outputs.
    private int Quads => (Outputs.Octets + 3) / 4;

    private nint PointSums => (nint)Input.Octets * Quads * OuterKernels<TSimd, TVector>.OctetsSize;

    private nint AllSums => Winograd.Points * PointSums;

    // Tasks that write results.
    private int Writers => Math.Min(Slots, convolution.IsNarrow ? Rounds : rounds.BandsOf(0, Output.Images) * Input.Octets);

    private nint WindowSize => Window<TSimd, TVector>.Size(1, rounds.BandRows + 2, Output.Width, 1);

    private nint GradientSize => TileMap<TSimd, TVector>.Size(Outputs.Octets, rounds);

    private nint InputSize => TileMap<TSimd, TVector>.Size(Input.Octets, rounds);

    private nint MapsSize => GradientSize + InputSize + TileMap<TSimd, TVector>.Size(weights.Room, rounds);

    public override void Prepare() => new Span<float>(biasSums.Data, (int)biasSums.Count).Clear();

    public override void Finish()
    {
        Input.FinishGradient(Writers);
        for (int unit = 0; convolution.IsNarrow && unit < Input.Octets * Quads; unit++)
        {
            WriteWeights(unit / Quads, unit % Quads);
        }

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
        if (Phase == (convolution.IsNarrow ? 1 : 3))
        {
            Input.BeginGradient(slot);
        }

        Maps maps = new(convolution.IsNarrow ? scratch + WindowSize : Shared + AllSums, this);
        float* sums = Shared + (slot * SumsSize);
        for (int unit = from; unit < to; unit++)
        {
            if (Phase == 0)
            {
                weights.Pack(WeightView.Of(convolution.FirstWeight, convolution.Inputs, 9).Transposed(9), unit);
            }
            else if (convolution.IsNarrow)
            {
                Compute(slot, unit, maps, sums, scratch);
            }
            else if (Phase == Phases - 1)
            {
                WriteWeights(unit / Quads, unit % Quads);
            }
            else if (Phase % 3 == 1)
            {
                int octets = Outputs.Octets + Input.Octets;
                Transform(slot, Round, unit / octets, unit % octets, maps, scratch);
            }
            else if (Phase % 3 == 2)
            {
                if (Round == 0)
                {
                    new Span<float>(sums + (unit * PointSums), (int)PointSums).Clear();
                }

                Multiply(unit, Bands * rounds.BandTiles, maps, sums);
            }
            else
            {
                WriteInput(slot, Round, unit / Input.Octets, unit % Input.Octets, maps, scratch);
            }
        }
    }

    private void Compute(int slot, int round, in Maps maps, float* sums, float* scratch)
    {
        for (int octet = 0; octet < Outputs.Octets + Input.Octets; octet++)
        {
            Transform(slot, round, 0, octet, maps, scratch);
        }

        for (int point = 0; point < Winograd.Points; point++)
        {
            Multiply(point, rounds.BandTiles, maps, sums);
        }

        for (int octet = 0; octet < Input.Octets; octet++)
        {
            WriteInput(slot, round, 0, octet, maps, scratch);
        }
    }

    private void Transform(int slot, int round, int band, int octet, in Maps maps, float* scratch)
    {
        (int image, int row) = rounds.Place(round, band);
        if (octet >= Outputs.Octets)
        {
            Window<TSimd, TVector> x = new(scratch, rounds.BandRows, Output.Width, 0);
            x.Fill(0, Input, octet - Outputs.Octets, image, row, rounds.BandRows);
            maps.Inputs.TransformPixels(x, octet - Outputs.Octets, band);
            return;
        }

        Window<TSimd, TVector> dy = new(scratch, rounds.BandRows + 2, Output.Width, 1);
        dy.FillGradient(0, Output, convolution.FirstOctet + octet, image, row - 1, rounds.BandRows + 2);
        maps.Gradients.TransformSurroundings(dy, octet, band);
        for (int r = 0; convolution.Bias is not null && r < rounds.BandRows; r++)
        {
            PixelKernels<TSimd, TVector>.AddSums(dy.At(0, 1 + r), Output.Width, biasSums.Data + (((slot * Outputs.Octets) + octet) * 8));
        }
    }

    private void Multiply(int point, int tiles, in Maps maps, float* sums)
    {
        weights.Multiply(point, maps.Gradients, maps.Products, tiles);
        for (int tile = 0; tile < tiles; tile += SumTiles)
        {
            for (int quad = 0; quad < Quads; quad++)
            {
                for (int input = 0; input < Input.Octets; input++)
                {
                    OuterKernels<TSimd, TVector>.AddOctets(
                        maps.Inputs.At(point, input, tile),
                        maps.Gradients.At(point, quad * 4, tile),
                        maps.Gradients.Octet,
                        Outputs.Octets - (quad * 4),
                        Math.Min(SumTiles, tiles - tile),
                        sums + (point * PointSums) + (((input * Quads) + quad) * OuterKernels<TSimd, TVector>.OctetsSize));
                }
            }
        }
    }

    private void WriteInput(int slot, int round, int band, int octet, in Maps maps, float* scratch)
    {
        (int image, int row) = rounds.Place(round, band);
        maps.Products.TransformBack(octet, band, NoBias.Data, scratch);
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

    // From the sums of an octet of inputs and four octets of outputs.
    private void WriteWeights(int octet, int quad)
    {
        const int Lanes = 32;
        float* taps = stackalloc float[9 * Lanes];
        float* sums = Shared + (((octet * Quads) + quad) * OuterKernels<TSimd, TVector>.OctetsSize);
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

    // The transforms of the output's gradient and of the input, and what becomes the input's gradient.
    private readonly struct Maps(float* memory, WinogradBackward<TSimd, TVector> pass)
    {
        public readonly TileMap<TSimd, TVector> Gradients = new(memory, pass.Outputs.Octets, pass.rounds);
        public readonly TileMap<TSimd, TVector> Inputs = new(memory + pass.GradientSize, pass.Input.Octets, pass.rounds);
        public readonly TileMap<TSimd, TVector> Products = new(memory + pass.GradientSize + pass.InputSize, pass.weights.Room, pass.rounds);
    }
}
