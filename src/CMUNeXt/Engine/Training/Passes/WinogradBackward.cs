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
    // Tiles whose products are summed up at a time: four channel blocks of them stay in the first-level cache.
    private const int SumTiles = 192;

    private static readonly NativeBuffer NoBias = new(16);

    // The values of 8 inputs and 32 outputs at the nine kernel positions.
    private const int Lanes = 32;
    private const int KernelSize = 8 * Lanes;

    // Of each band, where all tasks work on the same ones.
    private readonly NativeBuffer bandBiases;

    public WinogradBackward(Convolution<TSimd, TVector> convolution)
        : base(
            convolution,
            convolution.Outputs,
            convolution.Input.Channels,
            convolution.Outputs.Blocks + convolution.Input.Blocks,
            SumsOf(convolution))
    {
        bandBiases = new NativeBuffer(OwnsBands ? 0 : Batch.Capacity * Rounds.Bands * BiasSize);
        Input.ReserveGradient(ImageSlots);
    }

    // Where each task makes bands of its own, the sums of the points; otherwise those of the kernels, made of them image by image.
    public override nint SumsSize => WeightSize + BiasSize;

    public override int ImageSums => OwnsBands ? ImageSlots : 1;

    public override nint SharedSize => base.SharedSize + (OwnsBands ? 0 : (Rounds.Images * AllSums) + MapsSize);

    public override int EndUnits => Input.Blocks * Quads;

    protected override nint TransformsSize => GradientsSize + TileMap<TSimd, TVector>.Size(Input.Blocks, Rounds);

    protected override bool HasSums => true;

    private ChannelPlaces Outputs => Convolution.Outputs;

    // Sums of outer products of a channel block of inputs with four of outputs.
    private int Quads => QuadsOf(Convolution);

    private nint AllSums => SumsOf(Convolution);

    private nint PointSums => AllSums / Winograd.Points;

    private nint WeightSize => OwnsBands ? AllSums : EndUnits * 9 * KernelSize;

    private nint BiasSize => Convolution.Bias is null ? 0 : ChannelSums(Outputs.Blocks);

    private nint GradientsSize => TileMap<TSimd, TVector>.Size(Outputs.Blocks, Rounds);

    public override void End(int unit)
    {
        if (OwnsBands)
        {
            float* kernels = stackalloc float[9 * KernelSize];
            TransformSumsBack(Shared, unit, kernels);
            WriteWeights(unit, kernels);
        }
        else
        {
            WriteWeights(unit, Shared + (unit * 9 * KernelSize));
        }
    }

    public override void Finish()
    {
        Input.FinishGradient(ImageSlots);
        for (int place = 0; Convolution.Bias is { } bias && place < Outputs.Blocks * 8; place++)
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

    protected override void Pack(int block) =>
        Weights.Pack(WeightView.Of(Convolution.FirstWeight, Convolution.Inputs, 9).Transposed(9), block);

    protected override void Transform(int slot, int block, int round, int band, float* maps, float* scratch)
    {
        (int image, int row) = Rounds.Place(round, band);
        if (block >= Outputs.Blocks)
        {
            Window<TSimd, TVector> x = new(scratch, Rounds.BandRows, Output.Width, 0);
            x.Fill(0, Input, block - Outputs.Blocks, image, row, Rounds.BandRows);
            Inputs(maps).TransformPixels(x, block - Outputs.Blocks, band);
            return;
        }

        Window<TSimd, TVector> dy = new(scratch, Rounds.BandRows + 2, Output.Width, 1);
        dy.FillGradient(0, Output, Convolution.FirstBlock + block, image, row - 1, Rounds.BandRows + 2);
        Gradients(maps).TransformSurroundings(dy, block, band);
        if (Convolution.Bias is null)
        {
            return;
        }

        float* biases = (OwnsBands ? Shared + (slot * SumsSize) + WeightSize : bandBiases.Data + (slot * BiasSize)) + (block * 8);
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

    // From the sums of a channel block of inputs and four channel blocks of outputs of an image.
    protected override void WriteSums(int round, int unit)
    {
        int image = DoneBefore(round) + (unit / EndUnits);
        float* target = Shared + (image * SumsSize);
        TransformSumsBack(PointsOf(image), unit % EndUnits, target + (unit % EndUnits * 9 * KernelSize));
        if (unit % EndUnits == 0 && Convolution.Bias is not null)
        {
            AddBiases(image, target + WeightSize);
        }
    }

    protected override void Write(int slot, int block, nint first, int pixels, float* values) =>
        Input.WriteGradient(slot, block, first, pixels, values);

    protected override float* BiasOf(int block) => NoBias.Data;

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
                for (int input = 0; input < Input.Blocks; input++)
                {
                    WeightGradients<TSimd, TVector>.AddBlocks(
                        inputs.At(point, input, tile),
                        gradients.At(point, quad * 4, tile),
                        gradients.BlockStride,
                        Outputs.Blocks - (quad * 4),
                        Math.Min(SumTiles, end - tile),
                        sums + (((input * Quads) + quad) * WeightGradients<TSimd, TVector>.BlocksSize));
                }
            }
        }
    }

    private void AddBiases(int image, float* target)
    {
        new Span<float>(target, (int)BiasSize).Clear();
        for (int band = image * Rounds.Bands; band < (image + 1) * Rounds.Bands; band++)
        {
            for (int place = 0; place < Outputs.Blocks * 8; place++)
            {
                target[place] += bandBiases.Data[(band * BiasSize) + place];
            }
        }
    }

    private void TransformSumsBack(float* points, int unit, float* kernels)
    {
        for (int place = 0; place < KernelSize; place += TSimd.Lanes)
        {
            WinogradGradients<TSimd, TVector>.KernelsBack(
                points + (unit * WeightGradients<TSimd, TVector>.BlocksSize) + place, PointSums, kernels + place, KernelSize);
        }
    }

    private void WriteWeights(int unit, float* kernels)
    {
        (int block, int quad) = (unit / Quads, unit % Quads);
        for (int k = 0; k < 8; k++)
        {
            if (Input.Channels[(block * 8) + k] is var input && input < 0)
            {
                continue;
            }

            for (int n = 0; n < Lanes && (quad * Lanes) + n < Outputs.Blocks * 8; n++)
            {
                int output = Outputs[(quad * Lanes) + n];
                nint weight = (((nint)Convolution.FirstChannel + output) * Convolution.Inputs) + input;
                float* target = Convolution.Weight.Gradient + (weight * 9);
                for (int position = 0; output >= 0 && position < 9; position++)
                {
                    target[8 - position] = kernels[(position * KernelSize) + (k * Lanes) + n];
                }
            }
        }
    }

    private static int QuadsOf(Convolution<TSimd, TVector> convolution) => (convolution.Outputs.Blocks + 3) / 4;

    private static nint SumsOf(Convolution<TSimd, TVector> convolution) =>
        (nint)Winograd.Points * convolution.Input.Blocks * QuadsOf(convolution) * WeightGradients<TSimd, TVector>.BlocksSize;

    private TileMap<TSimd, TVector> Gradients(float* maps) => new(maps, Outputs.Blocks, Rounds);

    private TileMap<TSimd, TVector> Inputs(float* maps) => new(maps + GradientsSize, Input.Blocks, Rounds);
}
