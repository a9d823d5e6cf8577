using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// Backward through a 3x3 convolution by Winograd's F(4x4, 3x3): the gradients of its weights, of its bias where it has one, and of its
/// input. Both are made of the same transform of the output's gradient: its products with the turned weights are the input's gradient,
/// and its products with the transposed transform of the input are that of the turned weights, point by point, and go back only when those
/// of all tiles of an image, with few channels of all images, have been summed up.
/// </summary>
internal sealed unsafe class WinogradBackward<TSimd, TVector> : WinogradPass<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // Tiles whose products are summed up at a time: four octets of them stay in the first-level cache.
    private const int SumTiles = 192;

    private static readonly NativeBuffer NoBias = new(16);

    // The values of 8 inputs and 32 outputs at the nine taps.
    private const int Lanes = 32;
    private const int TapSize = 8 * Lanes;

    // Of each band, where all tasks work on the same ones.
    private readonly NativeBuffer bandBiases;

    public WinogradBackward(Convolution<TSimd, TVector> convolution)
        : base(convolution, convolution.Outputs, convolution.Input.Channels, convolution.Outputs.Octets + convolution.Input.Octets)
    {
        bandBiases = new NativeBuffer(OwnsBands ? 0 : Batch.Capacity * Rounds.Bands * BiasSize);
        Input.ReserveGradient(ImageSlots);
    }

    // Where each task makes bands of its own, the sums of the points; otherwise taps, made of them image by image.
    public override nint SumsSize => WeightSize + BiasSize;

    public override int ImageSums => OwnsBands ? ImageSlots : 1;

    public override nint SharedSize => base.SharedSize + (OwnsBands ? 0 : (Rounds.Images * AllSums) + MapsSize);

    public override int EndUnits => Input.Octets * Quads;

    protected override nint TransformsSize => GradientsSize + TileMap<TSimd, TVector>.Size(Input.Octets, Rounds);

    protected override bool HasSums => true;

    private ChannelPlaces Outputs => Convolution.Outputs;

    // Sums of outer products of an octet of inputs with four of outputs.
    private int Quads => (Outputs.Octets + 3) / 4;

    private nint PointSums => (nint)Input.Octets * Quads * OuterProducts<TSimd, TVector>.OctetsSize;

    private nint AllSums => Winograd.Points * PointSums;

    private nint WeightSize => OwnsBands ? AllSums : EndUnits * 9 * TapSize;

    private nint BiasSize => Convolution.Bias is null ? 0 : ChannelSums(Outputs.Octets);

    private nint GradientsSize => TileMap<TSimd, TVector>.Size(Outputs.Octets, Rounds);

    public override void End(int unit)
    {
        if (OwnsBands)
        {
            float* taps = stackalloc float[9 * TapSize];
            TransformSumsBack(Shared, unit, taps);
            WriteWeights(unit, taps);
        }
        else
        {
            WriteWeights(unit, Shared + (unit * 9 * TapSize));
        }
    }

    public override void Finish()
    {
        Input.FinishGradient(ImageSlots);
        for (int place = 0; Convolution.Bias is { } bias && place < Outputs.Octets * 8; place++)
        {
            if (Outputs[place] >= 0)
            {
                bias.Gradient[Convolution.FirstChannel + Outputs[place]] = Shared[WeightSize + place];
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        bandBiases.Dispose();
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
        if (Convolution.Bias is null)
        {
            return;
        }

        float* biases = (OwnsBands ? Shared + (slot * SumsSize) + WeightSize : bandBiases.Data + (slot * BiasSize)) + (octet * 8);
        if (!OwnsBands)
        {
            new Span<float>(biases, 8).Clear();
        }

        for (int r = 0; r < Rounds.BandRows; r++)
        {
            PixelKernels<TSimd, TVector>.AddSums(dy.At(0, 1 + r), Output.Width, biases);
        }
    }

    protected override void Multiply(int slot, int point, int round, int bands, float* maps)
    {
        Weights.Multiply(point, Gradients(maps), Products(maps), bands * Rounds.BandTiles);
        if (OwnsBands)
        {
            AddBand(point, 0, maps, Shared + (slot * SumsSize) + (point * PointSums));
            return;
        }

        for (int band = 0; band < bands; band++)
        {
            (int image, int row) = Rounds.Place(round, band);
            float* sums = PointsOf(image) + (point * PointSums);
            if (row == 0)
            {
                new Span<float>(sums, (int)PointSums).Clear();
            }

            AddBand(point, band, maps, sums);
        }
    }

    // The images that a round completes.
    protected override int SumUnits(int round) => (DoneBefore(round + 1) - DoneBefore(round)) * EndUnits;

    // From the sums of an octet of inputs and four octets of outputs of an image.
    protected override void WriteSums(int round, int unit)
    {
        int image = DoneBefore(round) + (unit / EndUnits);
        float* target = Shared + (image * SumsSize);
        TransformSumsBack(PointsOf(image), unit % EndUnits, target + (unit % EndUnits * 9 * TapSize));
        if (unit % EndUnits == 0 && Convolution.Bias is not null)
        {
            AddBiases(image, target + WeightSize);
        }
    }

    protected override void Write(int slot, int octet, nint first, int pixels, float* values) =>
        Input.WriteGradient(slot, octet, first, pixels, values);

    protected override float* BiasOf(int octet) => NoBias.Data;

    // All images whose last band is in an earlier round.
    private int DoneBefore(int round) => Math.Min(Rounds.BandAt(round, 0) / Rounds.Bands, Batch.Count);

    // The sums of the points of an image that is under way.
    private float* PointsOf(int image) => Shared + base.SharedSize + (image % Rounds.Images * AllSums);

    private void AddBand(int point, int band, float* maps, float* sums)
    {
        TileMap<TSimd, TVector> gradients = Gradients(maps);
        TileMap<TSimd, TVector> inputs = Inputs(maps);
        int end = (band + 1) * Rounds.BandTiles;
        for (int tile = band * Rounds.BandTiles; tile < end; tile += SumTiles)
        {
            for (int quad = 0; quad < Quads; quad++)
            {
                for (int input = 0; input < Input.Octets; input++)
                {
                    OuterProducts<TSimd, TVector>.AddOctets(
                        inputs.At(point, input, tile),
                        gradients.At(point, quad * 4, tile),
                        gradients.Octet,
                        Outputs.Octets - (quad * 4),
                        Math.Min(SumTiles, end - tile),
                        sums + (((input * Quads) + quad) * OuterProducts<TSimd, TVector>.OctetsSize));
                }
            }
        }
    }

    private void AddBiases(int image, float* target)
    {
        new Span<float>(target, (int)BiasSize).Clear();
        for (int band = image * Rounds.Bands; band < (image + 1) * Rounds.Bands; band++)
        {
            for (int place = 0; place < Outputs.Octets * 8; place++)
            {
                target[place] += bandBiases.Data[(band * BiasSize) + place];
            }
        }
    }

    private void TransformSumsBack(float* points, int unit, float* taps)
    {
        for (int place = 0; place < TapSize; place += TSimd.Lanes)
        {
            WinogradGradients<TSimd, TVector>.KernelsBack(
                points + (unit * OuterProducts<TSimd, TVector>.OctetsSize) + place, PointSums, taps + place, TapSize);
        }
    }

    private void WriteWeights(int unit, float* taps)
    {
        (int octet, int quad) = (unit / Quads, unit % Quads);
        for (int k = 0; k < 8; k++)
        {
            if (Input.Channels[(octet * 8) + k] is var input && input < 0)
            {
                continue;
            }

            for (int n = 0; n < Lanes && (quad * Lanes) + n < Outputs.Octets * 8; n++)
            {
                int output = Outputs[(quad * Lanes) + n];
                nint weight = (((nint)Convolution.FirstChannel + output) * Convolution.Inputs) + input;
                float* target = Convolution.Weight.Gradient + (weight * 9);
                for (int tap = 0; output >= 0 && tap < 9; tap++)
                {
                    target[8 - tap] = taps[(tap * TapSize) + (k * Lanes) + n];
                }
            }
        }
    }

    private TileMap<TSimd, TVector> Gradients(float* maps) => new(maps, Outputs.Octets, Rounds);

    private TileMap<TSimd, TVector> Inputs(float* maps) => new(maps + GradientsSize, Input.Octets, Rounds);
}
