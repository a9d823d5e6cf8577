using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// A block of the Swin Transformer (Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", ICCV 2021):
/// self-attention within windows of 7 x 7, which every second block shifts by 3 along both sides, and a two-layer network. N x side^2 x C
/// in and out. What it follows is said at <see cref="SwinUnetModule"/>.
/// </summary>
internal sealed class SwinBlock : NetworkModule
{
    private const int Window = 7;
    private const int Area = Window * Window;

    private readonly int side;
    private readonly int shift;
    private readonly double depthRate;
    private readonly LayerNorm attentionNormalization;
    private readonly WindowAttention attention;
    private readonly LayerNorm mlpNormalization;
    private readonly Mlp mlp;

    /// <param name="channels">C.</param>
    /// <param name="side">Height and width of the grid of tokens, a multiple of 7.</param>
    /// <param name="heads">Heads of the attention.</param>
    /// <param name="shifted">Whether the windows are shifted; a grid of one window never is.</param>
    /// <param name="depthRate">The rate of stochastic depth.</param>
    public SwinBlock(int channels, int side, int heads, bool shifted, double depthRate)
        : base(nameof(SwinBlock))
    {
        this.side = side;
        this.depthRate = depthRate;
        shift = shifted && side > Window ? Window / 2 : 0;
        if (shift > 0)
        {
            register_buffer("attn_mask", ShiftMask());
        }

        attentionNormalization = this.Register("norm1", LayerNorm(channels));
        attention = this.Register("attn", new WindowAttention(channels, heads));
        mlpNormalization = this.Register("norm2", LayerNorm(channels));
        mlp = this.Register("mlp", new Mlp(channels, 4 * channels));
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor grid = attentionNormalization.call(x).unflatten(1, side, side);
        if (shift > 0)
        {
            grid = grid.roll([-shift, -shift], [1, 2]);
        }

        Tensor attended = Unite(attention.call((Windows(grid), get_buffer("attn_mask"))));
        if (shift > 0)
        {
            attended = attended.roll([shift, shift], [1, 2]);
        }

        Tensor y = x + StochasticDepth.Apply(attended.flatten(1, 2), depthRate, training);
        return (y + StochasticDepth.Apply(mlp.call(mlpNormalization.call(y)), depthRate, training)).MoveToOuterDisposeScope();
    }

    /// <summary>N x side x side x C to N x windows x 49 x C.</summary>
    private Tensor Windows(Tensor grid)
    {
        long count = side / Window;
        return grid.reshape(grid.shape[0], count, Window, count, Window, -1).permute(0, 1, 3, 2, 4, 5)
            .reshape(grid.shape[0], count * count, Area, -1);
    }

    /// <summary>N x windows x 49 x C to N x side x side x C.</summary>
    private Tensor Unite(Tensor windows)
    {
        long count = side / Window;
        return windows.reshape(windows.shape[0], count, count, Window, Window, -1).permute(0, 1, 3, 2, 4, 5)
            .reshape(windows.shape[0], side, side, -1);
    }

    /// <summary>
    /// The shift is a cyclic one, so that windows at the right and lower edge hold tokens that are no neighbors: -100 between tokens of
    /// different regions, 0 within one. windows x 49 x 49.
    /// </summary>
    private Tensor ShiftMask()
    {
        using DisposeScope scope = NewDisposeScope();
        long[] band = [.. Enumerable.Range(0, side).Select(i => i < side - Window ? 0L : i < side - shift ? 1L : 2L)];
        Tensor bands = tensor(band);
        Tensor regions = Windows(((3 * bands.unsqueeze(1)) + bands).reshape(1, side, side, 1)).reshape(-1, Area);
        return (regions.unsqueeze(1) != regions.unsqueeze(2)).to_type(ScalarType.Float32).mul(-100).MoveToOuterDisposeScope();
    }

    /// <summary>Self-attention within windows, with a learned bias for each relative position of two tokens.</summary>
    private sealed class WindowAttention : NetworkModule<(Tensor Windows, Tensor? Mask), Tensor>
    {
        /// <summary>Differences along one side: -6 to 6.</summary>
        private const int Differences = (2 * Window) - 1;

        private readonly int heads;
        private readonly Linear projection;
        private readonly Linear output;

        public WindowAttention(int channels, int heads)
            : base(nameof(WindowAttention))
        {
            this.heads = heads;
            RegisterParameter(
                "relative_position_bias_table",
                init.normal_(empty(Differences * Differences, heads), 0, SwinUnetModule.InitialStandardDeviation));
            register_buffer("relative_position_index", RelativePositions());
            projection = this.Register("qkv", Linear(channels, 3 * channels));
            output = this.Register("proj", Linear(channels, channels));
        }

        /// <param name="input">N x windows x 49 x C, and the mask, windows x 49 x 49, where there is one.</param>
        public override Tensor forward((Tensor Windows, Tensor? Mask) input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor index = get_buffer("relative_position_index")!.flatten();
            Tensor bias = get_parameter(
                "relative_position_bias_table")!.index_select(0, index).transpose(0, 1).reshape(1, heads, Area, Area);
            bias = input.Mask is { } mask ? bias + mask.unsqueeze(1) : bias;
            return output.call(SelfAttention.Attend(projection.call(input.Windows), heads, bias)).MoveToOuterDisposeScope();
        }

        /// <summary>The row of the table for each pair of tokens, 49 x 49.</summary>
        private static Tensor RelativePositions()
        {
            long[] index = [.. Enumerable.Range(0, Area).SelectMany(_ => Enumerable.Range(0, Area), (i, j) =>
                (((i / Window) - (j / Window) + Window - 1L) * Differences) + (i % Window) - (j % Window) + Window - 1L)];
            return tensor(index, [Area, Area]);
        }
    }
}
