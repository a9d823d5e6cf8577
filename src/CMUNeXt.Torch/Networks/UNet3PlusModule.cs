using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// U-Net3+ (Huang et al., "UNet 3+: A Full-Scale Connected UNet for Medical Image Segmentation", ICASSP 2020) as the authors of CMUNeXt
/// compare with it (github.com/FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT): written anew after that, with its names and order
/// of tensors. Every level of the decoder takes all five scales. As compared, it has neither the deep supervision nor the
/// classification of the paper, its maps are interpolated as the framework does by default, and it starts from PyTorch's values.
/// N x channels x H x W in, N x outputs x H x W logits out; H and W are multiples of 16.
/// </summary>
internal sealed class UNet3PlusModule : NetworkModule
{
    private const int Levels = 5;

    /// <summary>The channels of each scale in a level of the decoder, and of all five.</summary>
    private const int ScaleWidth = 64;
    private const int FusedWidth = Levels * ScaleWidth;

    private static readonly int[] Widths = [64, 128, 256, 512, 1024];

    private readonly EncoderBlock[] encoders;
    private readonly DecoderLevel[] decoders = new DecoderLevel[Levels - 1];
    private readonly Conv2d head;
    private readonly MaxPool2d pool = nn.MaxPool2d(2, 2);

    public UNet3PlusModule(int channels, int outputs)
        : base("UNet3Plus")
    {
        encoders =
        [
            .. Widths.Select((width, i) => this.Register($"conv{i + 1}", new EncoderBlock(i == 0 ? channels : Widths[i - 1], width))),
        ];
        for (int level = Levels - 2; level >= 0; level--)
        {
            // Its tensors have names of this module's own: it is no module.
            decoders[level] = new DecoderLevel(this, level);
        }

        head = this.Register("outconv1", Conv2d(FusedWidth, outputs, 3, padding: 1));
    }

    public override Tensor forward(Tensor input)
    {
        // Encoder features, from the bottom up replaced by the decoder's.
        Tensor[] features = new Tensor[Levels];
        Tensor x = input;
        for (int i = 0; i < Levels; i++)
        {
            x = features[i] = encoders[i].call(i == 0 ? x : pool.call(x));
        }

        for (int level = Levels - 2; level >= 0; level--)
        {
            features[level] = decoders[level].Compute(features);
        }

        return head.call(features[0]);
    }

    /// <summary>
    /// A level of the decoder: the encoder's maps above and beside it pooled, the decoder's below it interpolated, all joined.
    /// </summary>
    private sealed class DecoderLevel
    {
        private readonly (Module<Tensor, Tensor>? Resize, Conv2d Convolution, BatchNorm2d Normalization)[] scales;
        private readonly Conv2d fusion;
        private readonly BatchNorm2d normalization;

        public DecoderLevel(Module parent, int level)
        {
            scales = [.. Enumerable.Range(0, Levels).Select(source =>
            {
                string name = source < level ? $"h{source + 1}_PT_hd{level + 1}"
                    : source == level ? $"h{source + 1}_Cat_hd{level + 1}"
                    : $"hd{source + 1}_UT_hd{level + 1}";
                int width = source > level && source < Levels - 1 ? FusedWidth : Widths[source];
                long factor = 1L << Math.Abs(source - level);
                Module<Tensor, Tensor>? resize = source < level ? nn.MaxPool2d(factor, factor)
                    : source == level ? null
                    : nn.Upsample(scale_factor: [factor, factor], mode: UpsampleMode.Bilinear, align_corners: false);
                if (resize is not null)
                {
                    parent.Register(name, resize);
                }

                return (resize, parent.Register($"{name}_conv", Conv2d(width, ScaleWidth, 3, padding: 1)), parent.Register(
                    $"{name}_bn", BatchNorm2d(ScaleWidth)));
            })];
            fusion = parent.Register($"conv{level + 1}d_1", Conv2d(FusedWidth, FusedWidth, 3, padding: 1));
            normalization = parent.Register($"bn{level + 1}d_1", BatchNorm2d(FusedWidth));
        }

        public Tensor Compute(Tensor[] features)
        {
            Tensor joined = cat([.. scales.Select((scale, source) => NormalizedConvolution.Compute(
                scale.Resize is { } resize ? resize.call(features[source]) : features[source], scale.Convolution,
                scale.Normalization).relu_())], 1);
            return NormalizedConvolution.Compute(joined, fusion, normalization).relu_();
        }
    }

    /// <summary>Twice a 3x3 convolution, normalization and ReLU.</summary>
    private sealed class EncoderBlock : NetworkModule
    {
        private readonly LayerSequence[] convolutions;

        public EncoderBlock(int input, int output)
            : base(nameof(EncoderBlock)) =>
            convolutions = [.. ((int[])[input, output]).Select((width, i) =>
                this.Register(
                    $"conv{i + 1}", new LayerSequence(Conv2d(width, output, 3, padding: 1), BatchNorm2d(output), ReLU(inplace: true))))];

        public override Tensor forward(Tensor x) => convolutions.Aggregate(x, (y, layers) => layers.call(y));
    }
}
