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
/// of all tiles have been summed up.
/// </summary>
internal sealed unsafe class WinogradBackward<TSimd, TVector> : WinogradPass<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // Tiles whose products are summed up at a time: four octets of them stay in the first-level cache.
    private const int SumTiles = 192;

    private static readonly NativeBuffer NoBias = new(16);

    private readonly NativeBuffer biasSums;

    public WinogradBackward(Convolution<TSimd, TVector> convolution)
        : base(convolution, convolution.Outputs, convolution.Input.Channels, convolution.Outputs.Octets + convolution.Input.Octets)
    {
        biasSums = new NativeBuffer(Slots * Outputs.Octets * 8);
        Input.ReserveGradient(Slots);
    }

    public override nint SumsSize => OwnsBands ? AllSums : 0;

    public override nint SharedSize => OwnsBands ? AllSums * Slots : AllSums + MapsSize;

    protected override nint TransformsSize => GradientsSize + TileMap<TSimd, TVector>.Size(Input.Octets, Rounds);

    // Where each task has sums of its own, they are not complete before the pass is.
    protected override int SumUnits => OwnsBands ? 0 : Input.Octets * Quads;

    private ChannelPlaces Outputs => Convolution.Outputs;

    // Sums of outer products of an octet of inputs with four of outputs.
    private int Quads => (Outputs.Octets + 3) / 4;

    private nint PointSums => (nint)Input.Octets * Quads * OuterKernels<TSimd, TVector>.OctetsSize;

    private nint AllSums => Winograd.Points * PointSums;

    private nint GradientsSize => TileMap<TSimd, TVector>.Size(Outputs.Octets, Rounds);

    public override void Prepare() => new Span<float>(biasSums.Data, (int)biasSums.Count).Clear();

    public override void Finish()
    {
        Input.FinishGradient(Writers);
        for (int unit = 0; OwnsBands && unit < Input.Octets * Quads; unit++)
        {
            WriteSums(unit);
        }

        for (int place = 0; Convolution.Bias is { } bias && place < Outputs.Octets * 8; place++)
        {
            if (Outputs[place] >= 0)
            {
                float sum = 0;
                for (int slot = 0; slot < Slots; slot++)
                {
                    sum += biasSums.Data[(slot * Outputs.Octets * 8) + place];
                }

                bias.Gradient[Convolution.FirstChannel + Outputs[place]] = sum;
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        biasSums.Dispose();
    }

    protected override void Begin(int slot) => Input.BeginGradient(slot);

    protected override void Pack(int octet) =>
        Weights.Pack(WeightView.Of(Convolution.FirstWeight, Convolution.Inputs, 9).Transposed(9), octet);

    protected override void Transform(int slot, int octet, int round, int band, float* maps, float* scratch)
    {
        (int image, int row) = Rounds.Place(round, band);
        if (octet >= Outputs.Octets)
        {
            Window<TSimd, TVector> x = new(scratch, Rounds.BandRows, Output.Width, 0);
            x.Fill(0, Input, octet - Outputs.Octets, image, row, Rounds.BandRows);
            Inputs(maps).TransformPixels(x, octet - Outputs.Octets, band);
            return;
        }

        Window<TSimd, TVector> dy = new(scratch, Rounds.BandRows + 2, Output.Width, 1);
        dy.FillGradient(0, Output, Convolution.FirstOctet + octet, image, row - 1, Rounds.BandRows + 2);
        Gradients(maps).TransformSurroundings(dy, octet, band);
        for (int r = 0; Convolution.Bias is not null && r < Rounds.BandRows; r++)
        {
            PixelKernels<TSimd, TVector>.AddSums(dy.At(0, 1 + r), Output.Width, biasSums.Data + (((slot * Outputs.Octets) + octet) * 8));
        }
    }

    protected override void Multiply(int slot, int point, int tiles, float* maps)
    {
        TileMap<TSimd, TVector> gradients = Gradients(maps);
        TileMap<TSimd, TVector> inputs = Inputs(maps);
        float* sums = Shared + (slot * SumsSize) + (point * PointSums);
        if (IsFirstRound)
        {
            new Span<float>(sums, (int)PointSums).Clear();
        }

        Weights.Multiply(point, gradients, Products(maps), tiles);
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

    protected override void Write(int slot, int octet, nint first, int pixels, float* values) =>
        Input.WriteGradient(slot, octet, first, pixels, values);

    protected override float* BiasOf(int octet) => NoBias.Data;

    // From the sums of an octet of inputs and four octets of outputs.
    protected override void WriteSums(int unit)
    {
        const int Lanes = 32;
        (int octet, int quad) = (unit / Quads, unit % Quads);
        float* taps = stackalloc float[9 * Lanes];
        float* sums = Shared + (unit * OuterKernels<TSimd, TVector>.OctetsSize);
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
                nint weight = (((nint)Convolution.FirstChannel + output) * Convolution.Inputs) + input;
                float* target = Convolution.Weight.Gradient + (weight * 9);
                for (int tap = 0; output >= 0 && tap < 9; tap++)
                {
                    target[8 - tap] = taps[(tap * Lanes) + n];
                }
            }
        }
    }

    private TileMap<TSimd, TVector> Gradients(float* maps) => new(maps, Outputs.Octets, Rounds);

    private TileMap<TSimd, TVector> Inputs(float* maps) => new(maps + GradientsSize, Input.Octets, Rounds);
}
