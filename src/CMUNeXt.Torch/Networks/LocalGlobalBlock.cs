using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// The local-global-local block of Mobile U-ViT: large depthwise kernels gather what is near a pixel, self-attention among every second
/// pixel of a row and column what is far, and a transposed convolution spreads it again. Where no pixel is left out it is a plain
/// transformer block. N x C x H x W in and out. What it follows is said at <see cref="MobileUViTModule"/>.
/// </summary>
internal sealed class LocalGlobalBlock : NetworkModule
{
    private readonly Module<Tensor, Tensor>? local;
    private readonly Module<Tensor, Tensor> global;

    /// <param name="channels">C.</param>
    /// <param name="heads">Heads of the attention.</param>
    /// <param name="sparse">
    /// Whether the attention sees every second pixel alone, with the local gathering before it; H and W are even then.
    /// </param>
    /// <param name="depthRate">The rate of stochastic depth.</param>
    public LocalGlobalBlock(int channels, int heads, bool sparse, double depthRate)
        : base(nameof(LocalGlobalBlock))
    {
        local = sparse ? this.Register("LocalAgg", new LocalAggregation(channels, depthRate)) : null;
        global = this.Register("SelfAttn", new TokenBlock(channels, heads, sparse, depthRate));
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return global.call(local?.call(x) ?? x).MoveToOuterDisposeScope();
    }

    /// <summary>Three branches of convolutions, each of which weights the pixels by 1/2 to 3/2: x (1/2 + sigmoid(branch)).</summary>
    private sealed class LocalAggregation : NetworkModule
    {
        private readonly double depthRate;
        private readonly Conv2d position;
        private readonly Sequential attention;
        private readonly Sequential mlp;

        public LocalAggregation(int channels, double depthRate)
            : base(nameof(LocalAggregation))
        {
            this.depthRate = depthRate;
            position = this.Register("pos_embed", Depthwise(channels, channels, 9));
            BatchNorm2d attentionNormalization = this.Register("norm1", BatchNorm2d(channels));
            Conv2d before = this.Register("conv1", Conv2d(channels, channels, 1));
            Conv2d after = this.Register("conv2", Conv2d(channels, channels, 1));
            attention = Sequential(attentionNormalization, before, this.Register("attn", Depthwise(channels, channels, 9)), after);
            BatchNorm2d mlpNormalization = this.Register("norm2", BatchNorm2d(channels));
            Conv2d first = Depthwise(channels, 4 * channels, 3);
            Conv2d second = Conv2d(4 * channels, channels, 3, padding: 1, groups: channels);
            this.Register("mlp", new ModuleGroup(("fc1", first), ("fc2", second)));
            mlp = Sequential(mlpNormalization, first, GELU(), second);
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = Weight(x, position.call(x));
            y = Weight(y, StochasticDepth.Apply(attention.call(y), depthRate, training));
            return Weight(y, StochasticDepth.Apply(mlp.call(y), depthRate, training)).MoveToOuterDisposeScope();
        }

        private static Tensor Weight(Tensor x, Tensor branch) => x + (x * (branch.sigmoid() - 0.5));

        private static Conv2d Depthwise(int input, int output, int kernel) =>
            Conv2d(input, output, kernel, padding: kernel / 2, groups: input);
    }

    /// <summary>A transformer block on the pixels, with a depthwise convolution for their places.</summary>
    private sealed class TokenBlock : NetworkModule
    {
        private readonly double depthRate;
        private readonly Conv2d position;
        private readonly LayerNorm attentionNormalization;
        private readonly Attention attention;
        private readonly LayerNorm mlpNormalization;
        private readonly Mlp mlp;

        public TokenBlock(int channels, int heads, bool sparse, double depthRate)
            : base(nameof(TokenBlock))
        {
            this.depthRate = depthRate;
            position = this.Register("pos_embed", Conv2d(channels, channels, 3, padding: 1, groups: channels));
            attentionNormalization = this.Register("norm1", LayerNorm(channels, 1e-6));
            attention = this.Register("attn", new Attention(channels, heads, sparse));
            mlpNormalization = this.Register("norm2", LayerNorm(channels, 1e-6));
            mlp = this.Register("mlp", new Mlp(channels, 4 * channels));
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor grid = (x + position.call(x)).permute(0, 2, 3, 1);
            grid += StochasticDepth.Apply(attention.call(attentionNormalization.call(grid)), depthRate, training);
            grid += StochasticDepth.Apply(mlp.call(mlpNormalization.call(grid)), depthRate, training);
            return grid.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Self-attention, N x H x W x C in and out.</summary>
    private sealed class Attention : NetworkModule
    {
        private readonly int heads;
        private readonly Linear projection;
        private readonly Linear output;
        private readonly ConvTranspose2d? spreading;
        private readonly LayerNorm? normalization;

        public Attention(int channels, int heads, bool sparse)
            : base(nameof(Attention))
        {
            this.heads = heads;
            projection = this.Register("qkv", Linear(channels, 3 * channels));
            output = this.Register("proj", Linear(channels, channels));
            spreading = sparse ? this.Register("LocalProp", ConvTranspose2d(channels, channels, 2, 2, groups: channels)) : null;
            normalization = sparse ? this.Register("norm", LayerNorm(channels)) : null;
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor seen = spreading is null ? x : x.slice(1, 0, x.shape[1], 2).slice(2, 0, x.shape[2], 2);
            Tensor attended = SelfAttention.Attend(projection.call(seen.flatten(1, 2)), heads).unflatten(1, seen.shape[1], seen.shape[2]);
            if (spreading is not null && normalization is not null)
            {
                attended = normalization.call(spreading.call(attended.permute(0, 3, 1, 2)).permute(0, 2, 3, 1));
            }

            return output.call(attended).MoveToOuterDisposeScope();
        }
    }
}
