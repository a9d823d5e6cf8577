using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Swin-Unet (Cao et al., "Swin-Unet: Unet-like Pure Transformer for Medical Image Segmentation", 2021): patches of 4 x 4, four stages of
/// two Swin blocks down, the same up again. N x channels x 224 x 224 in, N x outputs x 224 x 224 logits out.
/// </summary>
/// <remarks>
/// Names, order and wiring as in the benchmark of CMUNeXt's authors (FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT), which builds
/// it for 224 x 224 and, other than the paper, starts from no pretrained weights. Its index tables and masks are part of the state dict.
/// Stochastic depth grows from 0 to 0.2 over the encoder; a stage of the decoder has the rates of the encoder's stage of its size.
/// </remarks>
internal sealed class SwinUnetModule : NetworkModule
{
    /// <summary>
    /// The standard deviation of the normal distribution that linear layers and tables start from (the original cuts it off, at 100
    /// standard deviations).
    /// </summary>
    public const double InitialStandardDeviation = 0.02;

    private const int Stages = 4;
    private const int Channels = 96;
    private const int Patch = 4;
    private const int Side = 224 / Patch;
    private const double LargestDepthRate = 0.2;

    private static readonly int[] Heads = [3, 6, 12, 24];

    private readonly Conv2d embedding;
    private readonly LayerNorm embeddingNormalization = LayerNorm(Channels);
    private readonly Sequential[] encoder;
    private readonly PatchExpansion bottom = Doubling(Stages - 1);
    private readonly Sequential[] decoder;
    private readonly Linear[] fusions;
    private readonly LayerNorm encoderNormalization = LayerNorm(Channels << (Stages - 1));
    private readonly LayerNorm decoderNormalization = LayerNorm(Channels);
    private readonly PatchExpansion expansion = new(Side, Channels, 16 * Channels, Patch);
    private readonly Conv2d head;

    public SwinUnetModule(int channels, int outputs)
        : base("SwinUnet")
    {
        embedding = Conv2d(channels, Channels, Patch, Patch);
        encoder = [.. Enumerable.Range(0, Stages).Select(stage => stage < Stages - 1
            ? Sequential(("blocks", Blocks(stage)), ("downsample", new PatchMerging(Side >> stage, Channels << stage)))
            : Sequential(("blocks", Blocks(stage))))];
        decoder = [.. Enumerable.Range(1, Stages - 1).Select(i => Stages - 1 - i).Select(stage => stage > 0
            ? Sequential(("blocks", Blocks(stage)), ("upsample", Doubling(stage)))
            : Sequential(("blocks", Blocks(stage))))];
        fusions = [.. Enumerable.Range(1, Stages - 1).Select(i => Channels << (Stages - 1 - i)).Select(width => Linear(2 * width, width))];
        head = Conv2d(Channels, outputs, 1, bias: false);
        this.Register("swin_unet", new ModuleGroup(
            ("patch_embed", new ModuleGroup(("proj", embedding), ("norm", embeddingNormalization))),
            ("layers", ModuleList<Module>(encoder)),
            ("layers_up", ModuleList<Module>([bottom, .. decoder])),
            ("concat_back_dim", ModuleList<Module>([Identity(), .. fusions])),
            ("norm", encoderNormalization),
            ("norm_up", decoderNormalization),
            ("up", expansion),
            ("output", head)));
        foreach (Linear layer in modules().OfType<Linear>())
        {
            init.normal_(layer.weight!, 0, InitialStandardDeviation);
            if (layer.bias is { } bias)
            {
                init.zeros_(bias);
            }
        }
    }
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = embeddingNormalization.call(embedding.call(input).flatten(2).transpose(1, 2));
        List<Tensor> skips = [];
        foreach (Sequential stage in encoder)
        {
            skips.Add(x);
            x = stage.call(x);
        }

        x = bottom.call(encoderNormalization.call(x));
        for (int i = 0; i < decoder.Length; i++)
        {
            x = decoder[i].call(fusions[i].call(cat([x, skips[Stages - 2 - i]], -1)));
        }

        x = expansion.call(decoderNormalization.call(x)).transpose(1, 2).unflatten(2, Patch * Side, Patch * Side);
        return head.call(x).MoveToOuterDisposeScope();
    }

    private static Sequential Blocks(int stage) => Sequential(Enumerable.Range(0, 2).Select(Module<Tensor, Tensor> (i) => new SwinBlock(
        Channels << stage, Side >> stage, Heads[stage], shifted: i == 1, LargestDepthRate * ((2 * stage) + i) / ((2 * Stages) - 1))));

    private static PatchExpansion Doubling(int stage) => new(Side >> stage, Channels << stage, 2 * Channels << stage, 2);

    /// <summary>Four neighboring tokens become one of twice the channels: N x side^2 x C to N x (side / 2)^2 x 2C.</summary>
    private sealed class PatchMerging : NetworkModule
    {
        private readonly int side;
        private readonly Linear reduction;
        private readonly LayerNorm normalization;

        public PatchMerging(int side, int channels)
            : base(nameof(PatchMerging))
        {
            this.side = side;
            reduction = this.Register("reduction", Linear(4 * channels, 2 * channels, hasBias: false));
            normalization = this.Register("norm", LayerNorm(4 * channels));
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();

            // N x row x dy x column x dx x C; the neighbors one after another, down before right.
            Tensor grid = x.reshape(x.shape[0], side / 2, 2, side / 2, 2, -1);
            Tensor merged = grid.permute(0, 1, 3, 4, 2, 5).reshape(x.shape[0], side * side / 4, -1);
            return reduction.call(normalization.call(merged)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>A token becomes scale x scale tokens: N x side^2 x C to N x (scale side)^2 x (expanded / scale^2).</summary>
    private sealed class PatchExpansion : NetworkModule
    {
        private readonly int side;
        private readonly int scale;
        private readonly Linear expansion;
        private readonly LayerNorm normalization;

        public PatchExpansion(int side, int channels, int expanded, int scale)
            : base(nameof(PatchExpansion))
        {
            this.side = side;
            this.scale = scale;
            expansion = this.Register("expand", Linear(channels, expanded, hasBias: false));
            normalization = this.Register("norm", LayerNorm(expanded / (scale * scale)));
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor grid = expansion.call(x).reshape(x.shape[0], side, side, scale, scale, -1);
            Tensor expanded = grid.permute(0, 1, 3, 2, 4, 5).reshape(x.shape[0], scale * side * scale * side, -1);
            return normalization.call(expanded).MoveToOuterDisposeScope();
        }
    }
}
