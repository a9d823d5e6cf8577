using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Computes a 3x3 convolution by Winograd's F(4x4, 3x3), and the statistics of its result. First the weights are transformed; then the input
/// of the tiles, multiplied point by point, and the products transformed back: by each task for bands of its own, or by all tasks round
/// by round.
/// </summary>
internal sealed unsafe class WinogradForward<TSimd, TVector> : Pass, IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly Convolution<TSimd, TVector> convolution;
    private readonly WinogradWeights<TSimd, TVector> weights;
    private readonly TileRounds rounds;
    private readonly NativeBuffer biases;

    public WinogradForward(Convolution<TSimd, TVector> convolution)
    {
        this.convolution = convolution;
        weights = new WinogradWeights<TSimd, TVector>(Input.Channels, convolution.Outputs);
        rounds = new TileRounds(Output.Capacity, Output.Height, Output.Width, Input.Octets + weights.Room, convolution.IsNarrow);
        biases = new NativeBuffer(convolution.Outputs.Octets * 16);
        Output.Reserve(Slots);
    }

    /// <summary>Whether the output's statistics are complete with this pass.</summary>
    public bool CompletesOutput { get; init; } = true;

    public override int Phases => 1 + (convolution.IsNarrow ? 1 : 3 * Rounds);

    public override nint SharedSize => convolution.IsNarrow ? 0 : MapsSize;

    public override nint Scratch => WindowSize + (convolution.IsNarrow ? MapsSize : 0);

    protected override int Units => Phase == 0 ? Input.Octets : convolution.IsNarrow ? Rounds : (Phase % 3) switch
    {
        1 => Bands * Input.Octets,
        2 => Winograd.Points,
        _ => Bands * convolution.Outputs.Octets,
    };

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    private int Rounds => rounds.Rounds(Output.Images);

    private int Round => (Phase - 1) / 3;

    private int Bands => rounds.BandsOf(Round, Output.Images);

    // Tasks that write results.
    private int Writers => Math.Min(Slots, convolution.IsNarrow ? Rounds : rounds.BandsOf(0, Output.Images) * convolution.Outputs.Octets);

    private nint WindowSize => Window<TSimd, TVector>.Size(1, rounds.BandRows + 2, Output.Width, 1);

    private nint InputSize => TileMap<TSimd, TVector>.Size(Input.Octets, rounds);

    private nint MapsSize => InputSize + TileMap<TSimd, TVector>.Size(weights.Room, rounds);

    public override void Prepare()
    {
        for (int place = 0; convolution.Bias is { } bias && place < convolution.Outputs.Octets * 8; place++)
        {
            float* values = biases.Data + (place / 8 * 16) + (place % 8);
            values[0] = values[8] = convolution.Outputs[place] is var c && c >= 0 ? bias.Value[convolution.FirstChannel + c] : 0;
        }
    }

    public override void Finish()
    {
        if (CompletesOutput)
        {
            Output.Finish(Writers);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        biases.Dispose();
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        if (Phase == (convolution.IsNarrow ? 1 : 3))
        {
            Output.Begin(slot, convolution.FirstOctet, convolution.Outputs.Octets);
        }

        float* maps = convolution.IsNarrow ? scratch + WindowSize : Shared;
        TileMap<TSimd, TVector> transforms = new(maps, Input.Octets, rounds);
        TileMap<TSimd, TVector> products = new(maps + InputSize, weights.Room, rounds);
        for (int unit = from; unit < to; unit++)
        {
            if (Phase == 0)
            {
                weights.Pack(WeightView.Of(convolution.FirstWeight, convolution.Inputs, 9), unit);
            }
            else if (convolution.IsNarrow)
            {
                Compute(slot, unit, transforms, products, scratch);
            }
            else if (Phase % 3 == 1)
            {
                Transform(Round, unit / Input.Octets, unit % Input.Octets, transforms, scratch);
            }
            else if (Phase % 3 == 2)
            {
                weights.Multiply(unit, transforms, products, Bands * rounds.BandTiles);
            }
            else
            {
                Write(slot, Round, unit / convolution.Outputs.Octets, unit % convolution.Outputs.Octets, products, scratch);
            }
        }
    }

    private void Compute(int slot, int round, in TileMap<TSimd, TVector> transforms, in TileMap<TSimd, TVector> products, float* scratch)
    {
        for (int octet = 0; octet < Input.Octets; octet++)
        {
            Transform(round, 0, octet, transforms, scratch);
        }

        for (int point = 0; point < Winograd.Points; point++)
        {
            weights.Multiply(point, transforms, products, rounds.BandTiles);
        }

        for (int octet = 0; octet < convolution.Outputs.Octets; octet++)
        {
            Write(slot, round, 0, octet, products, scratch);
        }
    }

    private void Transform(int round, int band, int octet, in TileMap<TSimd, TVector> transforms, float* scratch)
    {
        (int image, int row) = rounds.Place(round, band);
        Window<TSimd, TVector> x = new(scratch, rounds.BandRows + 2, Output.Width, 1);
        x.Fill(0, Input, octet, image, row - 1, rounds.BandRows + 2);
        transforms.TransformSurroundings(x, octet, band);
    }

    private void Write(int slot, int round, int band, int octet, in TileMap<TSimd, TVector> products, float* scratch)
    {
        (int image, int row) = rounds.Place(round, band);
        products.TransformBack(octet, band, biases.Data + (octet * 16), scratch);
        int end = Math.Min(row + rounds.BandRows, Output.Height);
        for (int y = row; y < end; y += rounds.RunRows)
        {
            int pixels = Math.Min(rounds.RunRows, end - y) * Output.Width;
            Output.Write(
                slot,
                convolution.FirstOctet + octet,
                (((nint)image * Output.Height) + y) * Output.Width,
                pixels,
                scratch + ((nint)(y - row) * rounds.Across * TileRounds.Side * 8));
        }
    }
}
