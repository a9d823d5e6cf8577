using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// TransUNet (Chen et al., "TransUNet: Transformers Make Strong Encoders for Medical Image Segmentation", 2021), R50+ViT-B/16 with three
/// skips: a ResNet-50 down to H/16, a Vision Transformer (Dosovitskiy et al., ICLR 2021) on its 16 x 16 pixels, and a cascaded upsampler.
/// N x channels x 256 x 256 in, N x outputs x 256 x 256 logits out.
/// </summary>
/// <remarks>
/// Names, order and wiring as in the benchmark of CMUNeXt's authors (FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT), which builds
/// it for 256 x 256 and, other than the paper, starts from no pretrained weights. It repeats an image of one channel three times; here
/// the first convolution takes as many channels as the image has. Upsampling is bilinear with aligned corners.
/// </remarks>
internal sealed class TransUNetModule : NetworkModule
{
    /// <summary>The side of the grid that the transformer works on: 256 / 16.</summary>
    private const int Grid = 16;

    private const int Hidden = 768;
    private const double Dropout = 0.1;

    private readonly Embeddings embeddings;
    private readonly Encoder encoder = new();
    private readonly Decoder decoder = new();
    private readonly Conv2d head;

    public TransUNetModule(int channels, int outputs)
        : base("TransUNet")
    {
        embeddings = new Embeddings(channels);
        head = Conv2d(16, outputs, 3, padding: 1);
        this.Register("net", new ModuleGroup(
            ("transformer", new ModuleGroup(("embeddings", embeddings), ("encoder", encoder))),
            ("decoder", decoder),
            ("segmentation_head", ModuleList(head))));
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor tokens, Tensor[] skips) = embeddings.call(x);
        Tensor encoded = encoder.call(tokens).transpose(1, 2).unflatten(2, Grid, Grid);
        return head.call(decoder.call((encoded, skips))).MoveToOuterDisposeScope();
    }

    /// <summary>The pixels of the convolutional features as tokens, with their places.</summary>
    private sealed class Embeddings : NetworkModule<Tensor, (Tensor Tokens, Tensor[] Skips)>
    {
        private readonly ResNetV2 backbone;
        private readonly Conv2d projection;

        public Embeddings(int channels)
            : base(nameof(Embeddings))
        {
            RegisterParameter("position_embeddings", zeros(1, Grid * Grid, Hidden));
            backbone = this.Register("hybrid_model", new ResNetV2(channels));
            projection = this.Register("patch_embeddings", Conv2d(ResNetV2.OutputChannels, Hidden, 1));
        }

        /// <returns>N x 256 x 768, and the skips of <see cref="ResNetV2"/>.</returns>
        public override (Tensor Tokens, Tensor[] Skips) forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor features, Tensor[] skips) = backbone.call(x);
            Tensor tokens = projection.call(features).flatten(2).transpose(1, 2) + get_parameter("position_embeddings")!;
            tokens = functional.dropout(tokens, Dropout, training);
            return (tokens.MoveToOuterDisposeScope(), [.. skips.Select(skip => skip.MoveToOuterDisposeScope())]);
        }
    }

    /// <summary>The twelve blocks of a ViT-B, N x 256 x 768 in and out.</summary>
    private sealed class Encoder : NetworkModule
    {
        private readonly Block[] blocks;
        private readonly LayerNorm normalization;

        public Encoder()
            : base(nameof(Encoder))
        {
            blocks = RegisterList("layer", Enumerable.Range(0, 12).Select(_ => new Block()));
            normalization = this.Register("encoder_norm", LayerNorm(Hidden, 1e-6));
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            return normalization.call(blocks.Aggregate(x, (tokens, block) => block.call(tokens))).MoveToOuterDisposeScope();
        }
    }

    private sealed class Block : NetworkModule
    {
        private readonly LayerNorm attentionNormalization;
        private readonly LayerNorm mlpNormalization;
        private readonly Mlp mlp;
        private readonly Attention attention;

        public Block()
            : base(nameof(Block))
        {
            attentionNormalization = this.Register("attention_norm", LayerNorm(Hidden, 1e-6));
            mlpNormalization = this.Register("ffn_norm", LayerNorm(Hidden, 1e-6));
            mlp = this.Register("ffn", new Mlp(Hidden, 4 * Hidden, Dropout));
            attention = this.Register("attn", new Attention());
            foreach (Linear layer in (Linear[])[mlp.First, mlp.Second])
            {
                init.xavier_uniform_(layer.weight!);
                init.normal_(layer.bias!, 0, 1e-6);
            }
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = x + attention.call(attentionNormalization.call(x));
            return (y + mlp.call(mlpNormalization.call(y))).MoveToOuterDisposeScope();
        }
    }

    private sealed class Attention : NetworkModule
    {
        private const int Heads = 12;

        private readonly Linear[] projections;
        private readonly Linear output;

        public Attention()
            : base(nameof(Attention))
        {
            projections = [.. ((string[])["query", "key", "value"]).Select(name => this.Register(name, Linear(Hidden, Hidden)))];
            output = this.Register("out", Linear(Hidden, Hidden));
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor projected = cat([.. projections.Select(projection => projection.call(x))], -1);
            return output.call(SelfAttention.Attend(projected, Heads)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>The cascaded upsampler: four times bilinear upsampling by 2, the skip where there is one, and two convolutions.</summary>
    private sealed class Decoder : NetworkModule<(Tensor Features, Tensor[] Skips), Tensor>
    {
        private readonly Sequential entry;
        private readonly (Sequential First, Sequential Second, Upsample Up)[] blocks;

        public Decoder()
            : base(nameof(Decoder))
        {
            entry = this.Register("conv_more", ConvolutionBlock(Hidden, 512));
            blocks = [.. new (int Input, int Skip, int Output)[]
            {
                (512, 512, 256), (256, 256, 128), (128, 64, 64), (64, 0, 16),
            }.Select(block => (
                ConvolutionBlock(block.Input + block.Skip, block.Output),
                ConvolutionBlock(block.Output, block.Output),
                Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: true)))];
            RegisterList(
                "blocks", blocks.Select(block => new ModuleGroup(("conv1", block.First), ("conv2", block.Second), ("up", block.Up))));
        }

        /// <param name="input">N x 768 x H/16 x W/16, and the skips, the largest first.</param>
        /// <returns>N x 16 x H x W.</returns>
        public override Tensor forward((Tensor Features, Tensor[] Skips) input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor[] skips = input.Skips;
            Tensor y = entry.call(input.Features);
            for (int i = 0; i < blocks.Length; i++)
            {
                y = blocks[i].Up.call(y);
                y = i < skips.Length ? cat([y, skips[^(i + 1)]], 1) : y;
                y = blocks[i].Second.call(blocks[i].First.call(y));
            }

            return y.MoveToOuterDisposeScope();
        }

        private static Sequential ConvolutionBlock(int input, int output) =>
            Sequential(Conv2d(input, output, 3, padding: 1, bias: false), BatchNorm2d(output), ReLU());
    }
}
