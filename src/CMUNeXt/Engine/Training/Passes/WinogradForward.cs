using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>Computes a 3x3 convolution by Winograd's F(4x4, 3x3), and the statistics of its result.</summary>
internal sealed unsafe class WinogradForward<TSimd, TVector> : WinogradPass<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly NativeBuffer biases;

    public WinogradForward(Convolution<TSimd, TVector> convolution)
        : base(convolution, convolution.Input.Channels, convolution.Outputs, convolution.Input.Blocks)
    {
        biases = new NativeBuffer(convolution.Outputs.Blocks * 16);
        Output.Reserve(ImageSlots);
    }

    /// <summary>Whether the output's statistics are complete with this pass.</summary>
    public bool CompletesOutput { get; init; } = true;

    public override nint SharedSize => OwnsBands ? 0 : MapsSize;

    protected override nint TransformsSize => TileMap<TSimd, TVector>.Size(Input.Blocks, Rounds);

    public override void Prepare()
    {
        base.Prepare();
        for (int place = 0; Convolution.Bias is { } bias && place < Convolution.Outputs.Blocks * 8; place++)
        {
            float* values = biases.Data + (place / 8 * 16) + (place % 8);
            values[0] = values[8] = Convolution.Outputs[place] is var c && c >= 0 ? bias.Value[Convolution.FirstChannel + c] : 0;
        }
    }

    public override void Finish()
    {
        if (CompletesOutput)
        {
            Output.Finish(ImageSlots);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        biases.Dispose();
    }

    protected override void Begin(int slot) => Output.Begin(slot, Convolution.FirstBlock, Convolution.Outputs.Blocks);

    protected override void Pack(int block) => Weights.Pack(WeightView.Of(Convolution.FirstWeight, Convolution.Inputs, 9), block);

    protected override void Transform(int slot, int block, int round, int band, float* maps, float* scratch)
    {
        (int image, int row) = Rounds.Place(round, band);
        Window<TSimd, TVector> x = new(scratch, Rounds.BandRows + 2, Output.Width, 1);
        x.Fill(0, Input, block, image, row - 1, Rounds.BandRows + 2);
        Transforms(maps).TransformSurroundings(x, block, band);
    }

    protected override void Multiply(int slot, int point, int round, int bands, float* maps) =>
        Weights.Multiply(point, Transforms(maps), Products(maps), bands * Rounds.BandTiles);

    protected override void Write(int slot, int block, nint first, int pixels, float* values) =>
        Output.Write(slot, Convolution.FirstBlock + block, first, pixels, values);

    protected override float* BiasOf(int block) => biases.Data + (block * 16);

    private TileMap<TSimd, TVector> Transforms(float* maps) => new(maps, Input.Blocks, Rounds);
}
