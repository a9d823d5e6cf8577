using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning.Passes;

/// <summary>
/// Computes a 3x3 convolution by Winograd's F(4x4, 3x3), and the statistics of its result. First the weights are transformed; then, round by
/// round, the input of the tiles, the products of the points, and these back.
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
        rounds = new TileRounds(Output.Capacity, Output.Height, Output.Width, Input.Octets + weights.Room);
        biases = new NativeBuffer(convolution.Outputs.Octets * 16);
        Output.Reserve(Slots);
    }

    /// <summary>Whether the output's statistics are complete with this pass.</summary>
    public bool CompletesOutput { get; init; } = true;

    public override int Phases => 1 + (3 * rounds.Rounds(Output.Images));

    public override nint SharedSize => TileMap<TSimd, TVector>.Size(Input.Octets, rounds) + TileMap<TSimd, TVector>.Size(weights.Room, rounds);

    public override nint Scratch => Window<TSimd, TVector>.Size(1, rounds.BandRows + 2, Output.Width, 1);

    protected override int Units => Phase == 0 ? Input.Octets : (Phase % 3) switch
    {
        1 => Bands * Input.Octets,
        2 => Winograd.Points,
        _ => Bands * convolution.Outputs.Octets,
    };

    private Source<TSimd, TVector> Input => convolution.Input;

    private Stage<TSimd, TVector> Output => convolution.Output;

    private int Round => (Phase - 1) / 3;

    private int Bands => rounds.BandsOf(Round, Output.Images);

    private TileMap<TSimd, TVector> Transforms => new(Shared, Input.Octets, rounds);

    private TileMap<TSimd, TVector> Products => new(Shared + TileMap<TSimd, TVector>.Size(Input.Octets, rounds), weights.Room, rounds);

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
            Output.Finish(Math.Min(Slots, rounds.BandsOf(0, Output.Images) * convolution.Outputs.Octets));
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
        if (Phase == 3)
        {
            Output.Begin(slot, convolution.FirstOctet, convolution.Outputs.Octets);
        }

        TileMap<TSimd, TVector> transforms = Transforms;
        TileMap<TSimd, TVector> products = Products;
        for (int unit = from; unit < to; unit++)
        {
            if (Phase == 0)
            {
                weights.Pack(WeightView.Of(convolution.FirstWeight, convolution.Inputs, 9), unit);
                continue;
            }

            switch (Phase % 3)
            {
                case 1:
                    Transform(unit / Input.Octets, unit % Input.Octets, transforms, scratch);
                    break;
                case 2:
                    weights.Multiply(unit, transforms, products, Bands * rounds.BandTiles);
                    break;
                default:
                    Write(slot, unit / convolution.Outputs.Octets, unit % convolution.Outputs.Octets, products, scratch);
                    break;
            }
        }
    }

    private void Transform(int band, int octet, in TileMap<TSimd, TVector> transforms, float* scratch)
    {
        (int image, int row) = rounds.Place(Round, band);
        Window<TSimd, TVector> x = new(scratch, rounds.BandRows + 2, Output.Width, 1);
        x.Fill(0, Input, octet, image, row - 1, rounds.BandRows + 2);
        transforms.TransformSurroundings(x, octet, band);
    }

    private void Write(int slot, int band, int octet, in TileMap<TSimd, TVector> products, float* scratch)
    {
        (int image, int row) = rounds.Place(Round, band);
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
